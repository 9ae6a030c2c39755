// SPDX-License-Identifier: Apache-2.0
#include "mix_pad.hpp"

#include "gstpp/properties.hpp"
#include "sound/frame.hpp"

GST_DEBUG_CATEGORY_EXTERN(smoothstepmix_debug);
#define GST_CAT_DEFAULT smoothstepmix_debug

namespace infinara {
namespace {

using sound::VoiceState;

GType state_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(VoiceState::kFilling), "Waits for its turn, not enough to start",
       "filling"},
      {static_cast<int>(VoiceState::kReady), "Waits for its turn, could start", "ready"},
      {static_cast<int>(VoiceState::kPlaying), "Is heard", "playing"},
      {static_cast<int>(VoiceState::kDone), "Was played, cut short, or empty", "done"},
      {0, nullptr, nullptr}};
  static const GType type = gstpp::enum_type("InfinaraSmoothstepMixPadState", values);
  return type;
}

}  // namespace

void MixPad::class_init(BaseClass* klass) {
  gstpp::Properties<MixPad>(klass)
      .flag<&Settings::parked>(
          "parked", "Parked",
          "Whether this track waits outside the play order, keeping what it has buffered; set to "
          "false it joins the end of the play order. Has no effect on a track that is heard.",
          gstpp::kPlaying)
      .read_choice<&MixPad::state>("state", "State", "What has become of this track so far.",
                                   state_type())
      .read<&MixPad::position>("position", "Position",
                               "How much of this track was played, in nanoseconds.")
      .read<&MixPad::queued>("queued", "Queued",
                             "How much of this track waits in memory, in nanoseconds.")
      .read<&MixPad::gain>("gain", "Gain",
                           "The factor at which this track is heard now: 0 silent, 1 in full.");
}

MixPad::MixPad(Base& self) : pad_(self) {
  gst_segment_init(&segment, GST_FORMAT_UNDEFINED);
}

void MixPad::attach(std::shared_ptr<Desk> desk, sound::VoiceId voice) {
  desk_ = std::move(desk);
  voice_ = voice;
}

void MixPad::changed(const char*) {
  if (!desk_) return;
  bool parked;
  {
    const gstpp::ObjectLock lock(&pad_);
    parked = settings.parked;
  }
  bool accepted;
  {
    const std::lock_guard lock(desk_->lock);
    accepted = desk_->mix.park(voice_, parked);
    desk_->wake.notify_one();
  }
  if (accepted) return;
  if (parked) GST_WARNING_OBJECT(&pad_, "is not parked: it is heard already, or done");
  const gstpp::ObjectLock lock(&pad_);
  settings.parked = false;
}

void MixPad::set_flushing(bool flushing) {
  flushing_ = flushing;
  moved_.notify_all();
}

void MixPad::invite(bool eager) {
  // Half a second at a time: a switch of threads for every frame would cost more than the mixing.
  constexpr std::int64_t kWorthwhile = sound::kRate / 2;
  if (waiting_ && desk_->mix.room(voice_) > (eager ? 0 : kWorthwhile)) {
    waiting_ = false;
    moved_.notify_all();
  }
}

GstFlowReturn MixPad::feed(std::unique_lock<std::mutex>& lock,
                           std::span<const std::int16_t> samples) {
  const auto is_done = [this] {
    return desk_->mix.status(voice_).state == sound::VoiceState::kDone;
  };
  while (!flushing_ && !is_done() && desk_->mix.room(voice_) <= 0) {
    desk_->wake.notify_one();  // a task that waits for this look-ahead has it in full now
    waiting_ = true;
    moved_.wait(lock);
  }
  waiting_ = false;
  if (flushing_) return GST_FLOW_FLUSHING;
  if (is_done()) return GST_FLOW_EOS;
  desk_->mix.write(voice_, samples);
  return GST_FLOW_OK;
}

sound::Mix::Status MixPad::status() const {
  if (!desk_) return {};
  const std::lock_guard lock(desk_->lock);
  return desk_->mix.status(voice_);
}

guint64 MixPad::position() const {
  return static_cast<guint64>(sound::ns_from_samples(status().played));
}

guint64 MixPad::queued() const {
  return static_cast<guint64>(sound::ns_from_samples(status().queued));
}

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "mix_pad.hpp"

#include <gst/audio/audio.h>

#include <algorithm>
#include <array>

#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
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
                           "The factor at which this track is heard now: 0 silent, 1 in full.", 0,
                           1);
}

MixPad::MixPad(Base& self) : pad_(self) {
  gst_segment_init(&segment_, GST_FORMAT_UNDEFINED);
}

void MixPad::attach(std::shared_ptr<Desk> desk, sound::VoiceId voice) {
  desk_ = std::move(desk);
  voice_ = voice;
  gst_pad_set_chain_function(&pad_, gstpp::pad_function<&MixPad::chain>);
  gst_pad_set_event_function(&pad_, gstpp::pad_function<&MixPad::event>);
  gst_pad_set_query_function(&pad_, gstpp::pad_function<&MixPad::query>);
  gst_pad_set_activatemode_function(&pad_, gstpp::pad_function<&MixPad::activate>);
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

GstFlowReturn MixPad::chain(GstObject* mixer, GstBuffer* raw) {
  auto buffer = gstpp::Ref<GstBuffer>::adopt(raw);
  if (segment_.format == GST_FORMAT_TIME) {
    buffer = gstpp::Ref<GstBuffer>::adopt(
        gst_audio_buffer_clip(buffer.release(), &segment_, sound::kRate, sound::kChannels * 2));
    if (!buffer) return GST_FLOW_OK;
  }
  const gstpp::Map map(buffer, GST_MAP_READ);
  auto samples = map.as<const std::int16_t>();
  samples = samples.first(samples.size() / sound::kChannels * sound::kChannels);
  std::unique_lock lock(desk_->lock);
  const auto flow = feed(lock, samples);
  desk_->tell(lock, *GST_ELEMENT(mixer));
  return flow;
}

gboolean MixPad::event(GstObject* mixer, GstEvent* raw) {
  const auto event = gstpp::Ref<GstEvent>::adopt(raw);
  switch (GST_EVENT_TYPE(raw)) {
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment(event, &segment_);
      break;
    case GST_EVENT_TAG: {
      GstTagList* list = nullptr;
      gst_event_parse_tag(event, &list);
      tag(list);
      break;
    }
    case GST_EVENT_GAP:
      feed_silence(*GST_ELEMENT(mixer), event);
      break;
    case GST_EVENT_EOS: {
      std::unique_lock lock(desk_->lock);
      desk_->mix.end(voice_);
      desk_->wake.notify_one();
      desk_->tell(lock, *GST_ELEMENT(mixer));
      break;
    }
    case GST_EVENT_FLUSH_START: {
      const std::lock_guard lock(desk_->lock);
      set_flushing(true);
      break;
    }
    case GST_EVENT_FLUSH_STOP: {
      gst_segment_init(&segment_, GST_FORMAT_UNDEFINED);
      const std::lock_guard lock(desk_->lock);
      desk_->mix.flush(voice_);
      set_flushing(false);
      break;
    }
    default:
      break;  // the programme has a stream of its own: nothing of a track's goes downstream
  }
  return TRUE;
}

void MixPad::tag(const GstTagList* list) {
  const std::lock_guard lock(desk_->lock);
  if (desk_->mix.status(voice_).state != sound::VoiceState::kDone) desk_->titles.add(voice_, list);
}

/// A hole in a track is silence in it.
void MixPad::feed_silence(GstElement& mixer, GstEvent* gap) {
  static constexpr std::array<std::int16_t, sound::kFrameValues> silence{};
  GstClockTime duration = 0;
  gst_event_parse_gap(gap, nullptr, &duration);
  if (!GST_CLOCK_TIME_IS_VALID(duration)) return;
  auto left = gst_util_uint64_scale(duration, sound::kRate, GST_SECOND);
  std::unique_lock lock(desk_->lock);
  while (left > 0) {
    const auto count = std::min<guint64>(left, sound::kFrame);
    if (feed(lock, std::span(silence).first(count * sound::kChannels)) != GST_FLOW_OK) break;
    left -= count;
  }
  desk_->tell(lock, mixer);
}

/// Writes samples to the track as soon as there is room: on the streaming thread, desk locked.
GstFlowReturn MixPad::feed(std::unique_lock<std::mutex>& held,
                           std::span<const std::int16_t> samples) {
  const auto is_done = [this] {
    return desk_->mix.status(voice_).state == sound::VoiceState::kDone;
  };
  while (!flushing_ && !is_done() && desk_->mix.room(voice_) <= 0) {
    desk_->wake.notify_one();  // a task that waits for this look-ahead has it in full now
    waiting_ = true;
    moved_.wait(held);
  }
  waiting_ = false;
  if (flushing_) return GST_FLOW_FLUSHING;
  if (is_done()) return GST_FLOW_EOS;
  desk_->mix.write(voice_, samples);
  return GST_FLOW_OK;
}

gboolean MixPad::query(GstObject* mixer, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_CAPS:
    case GST_QUERY_ACCEPT_CAPS:
      return gst_pad_query_default(&pad_, mixer, query);
    default:
      return FALSE;
  }
}

gboolean MixPad::activate(GstObject*, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  const std::lock_guard lock(desk_->lock);
  set_flushing(active == FALSE);
  return TRUE;
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

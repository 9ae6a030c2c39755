// SPDX-License-Identifier: Apache-2.0
#include "mix_pad.hpp"

#include <gst/audio/audio.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
#include "gstpp/stream.hpp"
#include "onair/joins.hpp"
#include "onair/track_tags.hpp"
#include "sound/frame.hpp"

GST_DEBUG_CATEGORY_EXTERN(smoothstepmix_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
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

void MixPad::attach(std::shared_ptr<MixShared> shared, sound::VoiceId voice) {
  shared_ = std::move(shared);
  voice_ = voice;
  gst_pad_set_chain_function(&pad_, gstpp::pad_function<&MixPad::chain>);
  gst_pad_set_event_function(&pad_, gstpp::pad_function<&MixPad::event>);
  gst_pad_set_query_function(&pad_, gstpp::pad_function<&MixPad::query>);
  gst_pad_set_activatemode_function(&pad_, gstpp::pad_function<&MixPad::activate>);
}

void MixPad::changed(const char*) {
  if (!shared_) return;
  bool parked;
  {
    const gstpp::ObjectLock lock(&pad_);
    parked = settings.parked;
  }
  bool accepted;
  {
    const std::lock_guard lock(shared_->lock);
    accepted = shared_->mix.park(voice_, parked);
    shared_->wake.notify_one();
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
  if (waiting_ && shared_->mix.room(voice_) > (eager ? 0 : kWorthwhile)) {
    waiting_ = false;
    moved_.notify_all();
  }
}

void MixPad::take_all() {
  if (in_hand_.empty()) return;
  shared_->mix.write(voice_, std::exchange(in_hand_, {}));
  if (std::exchange(has_found_, false)) describe();
  moved_.notify_all();
}

GstFlowReturn MixPad::chain(GstObject* mixer, GstBuffer* raw) {
  auto buffer = gstpp::Ref<GstBuffer>::adopt(raw);
  if (!converter_.has_caps() && set_caps(*GST_ELEMENT(mixer), nullptr) == FALSE)
    return GST_FLOW_NOT_NEGOTIATED;
  if (segment_.format == GST_FORMAT_TIME) {
    buffer = gstpp::Ref<GstBuffer>::adopt(gst_audio_buffer_clip(
        buffer.release(), &segment_, converter_.rate(), converter_.bytes_a_frame()));
    if (!buffer) return GST_FLOW_OK;
  }
  std::optional<gstpp::Map> map;
  std::span<const std::int16_t> samples;
  if (converter_.is_needed()) {
    samples = converter_.convert(buffer);
  } else {
    map.emplace(buffer, GST_MAP_READ);
    samples = map->as<const std::int16_t>();
    samples = samples.first(samples.size() / sound::kChannels * sound::kChannels);
  }
  analyse(samples);
  std::unique_lock lock(shared_->lock);
  const auto flow = feed(lock, samples);
  shared_->tell(lock, *GST_ELEMENT(mixer));
  return flow;
}

/// False, with an error that says what to add, for what the mixer cannot convert. Null: there were
/// no caps.
gboolean MixPad::set_caps(GstElement& mixer, const GstCaps* caps) {
  drain(mixer);
  if (caps != nullptr && converter_.set_caps(caps)) {
    refused_ = false;
    return TRUE;
  }
  if (std::exchange(refused_, true)) return FALSE;  // upstream tries again and again
  const gstpp::String format(caps != nullptr ? gst_caps_to_string(caps) : nullptr);
  const bool is_raw = format && g_str_has_prefix(format.get(), "audio/x-raw") != FALSE;
  GST_ELEMENT_ERROR_WITH_DETAILS(
      &mixer, STREAM, WRONG_TYPE,
      ("%s", is_raw ? "The mixer cannot convert this track, whose channels have no positions. Put "
                      "audioconvert with a mix-matrix before the mixer."
                    : "The mixer plays raw audio, and this track is none. Put decodebin before the "
                      "mixer."),
      ("pad %s got %s", GST_PAD_NAME(&pad_), format ? format.get() : "data without caps"),
      ("pad", G_TYPE_STRING, GST_PAD_NAME(&pad_), nullptr));
  return FALSE;
}

/// What is left inside of the converter becomes part of the track.
void MixPad::drain(GstElement& mixer) {
  const auto rest = converter_.drain();
  if (rest.empty()) return;
  analyse(rest);
  std::unique_lock lock(shared_->lock);
  feed(lock, rest);
  shared_->tell(lock, mixer);
}

gboolean MixPad::event(GstObject* mixer, GstEvent* raw) {
  const auto event = gstpp::Ref<GstEvent>::adopt(raw);
  switch (GST_EVENT_TYPE(raw)) {
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event, &caps);
      return set_caps(*GST_ELEMENT(mixer), caps);
    }
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
      drain(*GST_ELEMENT(mixer));
      look(true);
      std::unique_lock lock(shared_->lock);
      if (std::exchange(has_found_, false)) describe();
      shared_->mix.end(voice_);
      shared_->wake.notify_one();
      shared_->tell(lock, *GST_ELEMENT(mixer));
      break;
    }
    case GST_EVENT_FLUSH_START: {
      const std::lock_guard lock(shared_->lock);
      set_flushing(true);
      break;
    }
    case GST_EVENT_FLUSH_STOP: {
      gst_segment_init(&segment_, GST_FORMAT_UNDEFINED);
      converter_.flush();
      refused_ = begun_ = false;
      const std::lock_guard lock(shared_->lock);
      found_ = {};
      shared_->mix.flush(voice_);
      set_flushing(false);
      break;
    }
    default:
      break;  // the programme has a stream of its own: nothing of a track's goes downstream
  }
  return TRUE;
}

void MixPad::tag(const GstTagList* list) {
  const std::lock_guard lock(shared_->lock);
  if (shared_->mix.status(voice_).state != sound::VoiceState::kDone)
    shared_->titles.add(voice_, list);
  music::Track track;
  onair::read_tags(shared_->titles.of(voice_), track);
  told_ = onair::cues_of(track);
  told_bpm_ = track.bpm.value_or(0);
  describe();
}

/// Tells the mix the beats: those of the tags, or else those that were found. Shared state locked.
void MixPad::describe() {
  auto cues = told_;
  if (!cues.grid) {
    cues.grid = found_.grid;
    cues.last = found_.last;
    cues.in = found_.in;
    if (!cues.out) cues.out = found_.out;
  }
  shared_->mix.describe(voice_, cues);
}

/// Looks for the beats in what is written next, on the track's own thread, where joins are planned
/// and the track's source does not tell the beats.
void MixPad::analyse(std::span<const std::int16_t> samples) {
  constexpr std::int64_t kEvery = 8 * sound::kRate, kLast = 40 * sound::kRate;
  if (!std::exchange(begun_, true)) {
    const std::lock_guard lock(shared_->lock);
    const bool is_planned = shared_->mix.settings().join == sound::JoinStyle::kPlanned;
    finder_ = is_planned && !told_.grid ? std::make_unique<sound::BeatFinder>() : nullptr;
    looked_ = 0;
  }
  if (!finder_) return;
  finder_->listen(samples);
  if (looked_ < kLast && finder_->heard() >= looked_ + kEvery) look(false);
}

void MixPad::look(bool is_whole) {
  constexpr std::int64_t kSilence = sound::kRate / 10;  // shorter ones are let be
  if (!finder_) return;
  looked_ = finder_->heard() / (8 * sound::kRate) * (8 * sound::kRate);
  auto found = found_;
  const auto grid_of = [](const std::optional<sound::BeatFinder::Found>& beats) {
    return beats && beats->is_sure() ? std::optional(beats->grid) : std::nullopt;
  };
  found.grid = grid_of(finder_->head(told_bpm_));
  if (const auto begin = finder_->audible_begin(); begin && *begin > kSilence) found.in = *begin;
  if (is_whole) {
    found.last = grid_of(finder_->tail(told_bpm_));
    found.out = finder_->audible_end();
    finder_.reset();
  }
  GST_DEBUG_OBJECT(&pad_, "beats: %s", found.grid ? "found" : "none");
  const std::lock_guard lock(shared_->lock);
  found_ = found;
  has_found_ = true;
}

/// Writes silence for a GAP event.
void MixPad::feed_silence(GstElement& mixer, GstEvent* gap) {
  static constexpr std::array<std::int16_t, sound::kFrameValues> silence{};
  GstClockTime duration = 0;
  gst_event_parse_gap(gap, nullptr, &duration);
  if (!GST_CLOCK_TIME_IS_VALID(duration)) return;
  auto left = gst_util_uint64_scale(duration, sound::kRate, GST_SECOND);
  std::unique_lock lock(shared_->lock);
  while (left > 0) {
    const auto count = std::min<guint64>(left, sound::kFrame);
    const auto part = std::span(silence).first(count * sound::kChannels);
    lock.unlock();
    analyse(part);
    lock.lock();
    if (feed(lock, part) != GST_FLOW_OK) break;
    left -= count;
  }
  shared_->tell(lock, mixer);
}

/// Writes samples to the track as soon as there is room: on the streaming thread, shared state
/// locked.
GstFlowReturn MixPad::feed(std::unique_lock<std::mutex>& held,
                           std::span<const std::int16_t> samples) {
  // GStreamer does not tell a pad that the thread in its chain function is to stop. Without a look
  // upstream, setting a source to NULL would wait until there is room.
  constexpr std::chrono::milliseconds kLook{100};
  in_hand_ = samples;
  bool cut_off = false;
  while (!flushing_ && !cut_off && shared_->mix.is_open(voice_) && shared_->mix.room(voice_) <= 0) {
    shared_->wake.notify_one();  // a task that waits for this look-ahead has it in full now
    waiting_ = true;
    if (moved_.wait_for(held, kLook) == std::cv_status::no_timeout) continue;
    held.unlock();
    cut_off = gstpp::is_cut_off(&pad_);
    held.lock();
  }
  waiting_ = false;
  const auto left = std::exchange(in_hand_, {});
  if (flushing_ || cut_off) return GST_FLOW_FLUSHING;
  if (!samples.empty() && left.empty()) return GST_FLOW_OK;  // take_all() has written it
  if (!shared_->mix.is_open(voice_)) return GST_FLOW_EOS;
  shared_->mix.write(voice_, left);
  if (std::exchange(has_found_, false)) describe();
  return GST_FLOW_OK;
}

gboolean MixPad::query(GstObject* mixer, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_CAPS:
      return gst_pad_query_default(&pad_, mixer, query);
    case GST_QUERY_ACCEPT_CAPS:  // what is wrong with them is said when they come
      gst_query_set_accept_caps_result(query, TRUE);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean MixPad::activate(GstObject*, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  const std::lock_guard lock(shared_->lock);
  set_flushing(active == FALSE);
  return TRUE;
}

sound::Mix::Status MixPad::status() const {
  if (!shared_) return {};
  const std::lock_guard lock(shared_->lock);
  return shared_->mix.status(voice_);
}

guint64 MixPad::position() const {
  return static_cast<guint64>(sound::ns_from_samples(status().played));
}

guint64 MixPad::queued() const {
  return static_cast<guint64>(sound::ns_from_samples(status().queued));
}

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "mix_output.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <utility>

#include "pcm_caps.hpp"
#include "sound/frame.hpp"

GST_DEBUG_CATEGORY_EXTERN(smoothstepmix_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
#define GST_CAT_DEFAULT smoothstepmix_debug

namespace infinara {
namespace {

constexpr std::chrono::seconds kPatience{2};  // with an application that links no track

}  // namespace

GstStaticPadTemplate& MixOutput::pad_template() {
  static GstStaticPadTemplate made =
      GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kPcmCaps));
  return made;
}

MixOutput::MixOutput(GstElement& element, std::shared_ptr<MixShared> shared)
    : element_(element),
      shared_(std::move(shared)),
      src_(gst_pad_new_from_static_template(&pad_template(), "src")),
      clock_(element) {
  gst_pad_use_fixed_caps(src_);
}

gboolean MixOutput::event(GstEvent* raw) {
  const auto owned = gstpp::Ref<GstEvent>::adopt(raw);
  switch (GST_EVENT_TYPE(raw)) {
    case GST_EVENT_LATENCY: {
      GstClockTime latency = 0;
      gst_event_parse_latency(raw, &latency);
      const std::lock_guard lock(shared_->lock);
      clock_.set_latency(static_cast<std::int64_t>(latency));
      return TRUE;
    }
    case GST_EVENT_QOS:
    case GST_EVENT_RECONFIGURE:
      return TRUE;
    default:
      return FALSE;  // a programme cannot be sought in
  }
}

gboolean MixOutput::query(GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_LATENCY:
      answer_latency(query);
      return TRUE;
    case GST_QUERY_POSITION: {
      GstFormat format;
      gst_query_parse_position(query, &format, nullptr);
      if (format != GST_FORMAT_TIME) return FALSE;
      const std::lock_guard lock(shared_->lock);
      gst_query_set_position(query, format, sound::ns_from_samples(shared_->mix.position()));
      return TRUE;
    }
    case GST_QUERY_SEEKING: {
      GstFormat format;
      gst_query_parse_seeking(query, &format, nullptr, nullptr, nullptr);
      gst_query_set_seeking(query, format, FALSE, 0, -1);
      return TRUE;
    }
    case GST_QUERY_CAPS:
    case GST_QUERY_ACCEPT_CAPS:
      return gst_pad_query_default(src_, GST_OBJECT(&element_), query);
    default:
      return FALSE;
  }
}

/// A live programme is a source of its own. Another is as live as its tracks, and plays the first
/// sample of one when its look-ahead is full.
void MixOutput::answer_latency(GstQuery* query) {
  GstClockTime ahead = 0;
  {
    const std::lock_guard lock(shared_->lock);
    if (live_) return gst_query_set_latency(query, TRUE, sound::kFrameNs, GST_CLOCK_TIME_NONE);
    ahead = static_cast<GstClockTime>(sound::ns_from_samples(shared_->mix.look_ahead()));
  }
  struct {
    bool is_live = false;
    GstClockTime least = 0;
  } tracks;
  gst_element_foreach_sink_pad(
      &element_,
      [](GstElement*, GstPad* pad, gpointer data) -> gboolean {
        const auto asked = gstpp::Ref<GstQuery>::adopt(gst_query_new_latency());
        gboolean is_live = FALSE;
        GstClockTime least = 0;
        if (gst_pad_peer_query(pad, asked) == FALSE) return TRUE;
        gst_query_parse_latency(asked, &is_live, &least, nullptr);
        auto& all = *static_cast<decltype(tracks)*>(data);
        if (is_live != FALSE) all = {true, std::max(all.least, least)};
        return TRUE;
      },
      &tracks);
  gst_query_set_latency(query, tracks.is_live, tracks.is_live ? tracks.least + ahead : 0,
                        GST_CLOCK_TIME_NONE);
}

gboolean MixOutput::activate(GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  return active ? start_task() : gst_pad_stop_task(src_);
}

gboolean MixOutput::start_task() {
  return gst_pad_start_task(
      src_, [](gpointer self) { static_cast<MixOutput*>(self)->loop(); }, this, nullptr);
}

void MixOutput::start(bool is_live) {
  const std::lock_guard lock(shared_->lock);
  live_ = is_live;
  running_ = true;
  ending_ = false;
  flushing_ = false;
  clock_.reset();
}

void MixOutput::play() {
  const std::lock_guard lock(shared_->lock);
  clock_.set_playing(true);
  shared_->wake.notify_one();
}

void MixOutput::pause() {
  const std::lock_guard lock(shared_->lock);
  clock_.set_playing(false);
  clock_.interrupt();
  shared_->wake_everybody();
}

void MixOutput::stop() {
  const std::lock_guard lock(shared_->lock);
  running_ = false;
  clock_.interrupt();
  shared_->wake_everybody();
}

void MixOutput::reset() {
  const std::lock_guard lock(shared_->lock);
  shared_->reset();
  open_ = has_segment_ = false;
  segment_start_ = 0;
  discont_ = true;
  tagged_ = false;
  has_warned_ = false;
}

bool MixOutput::end() {
  const std::lock_guard lock(shared_->lock);
  if (!running_) return false;
  if (live_) {
    ending_ = true;
    clock_.interrupt();
    shared_->wake.notify_one();
  } else {
    shared_->close();
  }
  return true;
}

bool MixOutput::flush(gstpp::Ref<GstEvent> event) {
  const bool stops = GST_EVENT_TYPE(event.get()) == GST_EVENT_FLUSH_STOP;
  gboolean resets_time = FALSE;
  if (stops) gst_event_parse_flush_stop(event, &resets_time);
  {
    const std::lock_guard lock(shared_->lock);
    if (!running_) return false;
    flushing_ = true;
    clock_.interrupt();
    shared_->wake.notify_one();
  }
  const bool done = gst_pad_push_event(src_, event.release()) != FALSE;
  if (!stops) return done;

  GST_PAD_STREAM_LOCK(src_);  // the task has paused, or does so now
  {
    const std::lock_guard lock(shared_->lock);
    flushing_ = false;
    if (resets_time != FALSE && live_) clock_.restart();
    if (resets_time != FALSE && !live_) segment_start_ = static_cast<GstClockTime>(clock_.due());
  }
  has_segment_ = false;
  discont_ = true;
  start_task();
  GST_PAD_STREAM_UNLOCK(src_);
  return done;
}

/// One frame.
void MixOutput::loop() {
  open_stream();
  auto buffer =
      gstpp::Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, sound::kFrameBytes, nullptr));
  gstpp::Ref<GstTagList> tags;
  auto turn = Turn::kGo;
  {
    std::unique_lock lock(shared_->lock);
    if (live_) turn = await_clock(lock);
    if (turn == Turn::kGo) {
      const gstpp::Map map(buffer, GST_MAP_WRITE);
      turn = fill(lock, map.as<std::int16_t>());
    }
    if (turn == Turn::kGo) {
      clock_.stamp(buffer);
      tags = shared_->take_tags(shared_->mix.position() - sound::kFrame);
      for (MixInput* input : shared_->inputs) input->invite(false);
    }
    shared_->tell(lock, element_);
    // Offline, what happens in a frame is posted before the frame goes out.
    if (!live_) shared_->wake.wait(lock, [this] { return !shared_->is_telling() || !running_; });
  }
  switch (turn) {
    case Turn::kGo:
      if (tags && (tagged_ || !gst_tag_list_is_empty(tags))) {
        tagged_ = true;
        gst_pad_push_event(src_, gst_event_new_tag(tags.release()));
      }
      if (std::exchange(discont_, false))
        GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
      return push(std::move(buffer));
    case Turn::kEnd:
      return finish();
    case Turn::kStop:
      return void(gst_pad_pause_task(src_));
  }
}

/// Until the frame is due: live programmes only.
MixOutput::Turn MixOutput::await_clock(std::unique_lock<std::mutex>& held) {
  for (;;) {
    if (!running_ || flushing_) return Turn::kStop;
    if (ending_) return Turn::kEnd;
    const auto decision = clock_.wait(held, *shared_);
    if (decision == MixClock::Decision::kNotYet) continue;
    if (decision == MixClock::Decision::kJumped) discont_ = true;
    return Turn::kGo;
  }
}

/// The frame's samples. A programme that is not live waits here for the tracks.
MixOutput::Turn MixOutput::fill(std::unique_lock<std::mutex>& held, std::span<std::int16_t> out) {
  std::int64_t done = 0;
  for (;;) {
    if (!running_ || flushing_) return Turn::kStop;
    if (!live_ && shared_->is_telling()) {  // an empty track may be replaced
      shared_->wake.wait(held);
      continue;
    }
    if (!live_ && done == 0 && shared_->mix.is_finished()) return Turn::kEnd;
    done += shared_->mix.render(out.subspan(static_cast<std::size_t>(done) * sound::kChannels));
    shared_->absorb_edits();
    if (done == sound::kFrame) return Turn::kGo;
    for (MixInput* input : shared_->inputs) input->invite(true);
    if (!shared_->tell(held, element_)) await_tracks(held);
  }
}

/// Until something has changed. A pipeline that links no track would wait for ever without a word.
void MixOutput::await_tracks(std::unique_lock<std::mutex>& held) {
  if (has_warned_ || !shared_->inputs.empty()) return shared_->wake.wait(held);
  if (shared_->wake.wait_for(held, kPatience) == std::cv_status::no_timeout ||
      !shared_->inputs.empty())
    return;
  has_warned_ = true;
  held.unlock();
  GST_ELEMENT_WARNING(&element_, CORE, PAD, ("No track is linked to the mixer; it waits for one."),
                      ("with is-live=false the programme begins with the first track on a pad "
                       "sink_%%u; an EOS sent to the element ends the waiting"));
  held.lock();
}

void MixOutput::open_stream() {
  if (!std::exchange(open_, true)) {
    const gstpp::String id(
        g_strdup_printf("smoothstepmix-%08x%08x", g_random_int(), g_random_int()));
    GstEvent* start = gst_event_new_stream_start(id.get());
    gst_event_set_group_id(start, gst_util_group_id_next());
    gst_pad_push_event(src_, start);
    const auto caps = gstpp::Ref<GstCaps>::adopt(gst_static_pad_template_get_caps(&pad_template()));
    gst_pad_push_event(src_, gst_event_new_caps(caps));
  }
  if (std::exchange(has_segment_, true)) return;
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = segment.time = segment.position = segment_start_;
  gst_pad_push_event(src_, gst_event_new_segment(&segment));
}

void MixOutput::push(gstpp::Ref<GstBuffer> buffer) {
  const auto flow = gst_pad_push(src_, buffer.release());
  if (flow == GST_FLOW_OK) return;
  GST_DEBUG_OBJECT(&element_, "stops: %s", gst_flow_get_name(flow));
  if (flow == GST_FLOW_FLUSHING) return void(gst_pad_pause_task(src_));
  if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS) GST_ELEMENT_FLOW_ERROR(&element_, flow);
  // Without an EOS of ours a sink that has had enough would keep the pipeline waiting.
  finish();
}

/// Nothing more goes out, and no track waits to be played.
void MixOutput::finish() {
  {
    const std::lock_guard lock(shared_->lock);
    shared_->close();
  }
  gst_pad_push_event(src_, gst_event_new_eos());
  gst_pad_pause_task(src_);
}

}  // namespace infinara

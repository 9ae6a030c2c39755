// SPDX-License-Identifier: Apache-2.0
/**
 * SECTION:element-trackgain
 *
 * Plays a decoded track as loud as the station: at -16 LUFS by the gain that its tags tell, with
 * peaks held below -2 dB between the samples too by a limiter that looks 5 ms ahead, and without
 * the silence at its begin and end that was measured; nor with more of a fade of its own than
 * leaves it 6 dB below its level, so that a crossfade has no dip. acestepsrc and every file with
 * ReplayGain has such tags; a track without is played as it is, but for the limiter.
 *
 * The tags have to come before the first buffer, as events or by the property `tags`; they go on
 * downstream in one event, without what was only for this element.
 *
 * Downstream the track begins at 0 with its first sample that is heard: positions, durations and
 * seeks are counted from there. It can be sought in where upstream can, forwards and by time. The
 * limiter holds back 5 ms, which a live pipeline is told as latency.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 acestepsrc location=http://127.0.0.1:8001 genre=jazz duration=60 ! decodebin
 * ! audioconvert ! audioresample ! trackgain ! audioconvert ! autoaudiosink
 * ]| A generated track, as loud as it would be on air.
 * |[
 * gst-launch-1.0 filesrc location=song.flac ! decodebin ! audioconvert ! audioresample ! trackgain
 * ! wavenc ! filesink location=song.wav
 * ]| A file with ReplayGain tags at -16 LUFS, nothing above -2.3 dBTP.
 */
#include <gst/audio/audio.h>
#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "audition/loudness_tags.hpp"
#include "elements.hpp"
#include "gstpp/element.hpp"
#include "gstpp/ref.hpp"
#include "pcm_caps.hpp"
#include "sound/frame.hpp"
#include "sound/presentation.hpp"

GST_DEBUG_CATEGORY_STATIC(trackgain_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
#define GST_CAT_DEFAULT trackgain_debug

namespace infinara {
namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/x-raw, format=(string)F32LE, rate=(int)48000, channels=(int)2, "
                    "layout=(string)interleaved, channel-mask=(bitmask)0x3"));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kPcmCaps));

constexpr int kFrameBytesIn = sound::kChannels * static_cast<int>(sizeof(float));

guint64 ns(std::int64_t samples) {
  return static_cast<guint64>(sound::ns_from_samples(samples));
}

/// What of a track is heard, in its own time. Downstream, that begins at 0.
struct Span {
  GstClockTime from = 0;
  GstClockTime until = GST_CLOCK_TIME_NONE;

  explicit Span(const sound::Presentation& how) {
    constexpr double kMost = 1e9;  // seconds
    if (how.from < kMost) from = static_cast<GstClockTime>(how.from * GST_SECOND);
    if (how.until < kMost) until = static_cast<GstClockTime>(how.until * GST_SECOND);
  }
  /// Unknown times stay unknown.
  GstClockTime downstream(GstClockTime time) const {
    if (!GST_CLOCK_TIME_IS_VALID(time)) return time;
    time = std::min(time, until);
    return time > from ? time - from : 0;
  }
  GstClockTime upstream(GstClockTime time) const {
    return GST_CLOCK_TIME_IS_VALID(time) ? std::min(time + from, until) : time;
  }
};

class TrackGain {
 public:
  using Base = GstElement;
  using BaseClass = GstElementClass;
  static constexpr const char* kTypeName = "InfinaraTrackGain";
  static GType base_type() { return GST_TYPE_ELEMENT; }
  static void class_init(BaseClass* klass);
  explicit TrackGain(Base& self);

 private:
  void set_property(guint, const GValue* value, GParamSpec*);
  void get_property(guint, GValue* value, GParamSpec*);
  GstStateChangeReturn change_state(GstStateChange transition);
  GstFlowReturn chain(GstPad* pad, GstBuffer* buffer);
  gboolean sink_event(GstPad* pad, GstEvent* event);
  gboolean src_event(GstPad* pad, GstEvent* event);
  gboolean src_query(GstPad* pad, GstQuery* query);

  void reset();
  void hear_tags(const GstTagList* tags);
  sound::Presentation presentation() const;
  void begin(GstClockTime time);
  void announce();
  void open_segment(const Span& span, std::int64_t first);
  void present(std::span<const float> samples, GstClockTime time);
  void feed_silence(GstEvent* gap);
  void drain();
  GstFlowReturn push();
  GstFlowReturn finish();
  bool seek(GstEvent* event);

  GstElement& self_;
  GstPad* sink_;  // both owned by the element
  GstPad* src_;
  gstpp::Ref<GstTagList> tags_;  // under the object lock

  // The streaming thread's own.
  std::optional<sound::Presenter> presenter_;
  bool announced_ = false;  // the caps and tags went out
  bool over_ = false;
  GstSegment in_{};
  GstSegment out_{};
  bool rebase_ = false;        // a segment went out before, so the next one follows it
  bool discont_ = true;        // of the next buffer
  std::int64_t position_ = 0;  // of the next sample that goes out
  std::vector<std::int16_t> ready_;

  std::atomic<guint64> told_position_ = 0;  // ns, for queries
};

void TrackGain::class_init(BaseClass* klass) {
  gst_element_class_add_static_pad_template(klass, &sink_template);
  gst_element_class_add_static_pad_template(klass, &src_template);
  gst_element_class_set_static_metadata(klass, "Track gain", "Filter/Effect/Audio",
                                        "Plays a decoded track at -16 LUFS by its tags, limits its "
                                        "peaks to -2.3 dBTP and leaves out the silence at its ends",
                                        "Infinara");
  gstpp::bind<&TrackGain::change_state>(klass->change_state);
  auto* object = G_OBJECT_CLASS(klass);
  gstpp::bind<&TrackGain::set_property>(object->set_property);
  gstpp::bind<&TrackGain::get_property>(object->get_property);
  g_object_class_install_property(
      object, 1,
      g_param_spec_boxed(
          "tags", "Tags",
          "What is known of the track, as if it came as an event; has an effect until "
          "the first buffer comes.",
          GST_TYPE_TAG_LIST,
          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                   GST_PARAM_MUTABLE_READY)));
}

TrackGain::TrackGain(Base& self)
    : self_(self),
      sink_(gst_pad_new_from_static_template(&sink_template, "sink")),
      src_(gst_pad_new_from_static_template(&src_template, "src")) {
  gst_pad_set_chain_function(sink_, gstpp::pad_function<&TrackGain::chain>);
  gst_pad_set_event_function(sink_, gstpp::pad_function<&TrackGain::sink_event>);
  gst_pad_set_event_function(src_, gstpp::pad_function<&TrackGain::src_event>);
  gst_pad_set_query_function(src_, gstpp::pad_function<&TrackGain::src_query>);
  gst_pad_use_fixed_caps(src_);
  reset();
  gst_element_add_pad(&self, sink_);
  gst_element_add_pad(&self, src_);
}

void TrackGain::set_property(guint, const GValue* value, GParamSpec*) {
  const auto* tags = static_cast<const GstTagList*>(g_value_get_boxed(value));
  const gstpp::ObjectLock lock(&self_);
  tags_ = tags == nullptr ? nullptr : gstpp::Ref<GstTagList>::adopt(gst_tag_list_copy(tags));
}

void TrackGain::get_property(guint, GValue* value, GParamSpec*) {
  const gstpp::ObjectLock lock(&self_);
  g_value_set_boxed(value, tags_.get());
}

GstStateChangeReturn TrackGain::change_state(GstStateChange transition) {
  const auto result = gstpp::parent_class_of<TrackGain>()->change_state(&self_, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    reset();
    announced_ = false;
    const gstpp::ObjectLock lock(&self_);
    tags_ = nullptr;
  }
  return result;
}

/// As before the first segment.
void TrackGain::reset() {
  presenter_.reset();
  over_ = rebase_ = false;
  discont_ = true;
  gst_segment_init(&in_, GST_FORMAT_UNDEFINED);
  gst_segment_init(&out_, GST_FORMAT_TIME);
  position_ = 0;
  told_position_ = 0;
  ready_.clear();
}

/// What came first stays: the source knows more of a track than its decoder does.
void TrackGain::hear_tags(const GstTagList* tags) {
  const gstpp::ObjectLock lock(&self_);
  tags_ =
      tags_
          ? gstpp::Ref<GstTagList>::adopt(gst_tag_list_merge(tags_.get(), tags, GST_TAG_MERGE_KEEP))
          : gstpp::Ref<GstTagList>::adopt(gst_tag_list_copy(tags));
}

sound::Presentation TrackGain::presentation() const {
  const gstpp::ObjectLock lock(&self_);
  return presentation_of(tags_);
}

/// All that goes before the first buffer, whose place in the track is `time`.
void TrackGain::begin(GstClockTime time) {
  const sound::Presentation how = presentation();
  GST_DEBUG_OBJECT(&self_, "%+.1f dB, from %.1f s until %.1f s, entered at %" GST_TIME_FORMAT,
                   how.gain_db, how.from, how.until, GST_TIME_ARGS(time));
  const auto first =
      static_cast<std::int64_t>(gst_util_uint64_scale_round(time, sound::kRate, GST_SECOND));
  presenter_.emplace(how, first);
  if (!std::exchange(announced_, true)) announce();
  open_segment(Span(how), first);
}

void TrackGain::announce() {
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_static_pad_template_get_caps(&src_template));
  gst_pad_push_event(src_, gst_event_new_caps(caps));
  gstpp::Ref<GstTagList> tags;
  {
    const gstpp::ObjectLock lock(&self_);
    if (!tags_) return;
    tags = gstpp::Ref<GstTagList>::adopt(gst_tag_list_copy(tags_.get()));
  }
  for (const char* name :
       {kTagStationGain, kTagPlayFrom, kTagPlayUntil, kTagFadeIn, kTagFadeOut, GST_TAG_TRACK_GAIN,
        GST_TAG_TRACK_PEAK, GST_TAG_ALBUM_GAIN, GST_TAG_ALBUM_PEAK, GST_TAG_REFERENCE_LEVEL})
    gst_tag_list_remove_tag(tags, name);
  if (gst_tag_list_is_empty(tags) == FALSE)
    gst_pad_push_event(src_, gst_event_new_tag(tags.release()));
}

/// Downstream, timestamps are the place in the track, counted from what is heard first. Of several
/// segments each follows the one before without a gap; after a flush the first has upstream's base.
void TrackGain::open_segment(const Span& span, std::int64_t first) {
  GstClockTime base = in_.format == GST_FORMAT_TIME ? in_.base : 0;
  if (std::exchange(rebase_, true))
    base = gst_segment_to_running_time(&out_, GST_FORMAT_TIME, ns(position_));
  const auto skipped =
      static_cast<std::int64_t>(gst_util_uint64_scale_round(span.from, sound::kRate, GST_SECOND));
  position_ = std::max<std::int64_t>(first - skipped, 0);
  gst_segment_init(&out_, GST_FORMAT_TIME);
  if (in_.format == GST_FORMAT_TIME) {
    out_.flags = in_.flags;
    out_.rate = in_.rate;
    out_.applied_rate = in_.applied_rate;
    out_.start = span.downstream(in_.time);
    if (GST_CLOCK_TIME_IS_VALID(in_.stop))
      out_.stop = span.downstream(in_.stop - in_.start + in_.time);
    out_.duration = span.downstream(in_.duration);
  }
  out_.time = out_.position = out_.start;
  out_.base = base;
  gst_pad_push_event(src_, gst_event_new_segment(&out_));
}

GstFlowReturn TrackGain::push() {
  if (ready_.empty()) return GST_FLOW_OK;
  const std::size_t bytes = ready_.size() * sizeof(std::int16_t);
  GstBuffer* buffer = gst_buffer_new_memdup(ready_.data(), bytes);
  const auto end = position_ + static_cast<std::int64_t>(ready_.size() / sound::kChannels);
  GST_BUFFER_PTS(buffer) = ns(position_);
  GST_BUFFER_DURATION(buffer) = ns(end) - ns(position_);
  if (std::exchange(discont_, false)) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  position_ = end;
  told_position_ = ns(end);
  ready_.clear();
  return gst_pad_push(src_, buffer);
}

/// What the limiter holds back goes out; the next buffer begins anew.
void TrackGain::drain() {
  if (!presenter_) return;
  if (!over_) {
    presenter_->finish(ready_);
    push();
  }
  presenter_.reset();
}

/// The track is over, by its own end or by its tags.
GstFlowReturn TrackGain::finish() {
  if (over_) return GST_FLOW_EOS;
  over_ = true;
  if (!presenter_) begin(in_.format == GST_FORMAT_TIME ? in_.time : 0);
  presenter_->finish(ready_);
  const GstFlowReturn flow = push();
  if ((in_.flags & GST_SEGMENT_FLAG_SEGMENT) == 0) gst_pad_push_event(src_, gst_event_new_eos());
  return flow == GST_FLOW_OK ? GST_FLOW_EOS : flow;
}

/// `time`: of the first sample, in the segment that came; invalid if there is none.
void TrackGain::present(std::span<const float> samples, GstClockTime time) {
  if (!presenter_) {
    GstClockTime place = 0;
    if (in_.format == GST_FORMAT_TIME) {
      place = in_.time;
      if (GST_CLOCK_TIME_IS_VALID(time) && time > in_.start) place += time - in_.start;
    }
    begin(place);
  }
  presenter_->present(samples, ready_);
}

GstFlowReturn TrackGain::chain(GstPad*, GstBuffer* owned) {
  auto buffer = gstpp::Ref<GstBuffer>::adopt(owned);
  if (over_) return GST_FLOW_EOS;
  if (in_.format == GST_FORMAT_TIME) {
    buffer = gstpp::Ref<GstBuffer>::adopt(
        gst_audio_buffer_clip(buffer.release(), &in_, sound::kRate, kFrameBytesIn));
    if (!buffer) return GST_FLOW_OK;
  }
  {
    const gstpp::Map map(buffer, GST_MAP_READ);
    present(map.as<const float>(), GST_BUFFER_PTS(buffer.get()));
  }
  return presenter_->is_over() ? finish() : push();
}

/// A hole in a track is silence in it.
void TrackGain::feed_silence(GstEvent* gap) {
  static constexpr std::array<float, sound::kFrameValues> silence{};
  GstClockTime time = 0;
  GstClockTime duration = 0;
  gst_event_parse_gap(gap, &time, &duration);
  if (!GST_CLOCK_TIME_IS_VALID(duration)) return;
  auto left = gst_util_uint64_scale(duration, sound::kRate, GST_SECOND);
  while (left > 0 && !over_) {
    const auto count = std::min<guint64>(left, sound::kFrame);
    present(std::span(silence).first(count * sound::kChannels), time);
    if ((presenter_->is_over() ? finish() : push()) != GST_FLOW_OK) return;
    left -= count;
  }
}

gboolean TrackGain::sink_event(GstPad* pad, GstEvent* owned) {
  auto event = gstpp::Ref<GstEvent>::adopt(owned);
  switch (GST_EVENT_TYPE(event.get())) {
    case GST_EVENT_CAPS:  // ours are fixed
      return TRUE;
    case GST_EVENT_SEGMENT:  // ours goes out with the first buffer, when the tags are known
      drain();
      over_ = false;
      gst_event_copy_segment(event, &in_);
      if (!GST_CLOCK_TIME_IS_VALID(in_.time)) in_.time = in_.start;
      return TRUE;
    case GST_EVENT_STREAM_START:
      drain();
      if (std::exchange(announced_, false)) {  // another track, with tags of its own
        const gstpp::ObjectLock lock(&self_);
        tags_ = nullptr;
      }
      break;
    case GST_EVENT_TAG: {
      GstTagList* tags;
      gst_event_parse_tag(event, &tags);
      if (!announced_) hear_tags(tags);
      return TRUE;
    }
    case GST_EVENT_GAP:
      if (!over_) feed_silence(event);
      return TRUE;
    case GST_EVENT_SEGMENT_DONE: {
      drain();
      const auto done =
          gst_event_new_segment_done(GST_FORMAT_TIME, static_cast<gint64>(ns(position_)));
      gst_event_set_seqnum(done, gst_event_get_seqnum(event));
      return gst_pad_push_event(src_, done);
    }
    case GST_EVENT_EOS:
      finish();
      return TRUE;
    case GST_EVENT_FLUSH_STOP:
      reset();
      break;
    default:
      break;
  }
  return gst_pad_event_default(pad, GST_OBJECT(&self_), event.release());
}

gboolean TrackGain::src_event(GstPad* pad, GstEvent* owned) {
  auto event = gstpp::Ref<GstEvent>::adopt(owned);
  if (GST_EVENT_TYPE(event.get()) == GST_EVENT_SEEK) return seek(event);
  return gst_pad_event_default(pad, GST_OBJECT(&self_), event.release());
}

/// Passes a seek on in the track's own time. The limiter cannot run backwards.
bool TrackGain::seek(GstEvent* event) {
  gdouble rate = 1;
  GstFormat format;
  GstSeekFlags flags;
  GstSeekType start_type;
  GstSeekType stop_type;
  gint64 start = 0;
  gint64 stop = 0;
  gst_event_parse_seek(event, &rate, &format, &flags, &start_type, &start, &stop_type, &stop);
  if (format != GST_FORMAT_TIME || rate <= 0) return false;
  const Span span(presentation());
  const auto move = [&span](GstSeekType& type, gint64& at) {
    if (type == GST_SEEK_TYPE_SET) {
      at = static_cast<gint64>(span.upstream(static_cast<GstClockTime>(at)));
    } else if (type == GST_SEEK_TYPE_END && GST_CLOCK_TIME_IS_VALID(span.until)) {
      type = GST_SEEK_TYPE_SET;
      at = std::max(static_cast<gint64>(span.until) + at, static_cast<gint64>(span.from));
    }
  };
  move(start_type, start);
  move(stop_type, stop);
  GstEvent* moved = gst_event_new_seek(rate, format, flags, start_type, start, stop_type, stop);
  gst_event_set_seqnum(moved, gst_event_get_seqnum(event));
  return gst_pad_push_event(sink_, moved) != FALSE;
}

gboolean TrackGain::src_query(GstPad* pad, GstQuery* query) {
  const auto upstream = [&] { return gst_pad_peer_query(sink_, query) != FALSE; };
  GstFormat format = GST_FORMAT_UNDEFINED;
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_POSITION:
      gst_query_parse_position(query, &format, nullptr);
      if (format != GST_FORMAT_TIME) return FALSE;
      gst_query_set_position(query, format, static_cast<gint64>(told_position_.load()));
      return TRUE;
    case GST_QUERY_DURATION: {
      gint64 length = 0;
      gst_query_parse_duration(query, &format, nullptr);
      if (format != GST_FORMAT_TIME || !upstream()) return FALSE;
      gst_query_parse_duration(query, nullptr, &length);
      length =
          static_cast<gint64>(Span(presentation()).downstream(static_cast<GstClockTime>(length)));
      gst_query_set_duration(query, format, length);
      return TRUE;
    }
    case GST_QUERY_SEEKING: {
      gboolean can = FALSE;
      gint64 end = -1;
      gst_query_parse_seeking(query, &format, nullptr, nullptr, nullptr);
      if (format == GST_FORMAT_TIME && upstream())
        gst_query_parse_seeking(query, nullptr, &can, nullptr, &end);
      end = static_cast<gint64>(Span(presentation()).downstream(static_cast<GstClockTime>(end)));
      gst_query_set_seeking(query, format, can, 0, end);
      return TRUE;
    }
    case GST_QUERY_LATENCY: {
      gboolean live = FALSE;
      GstClockTime least = 0;
      GstClockTime most = 0;
      if (!upstream()) return FALSE;
      gst_query_parse_latency(query, &live, &least, &most);
      const GstClockTime own = ns(sound::Presenter::delay());
      gst_query_set_latency(query, live, least + own,
                            GST_CLOCK_TIME_IS_VALID(most) ? most + own : most);
      return TRUE;
    }
    default:
      return gst_pad_query_default(pad, GST_OBJECT(&self_), query);
  }
}

}  // namespace

bool register_trackgain(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(trackgain_debug, "trackgain", 0, "loudness of tracks");
  register_loudness_tags();
  return gst_element_register(plugin, "trackgain", GST_RANK_NONE, gstpp::type_of<TrackGain>()) !=
         FALSE;
}

}  // namespace infinara

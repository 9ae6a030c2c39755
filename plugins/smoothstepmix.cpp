// SPDX-License-Identifier: Apache-2.0
/**
 * SECTION:element-smoothstepmix
 *
 * Plays the tracks on its sink pads one after the other, each fading into the next, as one endless
 * programme. The pads' order is the play order: the order in which they were requested, or that of
 * their numbers where an application asks for `sink_3` by name. While a track plays the next ones
 * are read ahead, as far as a crossfade needs; that is all there is to preparing a track: link it.
 *
 * A crossfade begins `crossfade` seconds before the true end of a track, whatever its headers say,
 * and takes no more than half of a short track. On `src` come buffers of exactly 960 samples
 * (20 ms) with timestamps n * 20 ms. With `is-live` they are paced by the clock and go on for ever,
 * silent if there is nothing to play; an event EOS sent to the element or its pipeline ends it.
 * Without, they come as fast as the tracks do, the result depends on nothing but the tracks and
 * their order, and the stream ends with the last track; as long as no track is linked at all it
 * waits for one, and says so in a warning.
 *
 * The tags of a track (title, artist, …) travel with the sound: the event TAG comes right before
 * the buffer in which its fade-in reaches its middle, the moment at which it is said to be on air.
 *
 * Element messages, all positions in nanoseconds as the timestamps on `src`, `pad` a pad's name:
 * |[
 * smoothstepmix-ready    pad, position                    has enough to start
 * smoothstepmix-started  pad, position                    its first sample is here
 * smoothstepmix-fade     from, to, position, end          "" where there is silence
 * smoothstepmix-on-air   pad, position, start             the middle of its fade-in, or its start
 * smoothstepmix-ended    pad, position, played, complete  its last sample was before
 * smoothstepmix-empty    pad                              it ended without a sample
 * smoothstepmix-starved  pad, position                    it plays, but gave nothing for 0.25 s
 * ]|
 *
 * ## Examples
 * |[
 * gst-launch-1.0 smoothstepmix name=mix crossfade=5 is-live=false ! wavenc ! filesink
 * location=mix.wav  filesrc location=a.mp3 ! decodebin ! audioconvert ! audioresample ! mix.
 * filesrc location=b.flac ! decodebin ! audioconvert ! audioresample ! mix.
 * ]| Two files become one, five seconds of them heard together.
 * |[
 * gst-launch-1.0 smoothstepmix name=mix crossfade=2 ! audioconvert ! autoaudiosink  audiotestsrc
 * num-buffers=200 ! audio/x-raw,rate=48000,channels=2 ! mix.  audiotestsrc num-buffers=200 freq=660
 * ! audio/x-raw,rate=48000,channels=2 ! mix.
 * ]| Two notes, one after the other; then silence until it is interrupted.
 * |[
 * gst-launch-1.0 smoothstepmix name=mix curve=equal-power is-live=false ! fakesink  filesrc
 * location=a.wav ! wavparse ! audioconvert ! audioresample ! mix.sink_1  filesrc location=b.wav !
 * wavparse ! audioconvert ! audioresample ! mix.sink_0
 * ]| Pads asked for by name are played in the order of their numbers: b.wav comes first.
 *
 * In such lines put an audioconvert between decodebin and the mixer: its pad exists when the line
 * is read, so the order is that of the text. Linked to decodebin itself, the mixer only learns of a
 * track when that has found out what it is.
 */
#include <gst/audio/audio.h>
#include <gst/gst.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <vector>

#include "curve.hpp"
#include "elements.hpp"
#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
#include "mix_news.hpp"
#include "mix_pad.hpp"
#include "sound/frame.hpp"
#include "sound/mix.hpp"
#include "sound/pace.hpp"

GST_DEBUG_CATEGORY(smoothstepmix_debug);
#define GST_CAT_DEFAULT smoothstepmix_debug

namespace infinara {
namespace {

using sound::Curve;
using sound::News;

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS("audio/x-raw, format=(string)S16LE, rate=(int)48000, channels=(int)2, "
                    "layout=(string)interleaved"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/x-raw, format=(string)S16LE, rate=(int)48000, channels=(int)2, "
                    "layout=(string)interleaved, channel-mask=(bitmask)0x3"));

constexpr std::chrono::seconds kPatience{2};  // with an application that links no track

guint64 ns(std::int64_t samples) {
  return static_cast<guint64>(sound::ns_from_samples(samples));
}

/// A track's name and maker belong to the programme, its coding does not: it was decoded.
void keep_what_describes_music(const GstTagList* from, GstTagList* to) {
  gst_tag_list_foreach(
      from,
      [](const GstTagList* list, const gchar* tag, gpointer target) {
        if (gst_tag_get_flag(tag) != GST_TAG_FLAG_META) return;
        auto* kept = static_cast<GstTagList*>(target);
        gst_tag_list_remove_tag(kept, tag);
        for (guint i = 0; i < gst_tag_list_get_tag_size(list, tag); ++i)
          gst_tag_list_add_value(kept, GST_TAG_MERGE_APPEND, tag,
                                 gst_tag_list_get_value_index(list, tag, i));
      },
      to);
}

class SmoothstepMix {
 public:
  using Base = GstElement;
  using BaseClass = GstElementClass;
  static constexpr const char* kTypeName = "InfinaraSmoothstepMix";
  static GType base_type() { return GST_TYPE_ELEMENT; }
  static void class_init(BaseClass* klass);
  explicit SmoothstepMix(Base& self);

  struct Settings {
    bool is_live = true;
    double crossfade = 5;
    Curve curve = Curve::kSmoothstep;
    double skip_fade = 0.4;
    double min_ready = 0.2;
  } settings;
  void changed(const char* property);

  GObject* child(guint index);
  guint children();

 private:
  GstPad* request_new_pad(GstPadTemplate* pad_template, const gchar* name, const GstCaps*);
  void release_pad(GstPad* pad);
  GstStateChangeReturn change_state(GstStateChange transition);
  gboolean set_clock(GstClock* clock);
  gboolean send_event(GstEvent* event);

  GstFlowReturn chain(GstPad* pad, GstBuffer* buffer);
  gboolean sink_event(GstPad* pad, GstEvent* event);
  gboolean sink_query(GstPad* pad, GstQuery* query);
  gboolean src_event(GstPad* pad, GstEvent* event);
  gboolean src_query(GstPad* pad, GstQuery* query);
  gboolean src_activate_mode(GstPad* pad, GstPadMode mode, gboolean active);

  void skip(double seconds);
  guint64 position() const;
  guint64 underruns() const;
  guint64 late_frames() const;

  enum class Turn { kGo, kStop, kEnd };
  void loop();
  Turn await_clock(std::unique_lock<std::mutex>& lock);
  Turn fill(std::unique_lock<std::mutex>& lock, std::span<std::int16_t> out);
  void await_tracks(std::unique_lock<std::mutex>& lock);
  void open_stream();
  void push(gstpp::Ref<GstBuffer> buffer);
  void tag(MixPad& pad, const GstTagList* list);
  void feed_silence(MixPad& pad, GstEvent* gap);
  void wake_everybody();
  void absorb_news();
  bool tell(std::unique_lock<std::mutex>& lock);

  GstElement& self_;
  GstPad* src_;  // owned by the element
  std::shared_ptr<Desk> desk_ = std::make_shared<Desk>();

  // Guarded by desk_->lock.
  std::vector<GstPad*> pads_;  // those not released, owned by the element
  unsigned next_number_ = 0;
  std::map<sound::VoiceId, gstpp::Ref<GstTagList>> tags_;  // of tracks that are not done
  sound::VoiceId on_air_ = 0;
  gstpp::Ref<GstTagList> due_tags_;  // go before the next buffer
  std::vector<News> outbox_;
  bool posting_ = false;  // some thread posts the news, in their order, for all
  sound::Pace pace_;
  guint64 late_frames_ = 0;
  std::int64_t latency_ = 0;  // of the pipeline, ns
  bool live_ = true;
  bool running_ = false;  // PAUSED or PLAYING
  bool playing_ = false;
  bool ending_ = false;            // somebody sent EOS
  GstClockID clock_id_ = nullptr;  // what the task waits for

  // The task's own.
  bool open_ = false;
  bool discont_ = true;
  bool tagged_ = false;      // downstream has seen a title
  bool has_warned_ = false;  // that there is no track
};

void SmoothstepMix::class_init(BaseClass* klass) {
  gst_element_class_add_static_pad_template_with_gtype(klass, &sink_template,
                                                       gstpp::type_of<MixPad>());
  gst_element_class_add_static_pad_template(klass, &src_template);
  gst_element_class_set_static_metadata(
      klass, "Crossfading mixer", "Generic/Audio",
      "Plays the tracks on its sink pads one after the other, each fading into the next, as one "
      "endless programme in buffers of 20 ms",
      "Infinara");

  gstpp::bind<&SmoothstepMix::request_new_pad>(klass->request_new_pad);
  gstpp::bind<&SmoothstepMix::release_pad>(klass->release_pad);
  gstpp::bind<&SmoothstepMix::change_state>(klass->change_state);
  gstpp::bind<&SmoothstepMix::set_clock>(klass->set_clock);
  gstpp::bind<&SmoothstepMix::send_event>(klass->send_event);

  gstpp::Properties<SmoothstepMix>(klass)
      .flag<&Settings::is_live>(
          "is-live", "Is live",
          "Whether the clock paces the programme, which then goes on for ever, in silence if there "
          "is nothing to play; if false it is made as fast as the tracks come, waits for each, and "
          "ends with the last.",
          gstpp::kReady)
      .number<&Settings::crossfade>(
          "crossfade", "Crossfade",
          "How long two tracks are heard together, in seconds; at most half of the shorter one. 0 "
          "joins them end to start.",
          0, 120, gstpp::kPlaying)
      .choice<&Settings::curve>("curve", "Curve",
                                "The shape of the gains in fades that begin from now on.",
                                curve_type(), gstpp::kPlaying)
      .number<&Settings::skip_fade>("skip-fade", "Skip fade",
                                    "How long the fade to the next track takes that a skip makes, "
                                    "in seconds; at least 8 ms.",
                                    0, 60, gstpp::kPlaying)
      .number<&Settings::min_ready>("min-ready", "Least to start",
                                    "How much of a track must be in memory before it may start, in "
                                    "seconds; more is safer with slow sources.",
                                    0.02, 10, gstpp::kPlaying)
      .read<&SmoothstepMix::position>("position", "Position",
                                      "How much of the programme was made, in nanoseconds.")
      .read<&SmoothstepMix::underruns>(
          "underruns", "Underruns",
          "Frames of 20 ms in which a track fell silent, since its source did not keep up.")
      .read<&SmoothstepMix::late_frames>(
          "late-frames", "Late frames",
          "Frames that left after they were due by more than the latency, 20 ms or what the sinks "
          "ask for, or were left out because something downstream blocked for more than 2 "
          "seconds.");

  const GType type = G_TYPE_FROM_CLASS(klass);
  const auto flags = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
  /**
   * InfinaraSmoothstepMix::skip:
   * Fades to the next track in `skip-fade` seconds, or to silence if none is ready. In the first
   * half of a crossfade the track that comes in is the next one. Ignored if nothing plays.
   */
  g_signal_new_class_handler("skip", type, flags, G_CALLBACK(+[](GstElement* self) {
                               auto& impl = gstpp::impl_of<SmoothstepMix>(self);
                               impl.skip(-1);
                             }),
                             nullptr, nullptr, nullptr, G_TYPE_NONE, 0);
  /**
   * InfinaraSmoothstepMix::advance:
   * @seconds: the length of the fade
   *
   * As skip, with a fade of a length of its own.
   */
  g_signal_new_class_handler("advance", type, flags,
                             G_CALLBACK(+[](GstElement* self, gdouble seconds) {
                               auto& impl = gstpp::impl_of<SmoothstepMix>(self);
                               impl.skip(std::max(seconds, 0.0));
                             }),
                             nullptr, nullptr, nullptr, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
}

SmoothstepMix::SmoothstepMix(Base& self)
    : self_(self), src_(gst_pad_new_from_static_template(&src_template, "src")) {
  gst_pad_set_event_function(src_, gstpp::pad_function<&SmoothstepMix::src_event>);
  gst_pad_set_query_function(src_, gstpp::pad_function<&SmoothstepMix::src_query>);
  gst_pad_set_activatemode_function(src_, gstpp::pad_function<&SmoothstepMix::src_activate_mode>);
  gst_pad_use_fixed_caps(src_);
  gst_element_add_pad(&self, src_);
  // An EOS sent to a pipeline goes to its sources: the programme begins here.
  GST_OBJECT_FLAG_SET(&self, GST_ELEMENT_FLAG_SOURCE);
  changed(nullptr);
}

// --- settings and figures
// -------------------------------------------------------------------------

void SmoothstepMix::changed(const char*) {
  Settings now;
  {
    const gstpp::ObjectLock lock(&self_);
    now = settings;
  }
  const std::lock_guard lock(desk_->lock);
  desk_->mix.set({.crossfade = sound::samples_from_seconds(now.crossfade),
                  .skip_fade = sound::samples_from_seconds(now.skip_fade),
                  .min_ready = sound::samples_from_seconds(now.min_ready),
                  .curve = now.curve,
                  .patient = running_ ? !live_ : !now.is_live});
  wake_everybody();
}

guint64 SmoothstepMix::position() const {
  const std::lock_guard lock(desk_->lock);
  return ns(desk_->mix.position());
}

guint64 SmoothstepMix::underruns() const {
  const std::lock_guard lock(desk_->lock);
  return desk_->mix.underruns();
}

guint64 SmoothstepMix::late_frames() const {
  const std::lock_guard lock(desk_->lock);
  return late_frames_;
}

/// `seconds` < 0: as long as `skip-fade` says.
void SmoothstepMix::skip(double seconds) {
  const std::lock_guard lock(desk_->lock);
  if (seconds < 0)
    desk_->mix.skip();
  else
    desk_->mix.skip(sound::samples_from_seconds(std::min(seconds, 170.0)));
  desk_->wake.notify_one();
}

// --- pads
// -----------------------------------------------------------------------------------------

GstPad* SmoothstepMix::request_new_pad(GstPadTemplate* pad_template, const gchar* name,
                                       const GstCaps*) {
  unsigned number = 0;
  if (name != nullptr && sscanf(name, "sink_%u", &number) != 1) {
    GST_WARNING_OBJECT(&self_, "a pad may be called sink_0, sink_1 …, not %s", name);
    return nullptr;
  }
  sound::VoiceId voice;
  gstpp::String pad_name;
  {
    const std::lock_guard lock(desk_->lock);
    if (name == nullptr) number = next_number_;
    next_number_ = std::max(next_number_, number + 1);
    pad_name.reset(g_strdup_printf("sink_%u", number));
    voice = desk_->mix.add(pad_name.get(), number);
  }
  auto* pad = GST_PAD(g_object_new(gstpp::type_of<MixPad>(), "name", pad_name.get(), "direction",
                                   GST_PAD_SINK, "template", pad_template, nullptr));
  gstpp::impl_of<MixPad>(pad).attach(desk_, voice);
  gst_pad_set_chain_function(pad, gstpp::pad_function<&SmoothstepMix::chain>);
  gst_pad_set_event_function(pad, gstpp::pad_function<&SmoothstepMix::sink_event>);
  gst_pad_set_query_function(pad, gstpp::pad_function<&SmoothstepMix::sink_query>);
  gst_pad_set_activatemode_function(
      pad, +[](GstPad* own, GstObject*, GstPadMode mode, gboolean active) -> gboolean {
        if (mode != GST_PAD_MODE_PUSH) return FALSE;
        auto& impl = gstpp::impl_of<MixPad>(own);
        const std::lock_guard lock(impl.desk_of()->lock);
        impl.set_flushing(active == FALSE);
        return TRUE;
      });
  {
    const std::lock_guard lock(desk_->lock);
    pads_.push_back(pad);
  }
  gst_pad_set_active(pad, TRUE);
  if (gst_element_add_pad(&self_, pad)) {
    gst_child_proxy_child_added(GST_CHILD_PROXY(&self_), G_OBJECT(pad), pad_name.get());
    return pad;
  }

  const std::lock_guard lock(desk_->lock);  // the name was taken; the pad is gone
  std::erase(pads_, pad);
  desk_->mix.release(voice);
  return nullptr;
}

void SmoothstepMix::release_pad(GstPad* pad) {
  auto& sink = gstpp::impl_of<MixPad>(pad);
  {
    const std::lock_guard lock(desk_->lock);
    std::erase(pads_, pad);
    if (desk_->mix.status(sink.voice()).state != sound::VoiceState::kPlaying)
      tags_.erase(sink.voice());
    desk_->mix.release(sink.voice());
    sink.set_flushing(true);
    wake_everybody();
  }
  gst_child_proxy_child_removed(GST_CHILD_PROXY(&self_), G_OBJECT(pad), GST_PAD_NAME(pad));
  gst_pad_set_active(pad, FALSE);
  gst_element_remove_pad(&self_, pad);
}

GObject* SmoothstepMix::child(guint index) {
  const gstpp::ObjectLock lock(&self_);
  return index < self_.numsinkpads ? G_OBJECT(g_object_ref(g_list_nth_data(self_.sinkpads, index)))
                                   : nullptr;
}

guint SmoothstepMix::children() {
  const gstpp::ObjectLock lock(&self_);
  return self_.numsinkpads;
}

GstFlowReturn SmoothstepMix::chain(GstPad* pad, GstBuffer* raw) {
  auto& sink = gstpp::impl_of<MixPad>(pad);
  auto buffer = gstpp::Ref<GstBuffer>::adopt(raw);
  if (sink.segment.format == GST_FORMAT_TIME) {
    buffer = gstpp::Ref<GstBuffer>::adopt(
        gst_audio_buffer_clip(buffer.release(), &sink.segment, sound::kRate, sound::kChannels * 2));
    if (!buffer) return GST_FLOW_OK;
  }
  const gstpp::Map map(buffer, GST_MAP_READ);
  auto samples = map.as<const std::int16_t>();
  samples = samples.first(samples.size() / sound::kChannels * sound::kChannels);
  std::unique_lock lock(desk_->lock);
  const auto flow = sink.feed(lock, samples);
  tell(lock);
  return flow;
}

gboolean SmoothstepMix::sink_event(GstPad* pad, GstEvent* raw) {
  auto& sink = gstpp::impl_of<MixPad>(pad);
  const auto event = gstpp::Ref<GstEvent>::adopt(raw);
  switch (GST_EVENT_TYPE(raw)) {
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment(event, &sink.segment);
      break;
    case GST_EVENT_TAG: {
      GstTagList* list = nullptr;
      gst_event_parse_tag(event, &list);
      tag(sink, list);
      break;
    }
    case GST_EVENT_GAP:
      feed_silence(sink, event);
      break;
    case GST_EVENT_EOS: {
      std::unique_lock lock(desk_->lock);
      desk_->mix.end(sink.voice());
      desk_->wake.notify_one();
      tell(lock);
      break;
    }
    case GST_EVENT_FLUSH_START: {
      const std::lock_guard lock(desk_->lock);
      sink.set_flushing(true);
      break;
    }
    case GST_EVENT_FLUSH_STOP: {
      gst_segment_init(&sink.segment, GST_FORMAT_UNDEFINED);
      const std::lock_guard lock(desk_->lock);
      desk_->mix.flush(sink.voice());
      sink.set_flushing(false);
      break;
    }
    default:
      break;  // the programme has a stream of its own: nothing of a track's goes downstream
  }
  return TRUE;
}

void SmoothstepMix::tag(MixPad& pad, const GstTagList* list) {
  const std::lock_guard lock(desk_->lock);
  if (desk_->mix.status(pad.voice()).state == sound::VoiceState::kDone) return;
  auto& known = tags_[pad.voice()];
  auto merged = gstpp::Ref<GstTagList>::adopt(known ? gst_tag_list_copy(known.get())
                                                    : gst_tag_list_new_empty());
  keep_what_describes_music(list, merged);
  if (known && gst_tag_list_is_equal(known, merged)) return;
  known = std::move(merged);
  if (pad.voice() == on_air_) due_tags_ = known;
}

/// A hole in a track is silence in it.
void SmoothstepMix::feed_silence(MixPad& pad, GstEvent* gap) {
  static constexpr std::array<std::int16_t, sound::kFrameValues> silence{};
  GstClockTime duration = 0;
  gst_event_parse_gap(gap, nullptr, &duration);
  if (!GST_CLOCK_TIME_IS_VALID(duration)) return;
  auto left = gst_util_uint64_scale(duration, sound::kRate, GST_SECOND);
  std::unique_lock lock(desk_->lock);
  while (left > 0) {
    const auto count = std::min<guint64>(left, sound::kFrame);
    if (pad.feed(lock, std::span(silence).first(count * sound::kChannels)) != GST_FLOW_OK) break;
    left -= count;
  }
  tell(lock);
}

gboolean SmoothstepMix::sink_query(GstPad* pad, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_CAPS:
    case GST_QUERY_ACCEPT_CAPS:
      return gst_pad_query_default(pad, GST_OBJECT(&self_), query);
    default:
      return FALSE;
  }
}

gboolean SmoothstepMix::src_event(GstPad*, GstEvent* raw) {
  const auto event = gstpp::Ref<GstEvent>::adopt(raw);
  switch (GST_EVENT_TYPE(raw)) {
    case GST_EVENT_LATENCY: {
      GstClockTime latency = 0;
      gst_event_parse_latency(raw, &latency);
      const std::lock_guard lock(desk_->lock);
      latency_ = static_cast<std::int64_t>(latency);
      return TRUE;
    }
    case GST_EVENT_QOS:
    case GST_EVENT_RECONFIGURE:
      return TRUE;
    default:
      return FALSE;  // a programme cannot be sought in
  }
}

gboolean SmoothstepMix::src_query(GstPad* pad, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_LATENCY: {
      const std::lock_guard lock(desk_->lock);
      gst_query_set_latency(query, live_, live_ ? sound::kFrameNs : 0, GST_CLOCK_TIME_NONE);
      return TRUE;
    }
    case GST_QUERY_POSITION: {
      GstFormat format;
      gst_query_parse_position(query, &format, nullptr);
      if (format != GST_FORMAT_TIME) return FALSE;
      gst_query_set_position(query, format, static_cast<gint64>(position()));
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
      return gst_pad_query_default(pad, GST_OBJECT(&self_), query);
    default:
      return FALSE;
  }
}

// --- states
// ---------------------------------------------------------------------------------------

GstStateChangeReturn SmoothstepMix::change_state(GstStateChange transition) {
  const auto stop_waiting = [this] {
    if (clock_id_ != nullptr) gst_clock_id_unschedule(clock_id_);
    wake_everybody();
  };
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    bool is_live;
    {
      const gstpp::ObjectLock lock(&self_);
      is_live = settings.is_live;
    }
    const std::lock_guard lock(desk_->lock);
    live_ = is_live;
    running_ = true;
    ending_ = false;
    pace_ = {};
    late_frames_ = 0;
  } else if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED) {
    const std::lock_guard lock(desk_->lock);
    playing_ = false;
    stop_waiting();
  } else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    const std::lock_guard lock(desk_->lock);
    running_ = false;
    stop_waiting();
  }

  auto result = gstpp::parent_class_of<SmoothstepMix>()->change_state(&self_, transition);
  if (result == GST_STATE_CHANGE_FAILURE) return result;

  const std::lock_guard lock(desk_->lock);
  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      if (live_ && result == GST_STATE_CHANGE_SUCCESS) result = GST_STATE_CHANGE_NO_PREROLL;
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      playing_ = true;
      desk_->wake.notify_one();
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      desk_->mix.reset();
      tags_.clear();
      due_tags_ = nullptr;
      outbox_.clear();
      on_air_ = 0;
      open_ = false;  // the task has stopped
      discont_ = true;
      tagged_ = false;
      has_warned_ = false;
      break;
    default:
      break;
  }
  return result;
}

gboolean SmoothstepMix::set_clock(GstClock* clock) {
  const gboolean done = gstpp::parent_class_of<SmoothstepMix>()->set_clock(&self_, clock);
  const std::lock_guard lock(desk_->lock);
  desk_->wake.notify_one();
  return done;
}

gboolean SmoothstepMix::send_event(GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_EOS)
    return gstpp::parent_class_of<SmoothstepMix>()->send_event(&self_, event);
  gst_event_unref(event);
  const std::lock_guard lock(desk_->lock);
  ending_ = true;
  if (clock_id_ != nullptr) gst_clock_id_unschedule(clock_id_);
  desk_->wake.notify_one();
  return running_;
}

gboolean SmoothstepMix::src_activate_mode(GstPad* pad, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  if (!active) return gst_pad_stop_task(pad);
  return gst_pad_start_task(
      pad, [](gpointer self) { gstpp::impl_of<SmoothstepMix>(self).loop(); }, &self_, nullptr);
}

// --- the task
// -------------------------------------------------------------------------------------

/// One frame.
void SmoothstepMix::loop() {
  open_stream();
  auto buffer =
      gstpp::Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, sound::kFrameBytes, nullptr));
  gstpp::Ref<GstTagList> tags;
  auto turn = Turn::kGo;
  {
    std::unique_lock lock(desk_->lock);
    if (live_) turn = await_clock(lock);
    if (turn == Turn::kGo) {
      const gstpp::Map map(buffer, GST_MAP_WRITE);
      turn = fill(lock, map.as<std::int16_t>());
    }
    if (turn == Turn::kGo) {
      GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(pace_.due());
      GST_BUFFER_DURATION(buffer.get()) = sound::kFrameNs;
      GST_BUFFER_OFFSET(buffer.get()) = static_cast<guint64>(pace_.frame() * sound::kFrame);
      GST_BUFFER_OFFSET_END(buffer.get()) = GST_BUFFER_OFFSET(buffer.get()) + sound::kFrame;
      pace_.advance();
      tags = std::exchange(due_tags_, nullptr);
      for (GstPad* pad : pads_) gstpp::impl_of<MixPad>(pad).invite(false);
    }
    tell(lock);
    // Whoever renders hears of what is in a frame before the frame goes out.
    if (!live_) desk_->wake.wait(lock, [this] { return !posting_ || !running_; });
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
      gst_pad_push_event(src_, gst_event_new_eos());
      break;
    case Turn::kStop:
      break;
  }
  gst_pad_pause_task(src_);
}

/// Until the frame is due: live programmes only.
SmoothstepMix::Turn SmoothstepMix::await_clock(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (!running_) return Turn::kStop;
    if (ending_) return Turn::kEnd;
    gstpp::Ref<GstClock> clock;
    if (playing_) clock = gstpp::Ref<GstClock>::adopt(gst_element_get_clock(&self_));
    if (!clock) {
      desk_->wake.wait(lock);
      continue;
    }
    const auto base = gst_element_get_base_time(&self_);
    const auto now = static_cast<std::int64_t>(gst_clock_get_time(clock) - base);
    if (!pace_.is_started()) {
      pace_.start(now);
      desk_->mix.set_position(pace_.frame() * sound::kFrame);
    }
    const auto verdict = pace_.ask(now);
    if (verdict.wait_until < 0) {
      if (verdict.left_out > 0) {
        discont_ = true;
        desk_->mix.set_position(pace_.frame() * sound::kFrame);
        late_frames_ += static_cast<guint64>(verdict.left_out);
      } else if (pace_.is_late(now, latency_)) {
        ++late_frames_;
      }
      return Turn::kGo;
    }
    GstClockID id =
        gst_clock_new_single_shot_id(clock, base + static_cast<GstClockTime>(verdict.wait_until));
    clock_id_ = id;
    lock.unlock();
    gst_clock_id_wait(id, nullptr);
    lock.lock();
    clock_id_ = nullptr;
    gst_clock_id_unref(id);
  }
}

/// The frame's samples. A programme that is not live waits here for the tracks.
SmoothstepMix::Turn SmoothstepMix::fill(std::unique_lock<std::mutex>& lock,
                                        std::span<std::int16_t> out) {
  std::int64_t done = 0;
  for (;;) {
    if (!running_) return Turn::kStop;
    if (!live_ && posting_) {  // who hears that a track was empty may bring another
      desk_->wake.wait(lock);
      continue;
    }
    if (!live_ && (ending_ || (done == 0 && desk_->mix.is_finished()))) return Turn::kEnd;
    done += desk_->mix.render(out.subspan(static_cast<std::size_t>(done) * sound::kChannels));
    absorb_news();
    if (done == sound::kFrame) return Turn::kGo;
    for (GstPad* pad : pads_) gstpp::impl_of<MixPad>(pad).invite(true);
    if (!tell(lock)) await_tracks(lock);
  }
}

/// Until something has changed. Who links no track at all would wait for ever without a word.
void SmoothstepMix::await_tracks(std::unique_lock<std::mutex>& lock) {
  if (has_warned_ || !pads_.empty()) return desk_->wake.wait(lock);
  if (desk_->wake.wait_for(lock, kPatience) == std::cv_status::no_timeout || !pads_.empty()) return;
  has_warned_ = true;
  lock.unlock();
  GST_ELEMENT_WARNING(&self_, CORE, PAD, ("No track is linked to the mixer; it waits for one."),
                      ("with is-live=false the programme begins with the first track on a pad "
                       "sink_%%u; an EOS sent to the element ends the waiting"));
  lock.lock();
}

void SmoothstepMix::open_stream() {
  if (std::exchange(open_, true)) return;
  const gstpp::String id(g_strdup_printf("smoothstepmix-%08x%08x", g_random_int(), g_random_int()));
  GstEvent* start = gst_event_new_stream_start(id.get());
  gst_event_set_group_id(start, gst_util_group_id_next());
  gst_pad_push_event(src_, start);
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_static_pad_template_get_caps(&src_template));
  gst_pad_push_event(src_, gst_event_new_caps(caps));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(src_, gst_event_new_segment(&segment));
}

void SmoothstepMix::push(gstpp::Ref<GstBuffer> buffer) {
  const auto flow = gst_pad_push(src_, buffer.release());
  if (flow == GST_FLOW_OK) return;
  GST_DEBUG_OBJECT(&self_, "stops: %s", gst_flow_get_name(flow));
  if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS) GST_ELEMENT_FLOW_ERROR(&self_, flow);
  // Without an EOS of ours a sink that has had enough would keep the pipeline waiting.
  if (flow != GST_FLOW_FLUSHING) gst_pad_push_event(src_, gst_event_new_eos());
  gst_pad_pause_task(src_);
}

/// Desk locked.
void SmoothstepMix::wake_everybody() {
  desk_->wake.notify_all();
  for (GstPad* pad : pads_) gstpp::impl_of<MixPad>(pad).invite(true);
}

/// Takes from the engine what is to be told, and the tags that are due with it. Desk locked.
void SmoothstepMix::absorb_news() {
  for (News& news : desk_->mix.take_news()) {
    if (news.what == News::What::kOnAir) {
      on_air_ = news.id;
      const auto& tags = tags_[news.id];
      due_tags_ = tags ? tags : gstpp::Ref<GstTagList>::adopt(gst_tag_list_new_empty());
    } else if (news.what == News::What::kEnded || news.what == News::What::kEmpty) {
      tags_.erase(news.id);
    }
    outbox_.push_back(std::move(news));
  }
}

/// Posts the news in their order, with the desk unlocked meanwhile; false if there were none. If
/// another thread is at it, that one goes on with ours.
bool SmoothstepMix::tell(std::unique_lock<std::mutex>& lock) {
  absorb_news();
  if (posting_ || outbox_.empty()) return false;
  posting_ = true;
  while (!outbox_.empty()) {
    const auto batch = std::exchange(outbox_, {});
    lock.unlock();
    for (const News& news : batch)
      gst_element_post_message(&self_,
                               gst_message_new_element(GST_OBJECT(&self_), structure_of(news)));
    lock.lock();
  }
  posting_ = false;
  desk_->wake.notify_all();
  return true;
}

void child_proxy_init(gpointer iface, gpointer) {
  auto* proxy = static_cast<GstChildProxyInterface*>(iface);
  proxy->get_child_by_index = [](GstChildProxy* self, guint index) {
    return gstpp::impl_of<SmoothstepMix>(self).child(index);
  };
  proxy->get_children_count = [](GstChildProxy* self) {
    return gstpp::impl_of<SmoothstepMix>(self).children();
  };
}

}  // namespace

bool register_smoothstepmix(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(smoothstepmix_debug, "smoothstepmix", 0, "crossfading mixer");
  const GType type = gstpp::type_of<SmoothstepMix>();
  const GInterfaceInfo info{child_proxy_init, nullptr, nullptr};
  g_type_add_interface_static(type, GST_TYPE_CHILD_PROXY, &info);
  gst_type_mark_as_plugin_api(gstpp::type_of<MixPad>(), GstPluginAPIFlags{});
  return gst_element_register(plugin, "smoothstepmix", GST_RANK_NONE, type) != FALSE;
}

}  // namespace infinara

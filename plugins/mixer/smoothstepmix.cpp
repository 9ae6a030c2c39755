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
 * waits for one, and says so in a warning. An event EOS then ends every track with what it has
 * given; all of that is played before the stream ends.
 *
 * Tracks are raw audio of any format, rate and number of channels. S16LE, stereo, 48 kHz is passed
 * on bit by bit; anything else is converted as audioconvert and audioresample do, without dither.
 * Tracks that one thread makes (both outputs of a tee or of a demuxer) need a queue each, since
 * the mixer lets a thread wait while its track has to.
 *
 * ## Planned joins
 *
 * With `join=planned` a join lies on the music, as far as the tracks' tags tell it: beats
 * (infinara-first-downbeat, infinara-beat, infinara-beats-per-bar), the end of the last bar
 * (infinara-cue-out) and musical-key. It ends with the last bar of the track that leaves, and takes
 * the eight, four, two or one bars before that are no longer than `crossfade`; the other track
 * comes in with its first downbeat there. Where a rest of one or of both would be heard as a hole,
 * up to eight bars and 14 s of the end of the one and the begin of the other are left out, no more
 * than a quarter of a track, or of what is read ahead of the one that comes, and a third in all.
 * Where the tempi are neither the same nor double, or the keys rub, a join takes six seconds at
 * most. The low band (below 250 Hz) is handed over within one bar, mid and high overlap for longer.
 * All gains move by 3t²-2t³, over spans that keep the loudness even. Where their sum would pass
 * -1.7 dBTP a limiter brings it down, by 2.2 dB at most; beyond that the spans overlap less. The
 * field `fit` says what came of it: bars; tempo or key, which do not fit; no-grid, beats that are
 * not known; late, no bar was left. A skip waits for the next beat, and the other track comes in
 * there with its first downbeat.
 *
 * ## Taking a track out
 *
 * Release its pad (gst_element_release_request_pad), at any time and from any thread, before or
 * after its source is stopped. A track that waits is withdrawn, one that is heard plays out what is
 * in memory. A flush of the pad (FLUSH_START, FLUSH_STOP) throws away what is in memory and begins
 * the track anew. A source that is set to NULL while it waits in the mixer is released in 0.1 s;
 * its track has not ended then, and is waited for until its pad is released.
 *
 * The tags of a track (title, artist, …) travel with the sound: the event TAG comes right before
 * the buffer in which its fade-in reaches its middle, the moment at which it is said to be on air.
 *
 * Element messages are the programme's edit list: where each track begins, enters, leaves and ends,
 * and with which fades. Positions and lengths are in nanoseconds as the timestamps on `src`; each
 * is there a second time in samples at 48 kHz, as `position-samples`. `pad` is a pad's name:
 * |[
 * smoothstepmix-ready    pad, position, tags              has enough to start
 * smoothstepmix-started  pad, position, curve, length,    its first sample is here, after those
 *                        delay, cut                       that are cut; its fade-in
 * smoothstepmix-fade     from, to, position, end, curve,  one leaves, the other comes in; "" where
 *                        length, delay, fit, bars, beat,  there is silence. on-air: where `to` will
 *                        on-air                           be on air. Both have low-length,
 *                                                         low-delay, high-length and high-delay
 *                                                         where these bands have fades of their own
 * smoothstepmix-on-air   pad, position, start, tags       the middle of its fade-in, or its start;
 *                                                         again, with another start, once frames
 *                                                         were left out that came much too late
 * smoothstepmix-retitled pad, position, start, tags       its tags changed while it was on air
 * smoothstepmix-ended    pad, position, played, complete  its last sample was before
 * smoothstepmix-empty    pad                              it ended without a sample
 * smoothstepmix-starved  pad, position                    it plays, but gave nothing for 0.25 s
 * ]|
 *
 * ## Examples
 * |[
 * gst-launch-1.0 smoothstepmix name=mix crossfade=5 is-live=false ! wavenc ! filesink
 * location=mix.wav  filesrc location=a.mp3 ! decodebin ! audioconvert ! mix.
 * filesrc location=b.flac ! decodebin ! audioconvert ! mix.
 * ]| Two files become one, five seconds of them heard together.
 * |[
 * gst-launch-1.0 smoothstepmix name=mix crossfade=2 ! audioconvert ! autoaudiosink  audiotestsrc
 * num-buffers=200 ! mix.  audiotestsrc num-buffers=200 freq=660 ! mix.
 * ]| Two notes, one after the other; then silence until it is interrupted.
 * |[
 * gst-launch-1.0 smoothstepmix name=mix curve=equal-power is-live=false ! fakesink  filesrc
 * location=a.wav ! wavparse ! mix.sink_1  filesrc location=b.wav ! wavparse ! mix.sink_0
 * ]| Pads asked for by name are played in the order of their numbers: b.wav comes first.
 *
 * In such lines put an audioconvert between decodebin and the mixer: its pad exists when the line
 * is read, so the order is that of the text. Linked to decodebin itself, the mixer only learns of a
 * track when that has found out what it is.
 */
#include <gst/audio/audio.h>
#include <gst/gst.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "elements.hpp"
#include "fade_properties.hpp"
#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
#include "mix_output.hpp"
#include "mix_pad.hpp"
#include "mix_shared.hpp"
#include "onair/edit_list.hpp"
#include "sound/frame.hpp"
#include "sound/mix.hpp"

GST_DEBUG_CATEGORY(smoothstepmix_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
#define GST_CAT_DEFAULT smoothstepmix_debug

namespace infinara {
namespace {

using sound::Curve;

GstStaticPadTemplate request_template = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS(
        "audio/x-raw, format=(string)S16LE, rate=(int)48000, channels=(int)2, "
        "layout=(string)interleaved; " GST_AUDIO_CAPS_MAKE(
            GST_AUDIO_FORMATS_ALL) ", layout=(string){ interleaved, non-interleaved }"));

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
    sound::JoinStyle join = sound::JoinStyle::kPlain;
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

  gboolean src_event(GstPad*, GstEvent* event) { return output_.event(event); }
  gboolean src_query(GstPad*, GstQuery* query) { return output_.query(query); }
  gboolean src_activate_mode(GstPad*, GstPadMode mode, gboolean active) {
    return output_.activate(mode, active);
  }

  void skip(double seconds);
  guint64 position() const;
  guint64 underruns() const;
  guint64 late_frames() const;

  GstElement& self_;
  std::shared_ptr<MixShared> shared_ = std::make_shared<MixShared>();
  MixOutput output_;
  unsigned next_number_ = 0;  // guarded by shared_->lock
};

void SmoothstepMix::class_init(BaseClass* klass) {
  gst_element_class_add_static_pad_template_with_gtype(klass, &request_template,
                                                       gstpp::type_of<MixPad>());
  gst_element_class_add_static_pad_template(klass, &MixOutput::pad_template());
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

  add_fades(
      gstpp::Properties<SmoothstepMix>(klass).flag<&Settings::is_live>(
          "is-live", "Is live",
          "Whether the clock paces the programme, which then goes on for ever, in silence if there "
          "is nothing to play; if false it is made as fast as the tracks come, waits for each, and "
          "ends with the last.",
          gstpp::kReady))
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

SmoothstepMix::SmoothstepMix(Base& self) : self_(self), output_(self, shared_) {
  GstPad* src = output_.pad();
  gst_pad_set_event_function(src, gstpp::pad_function<&SmoothstepMix::src_event>);
  gst_pad_set_query_function(src, gstpp::pad_function<&SmoothstepMix::src_query>);
  gst_pad_set_activatemode_function(src, gstpp::pad_function<&SmoothstepMix::src_activate_mode>);
  gst_element_add_pad(&self, src);
  // An EOS sent to a pipeline goes to its sources: the programme begins here.
  GST_OBJECT_FLAG_SET(&self, GST_ELEMENT_FLAG_SOURCE);
  changed(nullptr);
}

// --- settings and figures

void SmoothstepMix::changed(const char*) {
  Settings now;
  {
    const gstpp::ObjectLock lock(&self_);
    now = settings;
  }
  const std::lock_guard lock(shared_->lock);
  shared_->mix.set({.crossfade = sound::samples_from_seconds(now.crossfade),
                    .skip_fade = sound::samples_from_seconds(now.skip_fade),
                    .min_ready = sound::samples_from_seconds(now.min_ready),
                    .curve = now.curve,
                    .join = now.join,
                    .patient = output_.is_running() ? !output_.is_live() : !now.is_live});
  shared_->wake_everybody();
}

guint64 SmoothstepMix::position() const {
  const std::lock_guard lock(shared_->lock);
  return static_cast<guint64>(sound::ns_from_samples(shared_->mix.position()));
}

guint64 SmoothstepMix::underruns() const {
  const std::lock_guard lock(shared_->lock);
  return shared_->mix.underruns();
}

guint64 SmoothstepMix::late_frames() const {
  const std::lock_guard lock(shared_->lock);
  return output_.late_frames();
}

/// `seconds` < 0: as long as `skip-fade` says.
void SmoothstepMix::skip(double seconds) {
  const std::lock_guard lock(shared_->lock);
  if (seconds < 0)
    shared_->mix.skip();
  else
    shared_->mix.skip(sound::samples_from_seconds(std::min(seconds, 170.0)));
  shared_->wake.notify_one();
}

// --- pads

GstPad* SmoothstepMix::request_new_pad(GstPadTemplate* pad_template, const gchar* name,
                                       const GstCaps*) {
  const auto asked = name != nullptr ? onair::track_of(name) : std::nullopt;
  if (name != nullptr && !asked) {
    GST_WARNING_OBJECT(&self_, "a pad may be called sink_0, sink_1 …, not %s", name);
    return nullptr;
  }
  sound::VoiceId voice;
  std::string pad_name;
  {
    const std::lock_guard lock(shared_->lock);
    const unsigned number = asked.value_or(next_number_);
    next_number_ = std::max(next_number_, number + 1);
    pad_name = onair::pad_name(number);
    voice = shared_->mix.add(number);
  }
  auto* pad = GST_PAD(g_object_new(gstpp::type_of<MixPad>(), "name", pad_name.c_str(), "direction",
                                   GST_PAD_SINK, "template", pad_template, nullptr));
  auto& sink = gstpp::impl_of<MixPad>(pad);
  sink.attach(shared_, voice);
  {
    const std::lock_guard lock(shared_->lock);
    shared_->inputs.push_back(&sink);
  }
  gst_pad_set_active(pad, TRUE);
  if (gst_element_add_pad(&self_, pad)) {
    gst_child_proxy_child_added(GST_CHILD_PROXY(&self_), G_OBJECT(pad), pad_name.c_str());
    return pad;
  }

  const std::lock_guard lock(shared_->lock);  // the name was taken; the pad is gone
  std::erase(shared_->inputs, &sink);
  shared_->mix.release(voice);
  return nullptr;
}

void SmoothstepMix::release_pad(GstPad* pad) {
  auto& sink = gstpp::impl_of<MixPad>(pad);
  {
    const std::lock_guard lock(shared_->lock);
    std::erase(shared_->inputs, &sink);
    if (shared_->mix.status(sink.voice()).state != sound::VoiceState::kPlaying)
      shared_->titles.forget(sink.voice());
    shared_->mix.release(sink.voice());
    sink.set_flushing(true);  // a streaming thread that waits in the pad goes
    shared_->wake_everybody();
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

// --- states

GstStateChangeReturn SmoothstepMix::change_state(GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    bool is_live;
    {
      const gstpp::ObjectLock lock(&self_);
      is_live = settings.is_live;
    }
    output_.start(is_live);
  }
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED) output_.pause();
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) output_.stop();

  const auto result = gstpp::parent_class_of<SmoothstepMix>()->change_state(&self_, transition);
  if (result == GST_STATE_CHANGE_FAILURE) return result;

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING) output_.play();
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) output_.reset();
  const bool is_paused = transition == GST_STATE_CHANGE_READY_TO_PAUSED ||
                         transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
  const std::lock_guard lock(shared_->lock);
  return is_paused && output_.is_live() && result == GST_STATE_CHANGE_SUCCESS
             ? GST_STATE_CHANGE_NO_PREROLL
             : result;
}

gboolean SmoothstepMix::set_clock(GstClock* clock) {
  const gboolean done = gstpp::parent_class_of<SmoothstepMix>()->set_clock(&self_, clock);
  const std::lock_guard lock(shared_->lock);
  shared_->wake.notify_one();
  return done;
}

gboolean SmoothstepMix::send_event(GstEvent* event) {
  auto owned = gstpp::Ref<GstEvent>::adopt(event);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_EOS:
      return output_.end();
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_FLUSH_STOP:
      return output_.flush(std::move(owned));
    default:
      return gstpp::parent_class_of<SmoothstepMix>()->send_event(&self_, owned.release());
  }
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

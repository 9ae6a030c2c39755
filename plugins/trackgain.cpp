// SPDX-License-Identifier: Apache-2.0
/**
 * SECTION:element-trackgain
 *
 * Plays a decoded track as loud as the station: at -16 LUFS by the gain that its tags tell, with
 * peaks held below -2 dB between the samples too by a limiter that looks 5 ms ahead, and without
 * the silence at its begin and end that was measured. acestepsrc and every file with ReplayGain has
 * such tags; a track without is played as it is, but for the limiter.
 *
 * The tags have to come before the first buffer, as events or by the property `tags`; they go on
 * downstream in one event, without what was only for this element.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 acestepsrc location=http://127.0.0.1:8001 genre=jazz duration=60 ! decodebin
 * ! audioconvert ! audioresample ! trackgain ! audioconvert ! autoaudiosink
 * ]| A generated track, as loud as it would be on air.
 * |[
 * gst-launch-1.0 filesrc location=song.flac ! decodebin ! audioconvert ! audioresample ! trackgain
 * ! wavenc ! filesink location=song.wav
 * ]| A file with ReplayGain tags at -16 LUFS, nothing above -2 dBTP.
 */
#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "elements.hpp"
#include "gstpp/element.hpp"
#include "gstpp/ref.hpp"
#include "loudness_tags.hpp"
#include "pcm_caps.hpp"
#include "sound/frame.hpp"
#include "sound/presentation.hpp"

GST_DEBUG_CATEGORY_STATIC(trackgain_debug);
#define GST_CAT_DEFAULT trackgain_debug

namespace infinara {
namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/x-raw, format=(string)F32LE, rate=(int)48000, channels=(int)2, "
                    "layout=(string)interleaved, channel-mask=(bitmask)0x3"));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kPcmCaps));

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

  void reset();
  void hear_tags(const GstTagList* tags);
  void begin();
  GstFlowReturn push();
  GstFlowReturn finish();

  GstElement& self_;
  GstPad* sink_;  // both owned by the element
  GstPad* src_;
  gstpp::Ref<GstTagList> tags_;  // under the object lock

  // The streaming thread's own.
  std::optional<sound::Presenter> presenter_;
  bool over_ = false;
  std::int64_t position_ = 0;  // samples that went out
  std::vector<std::int16_t> ready_;
};

void TrackGain::class_init(BaseClass* klass) {
  gst_element_class_add_static_pad_template(klass, &sink_template);
  gst_element_class_add_static_pad_template(klass, &src_template);
  gst_element_class_set_static_metadata(klass, "Track gain", "Filter/Effect/Audio",
                                        "Plays a decoded track at -16 LUFS by its tags, limits its "
                                        "peaks to -2 dBTP and leaves out the silence at its ends",
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
  gst_pad_use_fixed_caps(src_);
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
    const gstpp::ObjectLock lock(&self_);
    tags_ = nullptr;
  }
  return result;
}

void TrackGain::reset() {
  presenter_.reset();
  over_ = false;
  position_ = 0;
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

/// All that goes before the first buffer.
void TrackGain::begin() {
  gstpp::Ref<GstTagList> tags;
  {
    const gstpp::ObjectLock lock(&self_);
    if (tags_) tags = gstpp::Ref<GstTagList>::adopt(gst_tag_list_copy(tags_.get()));
  }
  const sound::Presentation how = presentation_of(tags);
  GST_DEBUG_OBJECT(&self_, "%+.1f dB, from %.1f s until %.1f s", how.gain_db, how.from, how.until);
  presenter_.emplace(how);
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_static_pad_template_get_caps(&src_template));
  gst_pad_push_event(src_, gst_event_new_caps(caps));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(src_, gst_event_new_segment(&segment));
  if (!tags) return;
  for (const char* name :
       {kTagStationGain, kTagPlayFrom, kTagPlayUntil, GST_TAG_TRACK_GAIN, GST_TAG_TRACK_PEAK,
        GST_TAG_ALBUM_GAIN, GST_TAG_ALBUM_PEAK, GST_TAG_REFERENCE_LEVEL})
    gst_tag_list_remove_tag(tags, name);
  if (gst_tag_list_is_empty(tags) == FALSE)
    gst_pad_push_event(src_, gst_event_new_tag(tags.release()));
}

GstFlowReturn TrackGain::push() {
  if (ready_.empty()) return GST_FLOW_OK;
  const std::size_t bytes = ready_.size() * sizeof(std::int16_t);
  GstBuffer* buffer = gst_buffer_new_memdup(ready_.data(), bytes);
  const auto samples = static_cast<std::int64_t>(ready_.size() / sound::kChannels);
  const auto from = static_cast<guint64>(sound::ns_from_samples(position_));
  const auto to = static_cast<guint64>(sound::ns_from_samples(position_ + samples));
  GST_BUFFER_PTS(buffer) = from;
  GST_BUFFER_DURATION(buffer) = to - from;
  if (position_ == 0) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  position_ += samples;
  ready_.clear();
  return gst_pad_push(src_, buffer);
}

GstFlowReturn TrackGain::finish() {
  if (over_) return GST_FLOW_EOS;
  over_ = true;
  if (!presenter_) begin();
  presenter_->finish(ready_);
  const GstFlowReturn flow = push();
  gst_pad_push_event(src_, gst_event_new_eos());
  return flow == GST_FLOW_OK ? GST_FLOW_EOS : flow;
}

GstFlowReturn TrackGain::chain(GstPad*, GstBuffer* owned) {
  const auto buffer = gstpp::Ref<GstBuffer>::adopt(owned);
  if (over_) return GST_FLOW_EOS;
  if (!presenter_) begin();
  {
    const gstpp::Map map(buffer, GST_MAP_READ);
    presenter_->present(map.as<const float>(), ready_);
  }
  if (presenter_->is_over()) return finish();
  return push();
}

gboolean TrackGain::sink_event(GstPad* pad, GstEvent* owned) {
  auto event = gstpp::Ref<GstEvent>::adopt(owned);
  switch (GST_EVENT_TYPE(event.get())) {
    case GST_EVENT_CAPS:     // ours are fixed
    case GST_EVENT_SEGMENT:  // ours begins at 0
      return TRUE;
    case GST_EVENT_TAG: {
      GstTagList* tags;
      gst_event_parse_tag(event, &tags);
      if (!presenter_) hear_tags(tags);
      return TRUE;
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

}  // namespace

bool register_trackgain(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(trackgain_debug, "trackgain", 0, "loudness of tracks");
  register_loudness_tags();
  return gst_element_register(plugin, "trackgain", GST_RANK_NONE, gstpp::type_of<TrackGain>()) !=
         FALSE;
}

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "deck.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <stdexcept>
#include <utility>

#include "audition/decoder.hpp"
#include "onair/edit_list.hpp"
#include "onair/track_tags.hpp"
#include "text/number.hpp"

namespace infinara {
namespace {

constexpr std::string_view kPrefix = "track_";
constexpr const char* kLengthTolerance = "0.08";  // a length ordered is a wish

/// The pad template through which a source plays, if it can be a generator.
GstStaticPadTemplate* src_template_of(GstElementFactory* factory) {
  for (const GList* item = gst_element_factory_get_static_pad_templates(factory); item != nullptr;
       item = item->next) {
    auto* one = static_cast<GstStaticPadTemplate*>(item->data);
    if (one->direction == GST_PAD_SRC && one->presence == GST_PAD_ALWAYS &&
        std::string_view(one->name_template) == "src")
      return one;
  }
  return nullptr;
}

/// The duration, kept within the range of the source's property.
double possible_duration(GstElement* source, double wanted) {
  const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(source), "duration");
  if (spec == nullptr || !G_IS_PARAM_SPEC_DOUBLE(spec)) return wanted;
  const auto* range = reinterpret_cast<const GParamSpecDouble*>(spec);
  return std::clamp(wanted, range->minimum, range->maximum);
}

/// Sets those properties of an order that the source has.
void brief(GstElement* source, const music::Order& order) {
  std::array<char, G_ASCII_DTOSTR_BUF_SIZE> duration{};
  g_ascii_dtostr(duration.data(), static_cast<gint>(duration.size()),
                 possible_duration(source, order.duration));
  const std::string seed = std::to_string(order.seed);
  const std::string bpm = std::to_string(order.bpm);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"genre", order.genre.c_str()},
           {"caption", order.caption.c_str()},
           {"title", order.title.c_str()},
           {"duration", duration.data()},
           {"length-tolerance", kLengthTolerance},
           {"seed", seed.c_str()},
           {"bpm", bpm.c_str()},
           {"key", order.key.c_str()}}) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(source), name);
    if (spec != nullptr && (spec->flags & G_PARAM_WRITABLE) != 0)
      gst_util_set_object_arg(G_OBJECT(source), name, value);
  }
}

/// Tags for what the source does not tell.
GstEvent* tags_of(GstElement* source, const music::Order& order) {
  const char* artist = gst_element_get_metadata(source, GST_ELEMENT_METADATA_LONGNAME);
  return gst_event_new_tag(onair::to_tags({.title = order.title,
                                           .artist = artist != nullptr ? artist : "",
                                           .genre = order.genre,
                                           .caption = order.caption})
                               .release());
}

/// What an element gives or takes by its pad template of this name. The pad itself may have none,
/// as the ghost pad of a bin.
const GstCaps* caps_by_template(GstElement& element, const char* name) {
  GstPadTemplate* pad = gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(&element), name);
  return pad != nullptr ? GST_PAD_TEMPLATE_CAPS(pad) : nullptr;
}

/// What a probe on an encoded source's pad needs; all are in one bin, and so live as long.
struct Joint {
  GstElement* source;
  GstElement* convert;  // what comes after the decoder
  GstElement* gain;
};

/// Puts the decoder of these caps between the source and what comes after it. The streaming thread,
/// before the caps go anywhere.
bool join(const Joint& joint, GstPad* src, GstCaps* caps) {
  if (gst_pad_is_linked(src) != FALSE) return true;
  std::string missing;
  GstElement* decoder = make_decoder(caps, &missing);
  if (decoder == nullptr) {
    if (!missing.empty())
      GST_ELEMENT_ERROR(joint.source, CORE, MISSING_PLUGIN,
                        ("A track cannot be decoded: GStreamer lacks %s.", missing.c_str()),
                        ("caps %" GST_PTR_FORMAT, static_cast<void*>(caps)));
    else
      GST_ELEMENT_ERROR(joint.source, STREAM, WRONG_TYPE,
                        ("A track is no MP3, FLAC, WAV or Ogg file."),
                        ("caps %" GST_PTR_FORMAT, static_cast<void*>(caps)));
    return false;
  }
  const auto chain = gstpp::Ref<GstObject>::adopt(gst_object_get_parent(GST_OBJECT(joint.source)));
  gst_bin_add(GST_BIN(chain.get()), decoder);
  gst_element_link(decoder, joint.convert);
  gst_element_sync_state_with_parent(decoder);
  const auto sink = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(decoder, "sink"));
  return gst_pad_link(src, sink) == GST_PAD_LINK_OK;
}

/// Tags go round the decoder, which would mix them with its own, straight to where they are used.
GstPadProbeReturn pass(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  const auto& joint = *static_cast<const Joint*>(data);
  GstEvent* event = gst_pad_probe_info_get_event(info);
  if (GST_EVENT_TYPE(event) == GST_EVENT_TAG) {
    GstTagList* tags;
    gst_event_parse_tag(event, &tags);
    g_object_set(joint.gain, "tags", tags, nullptr);
    return GST_PAD_PROBE_DROP;
  }
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
  GstCaps* caps;
  gst_event_parse_caps(event, &caps);
  return join(joint, pad, caps) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

bool can_be(const GstCaps* caps, const char* wanted) {
  const auto kind = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(wanted));
  return gst_caps_is_any(caps) == FALSE && gst_caps_can_intersect(caps, kind) != FALSE;
}

GstElement* make(const char* factory, const char* name) {
  GstElement* element = gst_element_factory_make(factory, name);
  if (element == nullptr) throw std::runtime_error(std::string("no element ") + factory);
  return element;
}

}  // namespace

std::optional<std::string> Deck::refusal(const std::string& name) {
  const auto factory = gstpp::Ref<GstElementFactory>::adopt(gst_element_factory_find(name.c_str()));
  if (!factory) return "there is no element called " + name;
  GstStaticPadTemplate* pad = src_template_of(factory);
  if (pad == nullptr) return name + " has no pad called src to play through";
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_static_pad_template_get_caps(pad));
  if (!can_be(caps, "audio/x-raw") && !can_be(caps, kAllowedCaps))
    return name + " gives neither audio/x-raw nor MP3, FLAC, WAV or Ogg";
  return std::nullopt;
}

Deck::Deck(GstBin& bin, GstElement& mixer, const music::Order& order, const std::string& factory)
    : bin_(gstpp::Ref<GstBin>::share(&bin)), mixer_(gstpp::Ref<GstElement>::share(&mixer)) {
  const std::string number = std::to_string(order.id);
  const auto chain =
      gstpp::Ref<GstElement>::sink(gst_bin_new((std::string(kPrefix) + number).c_str()));
  GstElement* source = make(factory.c_str(), "source");
  gst_bin_add(GST_BIN(chain.get()), source);
  brief(source, order);
  auto end = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(source, "src"));
  const GstCaps* given = caps_by_template(*source, "src");
  if (!end || given == nullptr) throw std::runtime_error(factory + " has made no pad called src");
  if (gst_caps_is_subset(given, caps_by_template(mixer, "sink_%u")) == FALSE) {
    GstElement* convert = make("audioconvert", "convert");
    gst_bin_add(GST_BIN(chain.get()), convert);
    GstElement* resample = make("audioresample", "resample");
    gst_bin_add(GST_BIN(chain.get()), resample);
    gst_element_link(convert, resample);
    GstElement* last = resample;
    if (can_be(given, "audio/x-raw")) {
      if (gst_element_link(source, convert) == FALSE)
        throw std::runtime_error(factory + " cannot be linked to audioconvert");
    } else {
      last = make("trackgain", "gain");
      gst_bin_add(GST_BIN(chain.get()), last);
      gst_element_link(resample, last);
      gst_pad_add_probe(end, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, pass,
                        new Joint{source, convert, last},
                        [](gpointer joint) { delete static_cast<Joint*>(joint); });
    }
    end = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(last, "src"));
  }
  GstPad* src = gst_ghost_pad_new("src", end);
  gst_element_add_pad(chain, src);

  // Its state is the deck's business alone, whatever the bin around it does.
  gst_element_set_locked_state(chain, TRUE);
  pad_ = gstpp::Ref<GstPad>::adopt(gst_element_request_pad_simple(
      &mixer, onair::pad_name(static_cast<unsigned>(order.id)).c_str()));
  if (!pad_) throw std::runtime_error("the mixer gives no pad");
  gst_pad_send_event(pad_, tags_of(source, order));
  gst_bin_add(&bin, chain);
  if (gst_pad_link(src, pad_) != GST_PAD_LINK_OK) {
    gst_element_release_request_pad(&mixer, pad_);
    gst_bin_remove(&bin, chain);
    throw std::runtime_error(factory + " cannot be linked to the mixer");
  }
  chain_ = chain;
}

Deck::~Deck() {
  gst_element_release_request_pad(mixer_, pad_);  // first: it frees the streaming thread
  gst_element_set_state(chain_, GST_STATE_NULL);
  gst_bin_remove(bin_, chain_);
}

bool Deck::start() {
  return gst_element_set_state(chain_, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

void Deck::park(bool parked) {
  g_object_set(pad_.get(), "parked", gboolean{parked}, nullptr);
}

std::uint64_t Deck::sender(GstMessage* message, GstBin& bin) {
  auto object = gstpp::Ref<GstObject>::share(GST_MESSAGE_SRC(message));
  while (object) {
    auto parent = gstpp::Ref<GstObject>::adopt(gst_object_get_parent(object));
    if (parent.get() == GST_OBJECT(&bin)) break;
    object = std::move(parent);
  }
  if (!object) return 0;
  const gstpp::String name(gst_object_get_name(object));
  const std::string_view chain(name.get());
  if (!chain.starts_with(kPrefix)) return 0;
  return text::number<std::uint64_t>(chain.substr(kPrefix.size())).value_or(0);
}

}  // namespace infinara

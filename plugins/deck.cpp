// SPDX-License-Identifier: Apache-2.0
#include "deck.hpp"

#include <array>
#include <charconv>
#include <initializer_list>
#include <stdexcept>
#include <utility>

namespace infinara {
namespace {

constexpr std::string_view kPrefix = "track_";

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

/// Says it in the source's own words, as far as it has them.
void brief(GstElement* source, const music::Order& order) {
  std::array<char, G_ASCII_DTOSTR_BUF_SIZE> duration{};
  g_ascii_dtostr(duration.data(), static_cast<gint>(duration.size()), order.duration);
  const std::string seed = std::to_string(order.seed);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"genre", order.genre.c_str()},
           {"caption", order.caption.c_str()},
           {"title", order.title.c_str()},
           {"duration", duration.data()},
           {"seed", seed.c_str()}}) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(source), name);
    if (spec != nullptr && (spec->flags & G_PARAM_WRITABLE) != 0)
      gst_util_set_object_arg(G_OBJECT(source), name, value);
  }
}

/// Whether whatever comes from the pad is what the mixer takes, and needs no conversion.
bool suits(GstPad* src, GstElement& mixer) {
  const auto given = gstpp::Ref<GstCaps>::adopt(gst_pad_get_pad_template_caps(src));
  GstPadTemplate* sink =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(&mixer), "sink_%u");
  return gst_caps_is_subset(given, GST_PAD_TEMPLATE_CAPS(sink)) != FALSE;
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
  const auto raw = gstpp::Ref<GstCaps>::adopt(gst_caps_new_empty_simple("audio/x-raw"));
  if (gst_caps_is_any(caps) || gst_caps_can_intersect(caps, raw) == FALSE)
    return name + " gives encoded data, and only sources of audio/x-raw can be played";
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
  if (!suits(end, mixer)) {
    GstElement* convert = make("audioconvert", "convert");
    gst_bin_add(GST_BIN(chain.get()), convert);
    GstElement* resample = make("audioresample", "resample");
    gst_bin_add(GST_BIN(chain.get()), resample);
    if (gst_element_link_many(source, convert, resample, nullptr) == FALSE)
      throw std::runtime_error(factory + " cannot be linked to audioconvert");
    end = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(resample, "src"));
  }
  GstPad* src = gst_ghost_pad_new("src", end);
  gst_element_add_pad(chain, src);

  // Its state is the deck's business alone, whatever the bin around it does.
  gst_element_set_locked_state(chain, TRUE);
  pad_ =
      gstpp::Ref<GstPad>::adopt(gst_element_request_pad_simple(&mixer, ("sink_" + number).c_str()));
  if (!pad_) throw std::runtime_error("the mixer gives no pad");
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
  const std::string_view text(name.get());
  std::uint64_t id = 0;
  if (text.starts_with(kPrefix))
    std::from_chars(text.data() + kPrefix.size(), text.data() + text.size(), id);
  return id;
}

}  // namespace infinara

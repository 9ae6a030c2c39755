// SPDX-License-Identifier: Apache-2.0
#include "decoder.hpp"

#include <gst/base/gsttypefindhelper.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace infinara {
namespace {

struct Kind {
  const char* media_type;
  std::array<const char*, 2> elements;  // in order; the last may be absent
};

constexpr Kind kKinds[] = {
    {"audio/mpeg", {"mpegaudioparse", "mpg123audiodec"}},
    {"audio/x-flac", {"flacparse", "flacdec"}},
    {"audio/x-wav", {"wavparse", nullptr}},
    {"application/ogg", {"oggdemux", nullptr}},
    {"audio/ogg", {"oggdemux", nullptr}},
};

// Inside of Ogg.
constexpr Kind kStreams[] = {
    {"audio/x-vorbis", {"vorbisdec", nullptr}},
    {"audio/x-opus", {"opusdec", nullptr}},
};

const Kind* kind_of(std::span<const Kind> kinds, const GstCaps* caps) {
  if (caps == nullptr || gst_caps_is_any(caps) || gst_caps_get_size(caps) == 0) return nullptr;
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) {
    return gst_structure_has_name(structure, kind.media_type) != FALSE;
  });
  if (found == kinds.end()) return nullptr;
  gint version = 1;  // of MPEG: 2 and 4 are AAC
  gst_structure_get_int(structure, "mpegversion", &version);
  return version == 1 ? &*found : nullptr;
}

/// An Ogg file says only while it is read what is in it. The first stream of an allowed kind is
/// taken; the others stay unlinked, which oggdemux bears.
void take_stream(GstElement* demux, GstPad* pad, gpointer) {
  const auto bin = gstpp::Ref<GstObject>::adopt(gst_element_get_parent(demux));
  if (!bin) return;
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
  const Kind* kind = kind_of(kStreams, caps);
  const auto convert =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "convert"));
  const auto end = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(convert, "sink"));
  if (kind == nullptr || gst_pad_is_linked(end) != FALSE) return;
  GstElement* decoder = gst_element_factory_make(kind->elements[0], nullptr);
  if (decoder == nullptr) return;
  gst_bin_add(GST_BIN(bin.get()), decoder);
  gst_element_link(decoder, convert);
  gst_element_sync_state_with_parent(decoder);
  const auto begin = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(decoder, "sink"));
  gst_pad_link(pad, begin);
}

}  // namespace

std::span<const std::byte> without_id3(std::span<const std::byte> bytes) {
  const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(bytes[i]); };
  while (bytes.size() > 10 && at(0) == 'I' && at(1) == 'D' && at(2) == '3' && at(3) < 0x10) {
    std::size_t size = 10;
    for (std::size_t i = 6; i < 10; ++i) {
      if (at(i) > 0x7F) return bytes;
    }
    size += at(6) << 21 | at(7) << 14 | at(8) << 7 | at(9);
    if ((at(5) & 0x10) != 0) size += 10;  // a footer
    bytes = bytes.subspan(std::min(size, bytes.size()));
  }
  return bytes;
}

gstpp::Ref<GstCaps> allowed_caps(std::span<const std::byte> bytes) {
  // The helper may look anywhere; no file needs more than this to be told.
  bytes = bytes.first(std::min<std::size_t>(bytes.size(), 256 * 1024));
  if (bytes.empty()) return {};
  GstTypeFindProbability sure = GST_TYPE_FIND_NONE;
  auto caps = gstpp::Ref<GstCaps>::adopt(gst_type_find_helper_for_data(
      nullptr, reinterpret_cast<const guint8*>(bytes.data()), bytes.size(), &sure));
  if (!caps || sure < GST_TYPE_FIND_POSSIBLE || !is_allowed(caps)) return {};
  return caps;
}

bool is_allowed(const GstCaps* caps) {
  return kind_of(kKinds, caps) != nullptr;
}

GstElement* make_decoder(const GstCaps* caps, std::string* missing) {
  const Kind* kind = kind_of(kKinds, caps);
  missing->clear();
  if (kind == nullptr) return nullptr;
  const auto bin = gstpp::Ref<GstElement>::sink(gst_bin_new(nullptr));
  const auto add = [&](const char* factory, const char* name) -> GstElement* {
    GstElement* element = gst_element_factory_make(factory, name);
    if (element == nullptr)
      *missing = factory;
    else
      gst_bin_add(GST_BIN(bin.get()), element);
    return element;
  };
  GstElement* convert = add("audioconvert", "convert");
  GstElement* first = add(kind->elements[0], nullptr);
  if (convert == nullptr || first == nullptr) return nullptr;
  GstElement* last = first;
  if (kind->elements[1] != nullptr) {
    last = add(kind->elements[1], nullptr);
    if (last == nullptr) return nullptr;
    gst_element_link(first, last);
  }
  if (std::string_view(kind->elements[0]) == "oggdemux")
    g_signal_connect(first, "pad-added", G_CALLBACK(take_stream), nullptr);
  else
    gst_element_link(last, convert);
  const auto begin = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(first, "sink"));
  const auto end = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(convert, "src"));
  gst_element_add_pad(bin, gst_ghost_pad_new("sink", begin));
  gst_element_add_pad(bin, gst_ghost_pad_new("src", end));
  g_object_force_floating(G_OBJECT(bin.get()));
  return GST_ELEMENT(g_object_ref(bin.get()));
}

}  // namespace infinara

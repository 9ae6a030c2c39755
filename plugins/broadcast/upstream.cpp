// SPDX-License-Identifier: Apache-2.0
#include "broadcast/upstream.hpp"

#include <string_view>

namespace infinara {

namespace {

constexpr int kMostSteps = 100;  // a pipeline with a loop has no end

/// The element that the data of `pad`'s peer comes from, seen through bins; null at the end.
gstpp::Ref<GstElement> upstream_of(GstPad* pad) {
  auto peer = gstpp::Ref<GstPad>::adopt(gst_pad_get_peer(pad));
  for (int step = 0; peer && step < kMostSteps; ++step) {
    if (GST_IS_GHOST_PAD(peer.get())) {  // the way into a bin
      peer = gstpp::Ref<GstPad>::adopt(gst_ghost_pad_get_target(GST_GHOST_PAD(peer.get())));
      continue;
    }
    auto parent = gstpp::Ref<GstObject>::adopt(gst_object_get_parent(GST_OBJECT(peer.get())));
    if (!parent) return nullptr;
    if (GST_IS_ELEMENT(parent.get()))
      return gstpp::Ref<GstElement>::adopt(GST_ELEMENT(parent.release()));
    // The way out of a bin: the inner side of a ghost pad.
    peer = gstpp::Ref<GstPad>::adopt(gst_pad_get_peer(GST_PAD(parent.get())));
  }
  return nullptr;
}

bool is_muxer(GstElement* element) {
  const gchar* kind = gst_element_get_metadata(element, GST_ELEMENT_METADATA_KLASS);
  return kind != nullptr && std::string_view(kind).find("Muxer") != std::string_view::npos;
}

}  // namespace

std::vector<gstpp::Ref<GstPad>> inputs_of(GstElement* element) {
  std::vector<gstpp::Ref<GstPad>> pads;
  GST_OBJECT_LOCK(element);
  for (const GList* item = element->sinkpads; item != nullptr; item = item->next)
    pads.push_back(gstpp::Ref<GstPad>::share(GST_PAD(item->data)));
  GST_OBJECT_UNLOCK(element);
  return pads;
}

gstpp::Ref<GstElement> muxer_before(GstPad* sink) {
  auto at = gstpp::Ref<GstPad>::share(sink);
  for (int step = 0; step < kMostSteps; ++step) {
    auto element = upstream_of(at);
    if (!element || is_muxer(element)) return element;
    const auto inputs = inputs_of(element);
    if (inputs.size() != 1) return nullptr;
    at = inputs.front();
  }
  return nullptr;
}

}  // namespace infinara

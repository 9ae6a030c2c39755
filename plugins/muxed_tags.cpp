// SPDX-License-Identifier: Apache-2.0
#include "muxed_tags.hpp"

#include <string_view>
#include <utility>

namespace infinara {

namespace {

constexpr int kMostSteps = 100;  // upstream; a pipeline with a loop has no end

/// What a probe needs. It holds its owner weakly: the pad may outlive it.
struct Ear {
  Ear(GstElement* element, MuxedTags::Take t, bool only) : take(std::move(t)), only_input(only) {
    g_weak_ref_init(&owner, element);
  }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;
  ~Ear() { g_weak_ref_clear(&owner); }

  GWeakRef owner;
  MuxedTags::Take take;
  bool only_input;
};

GstPadProbeReturn hear(GstPad*, GstPadProbeInfo* info, gpointer data) {
  GstEvent* event = gst_pad_probe_info_get_event(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_TAG) return GST_PAD_PROBE_OK;
  auto& ear = *static_cast<Ear*>(data);
  const auto owner =
      gstpp::Ref<GstElement>::adopt(static_cast<GstElement*>(g_weak_ref_get(&ear.owner)));
  if (!owner) return GST_PAD_PROBE_OK;
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event, &tags);
  ear.take(tags, ear.only_input);
  return GST_PAD_PROBE_OK;
}

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

std::vector<gstpp::Ref<GstPad>> inputs_of(GstElement* element) {
  std::vector<gstpp::Ref<GstPad>> pads;
  GST_OBJECT_LOCK(element);
  for (const GList* item = element->sinkpads; item != nullptr; item = item->next)
    pads.push_back(gstpp::Ref<GstPad>::share(GST_PAD(item->data)));
  GST_OBJECT_UNLOCK(element);
  return pads;
}

bool is_muxer(GstElement* element) {
  const gchar* kind = gst_element_get_metadata(element, GST_ELEMENT_METADATA_KLASS);
  return kind != nullptr && std::string_view(kind).find("Muxer") != std::string_view::npos;
}

}  // namespace

void MuxedTags::find(GstPad* sink, GstElement* owner, const Take& take) {
  forget();
  std::vector<gstpp::Ref<GstPad>> inputs;
  auto at = gstpp::Ref<GstPad>::share(sink);
  for (int step = 0;; ++step) {
    const auto element = upstream_of(at);
    if (!element || step == kMostSteps) return;
    inputs = inputs_of(element);
    if (is_muxer(element)) break;
    if (inputs.size() != 1) return;
    at = inputs.front();
  }
  const bool only = inputs.size() == 1;
  for (auto& pad : inputs) {
    const gulong probe = gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, hear,
                                           new Ear(owner, take, only),
                                           [](gpointer ear) { delete static_cast<Ear*>(ear); });
    for (guint i = 0;; ++i) {
      const auto event =
          gstpp::Ref<GstEvent>::adopt(gst_pad_get_sticky_event(pad, GST_EVENT_TAG, i));
      if (!event) break;
      GstTagList* tags = nullptr;
      gst_event_parse_tag(event, &tags);
      take(tags, only);
    }
    inputs_.push_back({std::move(pad), probe});
  }
}

void MuxedTags::forget() {
  for (const Input& input : inputs_) gst_pad_remove_probe(input.pad, input.probe);
  inputs_.clear();
}

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "broadcast/muxed_tags.hpp"

#include <utility>

#include "broadcast/upstream.hpp"

namespace infinara {

namespace {

/// What a probe needs. It holds its owner weakly: the pad may outlive it.
struct TagProbe {
  TagProbe(GstElement* element, MuxedTags::Take t, bool only)
      : take(std::move(t)), only_input(only) {
    g_weak_ref_init(&owner, element);
  }
  TagProbe(const TagProbe&) = delete;
  TagProbe& operator=(const TagProbe&) = delete;
  ~TagProbe() { g_weak_ref_clear(&owner); }

  GWeakRef owner;
  MuxedTags::Take take;
  bool only_input;
};

GstPadProbeReturn hear(GstPad*, GstPadProbeInfo* info, gpointer data) {
  GstEvent* event = gst_pad_probe_info_get_event(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_TAG) return GST_PAD_PROBE_OK;
  auto& probe = *static_cast<TagProbe*>(data);
  const auto owner =
      gstpp::Ref<GstElement>::adopt(static_cast<GstElement*>(g_weak_ref_get(&probe.owner)));
  if (!owner) return GST_PAD_PROBE_OK;
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event, &tags);
  probe.take(tags, probe.only_input);
  return GST_PAD_PROBE_OK;
}

}  // namespace

void MuxedTags::find(GstPad* sink, GstElement* owner, const Take& take) {
  forget();
  const auto muxer = muxer_before(sink);
  if (!muxer) return;
  auto inputs = inputs_of(muxer);
  const bool only = inputs.size() == 1;
  for (auto& pad : inputs) {
    const gulong probe = gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, hear, new TagProbe(owner, take, only),
        [](gpointer data) { delete static_cast<TagProbe*>(data); });
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

// SPDX-License-Identifier: Apache-2.0
#include "gstpp/stream.hpp"

#include "gstpp/ref.hpp"

namespace gstpp {
namespace {

constexpr int kMostElements = 64;  // upstream; more are taken for a circle

bool is_flushing(GstPad* pad) {
  const ObjectLock lock(pad);
  return GST_PAD_IS_FLUSHING(pad);
}

bool has_task(GstPad* pad) {
  const ObjectLock lock(pad);
  return GST_PAD_TASK(pad) != nullptr;
}

bool is_open(GstPad* sink, int depth);

/// Whether a buffer can still come out of a source pad: by any of the pads that lead to it.
bool gives(GstPad* src, int depth) {
  if (is_flushing(src)) return false;
  if (has_task(src) || depth == 0) return true;
  GstIterator* inner = gst_pad_iterate_internal_links(src);
  if (inner == nullptr) return true;
  const std::unique_ptr<GstIterator, FreeWith<gst_iterator_free>> owner(inner);
  bool any = false;
  bool open = false;
  GValue item = G_VALUE_INIT;
  for (;;) {
    const auto step = gst_iterator_next(inner, &item);
    if (step == GST_ITERATOR_RESYNC) return true;  // something is changing: look again later
    if (step != GST_ITERATOR_OK) break;
    any = true;
    open = open || is_open(GST_PAD(g_value_get_object(&item)), depth - 1);
    g_value_reset(&item);
  }
  if (G_IS_VALUE(&item)) g_value_unset(&item);
  return open || !any;
}

/// Whether a buffer can still come into a sink pad.
bool is_open(GstPad* sink, int depth) {
  if (is_flushing(sink)) return false;
  if (has_task(sink)) return true;  // it pulls
  const auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(sink));
  return peer && gives(peer, depth);
}

}  // namespace

bool is_cut_off(GstPad* pad) {
  return !is_open(pad, kMostElements);
}

}  // namespace gstpp

// SPDX-License-Identifier: Apache-2.0
#include "decoding.hpp"

#include <algorithm>

#include "decoder.hpp"

namespace infinara {
namespace {

constexpr std::size_t kBlock = 16 * 1024;  // bytes into the decoder at once

}  // namespace

Decoding::~Decoding() {
  if (decoder_) gst_element_set_state(decoder_, GST_STATE_NULL);
  if (bus_) gst_bus_set_flushing(bus_, TRUE);
}

bool Decoding::run(std::span<const std::byte> bytes, const std::atomic<bool>* cancel,
                   std::string* missing) {
  if (!build(missing)) return false;
  GstFlowReturn flow = push_all(bytes, cancel);
  if (flow == GST_FLOW_OK && !refused_) gst_pad_push_event(in_, gst_event_new_eos());
  const auto error = gstpp::Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_, GST_MESSAGE_ERROR));
  return !refused_ && !error && (flow == GST_FLOW_OK || flow == GST_FLOW_EOS);
}

/// The decoder between our two pads, playing.
bool Decoding::build(std::string* missing) {
  decoder_ = gstpp::Ref<GstElement>::sink(make_decoder(caps_, missing));
  if (!decoder_) return false;
  bus_ = gstpp::Ref<GstBus>::adopt(gst_bus_new());
  gst_element_set_bus(decoder_, bus_);
  floats_ = gstpp::Ref<GstCaps>::adopt(
      gst_caps_from_string("audio/x-raw, format=(string)F32LE, layout=(string)interleaved"));

  in_ = gstpp::Ref<GstPad>::sink(gst_pad_new("in", GST_PAD_SRC));
  out_ = gstpp::Ref<GstPad>::sink(gst_pad_new("out", GST_PAD_SINK));
  gst_pad_set_element_private(out_, this);
  gst_pad_set_chain_function(out_, [](GstPad* pad, GstObject*, GstBuffer* buffer) {
    return static_cast<Decoding*>(gst_pad_get_element_private(pad))->take(buffer);
  });
  gst_pad_set_event_function(out_, [](GstPad* pad, GstObject*, GstEvent* event) {
    return static_cast<Decoding*>(gst_pad_get_element_private(pad))->hear(event);
  });
  gst_pad_set_query_function(out_, [](GstPad* pad, GstObject* parent, GstQuery* query) {
    return static_cast<Decoding*>(gst_pad_get_element_private(pad))->answer(pad, parent, query);
  });
  gst_pad_set_active(in_, TRUE);
  gst_pad_set_active(out_, TRUE);
  const auto sink = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(decoder_, "sink"));
  const auto src = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(decoder_, "src"));
  if (gst_pad_link(in_, sink) != GST_PAD_LINK_OK || gst_pad_link(src, out_) != GST_PAD_LINK_OK)
    return false;
  watch_format();
  return gst_element_set_state(decoder_, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

GstFlowReturn Decoding::push_all(std::span<const std::byte> bytes,
                                 const std::atomic<bool>* cancel) {
  gst_pad_push_event(in_, gst_event_new_stream_start("audition"));
  gst_pad_push_event(in_, gst_event_new_caps(caps_));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_BYTES);
  gst_pad_push_event(in_, gst_event_new_segment(&segment));
  GstFlowReturn flow = GST_FLOW_OK;
  for (std::size_t at = 0; at < bytes.size() && flow == GST_FLOW_OK && !refused_; at += kBlock) {
    if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) return GST_FLOW_FLUSHING;
    const auto block = bytes.subspan(at, std::min(kBlock, bytes.size() - at));
    // The bytes outlive the decoder, so they are lent, not copied.
    GstBuffer* buffer =
        gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, const_cast<std::byte*>(block.data()),
                                    block.size(), 0, block.size(), nullptr, nullptr);
    GST_BUFFER_OFFSET(buffer) = at;
    flow = gst_pad_push(in_, buffer);
  }
  return flow;
}

/// The rate and channels as they are in the file, before anything is converted.
void Decoding::watch_format() {
  const auto convert =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(decoder_.get()), "convert"));
  const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(convert, "sink"));
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo* info, gpointer self) {
        GstEvent* event = gst_pad_probe_info_get_event(info);
        if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
        GstCaps* caps;
        gst_event_parse_caps(event, &caps);
        return static_cast<Decoding*>(self)->accept(caps) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
      },
      this, nullptr);
}

bool Decoding::accept(const GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  gint rate = 0;
  gint channels = 0;
  gst_structure_get_int(structure, "rate", &rate);
  gst_structure_get_int(structure, "channels", &channels);
  if (has_format_ && rate == rate_ && channels == channels_) return true;
  // A file that changes its format half way is as odd as one that begins oddly.
  if (has_format_ || !samples_.format(rate, channels)) refused_ = true;
  has_format_ = true;
  rate_ = rate;
  channels_ = channels;
  return !refused_;
}

GstFlowReturn Decoding::take(GstBuffer* owned) {
  const auto buffer = gstpp::Ref<GstBuffer>::adopt(owned);
  if (refused_) return GST_FLOW_EOS;
  const gstpp::Map map(buffer, GST_MAP_READ);
  if (!has_format_ || !samples_.samples(map.as<const float>())) {
    refused_ = true;
    return GST_FLOW_EOS;
  }
  return GST_FLOW_OK;
}

gboolean Decoding::hear(GstEvent* event) {
  gst_event_unref(event);
  return TRUE;
}

gboolean Decoding::answer(GstPad* pad, GstObject* parent, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_CAPS: {
      GstCaps* filter;
      gst_query_parse_caps(query, &filter);
      const auto both = filter != nullptr
                            ? gstpp::Ref<GstCaps>::adopt(gst_caps_intersect(filter, floats_))
                            : floats_;
      gst_query_set_caps_result(query, both);
      return TRUE;
    }
    case GST_QUERY_ACCEPT_CAPS: {
      GstCaps* caps;
      gst_query_parse_accept_caps(query, &caps);
      gst_query_set_accept_caps_result(query, gst_caps_is_subset(caps, floats_));
      return TRUE;
    }
    default:
      return gst_pad_query_default(pad, parent, query);
  }
}

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "audition.hpp"

#include <ebur128.h>
#include <gst/gst.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "decoder.hpp"
#include "gstpp/ref.hpp"
#include "sound/limiter.hpp"
#include "sound/loudness.hpp"
#include "sound/meter.hpp"

namespace infinara {
namespace {

constexpr std::size_t kBlock = 16 * 1024;  // bytes into the decoder at once
constexpr double kLongest = 1200;          // seconds; no order is longer than 600

using Bytes = std::span<const std::byte>;

struct CloseMeter {
  void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
};
using LoudnessMeter = std::unique_ptr<ebur128_state, CloseMeter>;

double loudness_of(ebur128_state* state) {
  double lufs = -70;
  if (state == nullptr || ebur128_loudness_global(state, &lufs) != EBUR128_SUCCESS) return -70;
  return std::isfinite(lufs) ? lufs : -70;
}

/// Who hears the decoded samples. False ends the decoding.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual bool format(int rate, int channels) = 0;
  virtual bool samples(std::span<const float> interleaved) = 0;
};

/// Bytes through a fixed chain to a listener, all on this thread: a pad of ours pushes into the
/// chain, and another takes what comes out, within the same call.
class Decoding {
 public:
  Decoding(GstCaps* caps, Listener& listener) : caps_(caps), listener_(listener) {}
  ~Decoding() {
    if (decoder_) gst_element_set_state(decoder_, GST_STATE_NULL);
    if (bus_) gst_bus_set_flushing(bus_, TRUE);
  }
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

  /// True if the decoder took it to the end without an error and the listener wanted all of it.
  bool run(Bytes bytes, const std::atomic<bool>* cancel, std::string* missing) {
    decoder_ = gstpp::Ref<GstElement>::sink(make_decoder(caps_, missing));
    if (!decoder_) return false;
    bus_ = gstpp::Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(decoder_, bus_);

    in_ = gstpp::Ref<GstPad>::sink(gst_pad_new("in", GST_PAD_SRC));
    out_ = gstpp::Ref<GstPad>::sink(gst_pad_new("out", GST_PAD_SINK));
    const auto only_floats = gstpp::Ref<GstCaps>::adopt(
        gst_caps_from_string("audio/x-raw, format=(string)F32LE, layout=(string)interleaved"));
    gst_pad_set_element_private(out_, this);
    gst_pad_set_chain_function(out_, [](GstPad* pad, GstObject*, GstBuffer* buffer) {
      return static_cast<Decoding*>(gst_pad_get_element_private(pad))->take(buffer);
    });
    gst_pad_set_event_function(out_, [](GstPad* pad, GstObject*, GstEvent* event) {
      return static_cast<Decoding*>(gst_pad_get_element_private(pad))->hear(event);
    });
    template_ = only_floats;
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
    if (gst_element_set_state(decoder_, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
      return false;

    gst_pad_push_event(in_, gst_event_new_stream_start("audition"));
    gst_pad_push_event(in_, gst_event_new_caps(caps_));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_BYTES);
    gst_pad_push_event(in_, gst_event_new_segment(&segment));
    GstFlowReturn flow = GST_FLOW_OK;
    for (std::size_t at = 0; at < bytes.size() && flow == GST_FLOW_OK && !refused_; at += kBlock) {
      if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) return false;
      const Bytes block = bytes.subspan(at, std::min(kBlock, bytes.size() - at));
      // The bytes outlive the decoder, so they are lent, not copied.
      GstBuffer* buffer = gst_buffer_new_wrapped_full(
          GST_MEMORY_FLAG_READONLY, const_cast<std::byte*>(block.data()), block.size(), 0,
          block.size(), nullptr, nullptr);
      GST_BUFFER_OFFSET(buffer) = at;
      flow = gst_pad_push(in_, buffer);
    }
    if (flow == GST_FLOW_OK && !refused_) gst_pad_push_event(in_, gst_event_new_eos());
    const auto error = gstpp::Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_, GST_MESSAGE_ERROR));
    return !refused_ && !error && (flow == GST_FLOW_OK || flow == GST_FLOW_EOS);
  }

 private:
  /// The rate and channels as they are in the file, before anything is converted.
  void watch_format() {
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

  bool accept(const GstCaps* caps) {
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    gint rate = 0;
    gint channels = 0;
    gst_structure_get_int(structure, "rate", &rate);
    gst_structure_get_int(structure, "channels", &channels);
    if (has_format_ && rate == rate_ && channels == channels_) return true;
    // A file that changes its format half way is as odd as one that begins oddly.
    if (has_format_ || !listener_.format(rate, channels)) refused_ = true;
    has_format_ = true;
    rate_ = rate;
    channels_ = channels;
    return !refused_;
  }

  GstFlowReturn take(GstBuffer* owned) {
    const auto buffer = gstpp::Ref<GstBuffer>::adopt(owned);
    if (refused_) return GST_FLOW_EOS;
    const gstpp::Map map(buffer, GST_MAP_READ);
    if (!has_format_ || !listener_.samples(map.as<const float>())) {
      refused_ = true;
      return GST_FLOW_EOS;
    }
    return GST_FLOW_OK;
  }

  gboolean hear(GstEvent* event) {
    gst_event_unref(event);
    return TRUE;
  }

  gboolean answer(GstPad* pad, GstObject* parent, GstQuery* query) {
    switch (GST_QUERY_TYPE(query)) {
      case GST_QUERY_CAPS: {
        GstCaps* filter;
        gst_query_parse_caps(query, &filter);
        const auto both = filter != nullptr
                              ? gstpp::Ref<GstCaps>::adopt(gst_caps_intersect(filter, template_))
                              : template_;
        gst_query_set_caps_result(query, both);
        return TRUE;
      }
      case GST_QUERY_ACCEPT_CAPS: {
        GstCaps* caps;
        gst_query_parse_accept_caps(query, &caps);
        gst_query_set_accept_caps_result(query, gst_caps_is_subset(caps, template_));
        return TRUE;
      }
      default:
        return gst_pad_query_default(pad, parent, query);
    }
  }

  GstCaps* const caps_;
  Listener& listener_;
  gstpp::Ref<GstElement> decoder_;
  gstpp::Ref<GstBus> bus_;
  gstpp::Ref<GstPad> in_;
  gstpp::Ref<GstPad> out_;
  gstpp::Ref<GstCaps> template_;
  bool has_format_ = false;
  int rate_ = 0;
  int channels_ = 0;
  bool refused_ = false;
};

bool is_playable(int rate, int channels) {
  return rate >= 8000 && rate <= 192000 && (channels == 1 || channels == 2);
}

/// The first hearing: all that sound::judge() wants to know.
class Jury : public Listener {
 public:
  explicit Jury(double most_seconds) : most_seconds_(most_seconds) {}

  bool format(int rate, int channels) override {
    heard.rate = rate;
    heard.channels = channels;
    if (!is_playable(rate, channels)) return false;
    meter_.emplace(rate, channels);
    loudness_.reset(ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(rate),
                                 EBUR128_MODE_I));
    return loudness_ != nullptr;
  }

  bool samples(std::span<const float> samples) override {
    meter_->listen(samples);
    // One NaN would stay in the filters for ever, and the verdict is known already.
    if (meter_->not_numbers() > 0) return false;
    ebur128_add_frames_float(loudness_.get(), samples.data(),
                             samples.size() / static_cast<std::size_t>(heard.channels));
    return meter_->seconds() < most_seconds_;
  }

  /// Fills in the figures.
  void finish() {
    if (!meter_) return;
    heard.seconds = meter_->seconds();
    heard.levels = meter_->levels();
    heard.rms = meter_->rms_db();
    heard.peak = meter_->peak_db();
    heard.true_peak = meter_->true_peak_db();
    heard.offset = meter_->offset();
    heard.clipped = meter_->clipped();
    heard.not_numbers = meter_->not_numbers();
    heard.loudness = loudness_of(loudness_.get());
    // On air one channel is heard from both sides, which BS.1770 counts twice.
    if (heard.channels == 1) heard.loudness += 10 * std::log10(2.0);
  }

  sound::Heard heard;

 private:
  const double most_seconds_;
  std::optional<sound::Meter> meter_;
  LoudnessMeter loudness_;
};

/// The second hearing, for tracks whose peaks the limiter will take: how loud it leaves them.
class AsOnAir : public Listener {
 public:
  explicit AsOnAir(double gain_db) : gain_(static_cast<float>(std::pow(10, gain_db / 20))) {}

  bool format(int rate, int channels) override {
    channels_ = channels;
    limiter_.emplace(rate, channels);
    loudness_.reset(ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(rate),
                                 EBUR128_MODE_I));
    return loudness_ != nullptr;
  }

  bool samples(std::span<const float> samples) override {
    block_.assign(samples.begin(), samples.end());
    for (float& x : block_) x *= gain_;
    limiter_->process(block_);
    ebur128_add_frames_float(loudness_.get(), block_.data(),
                             block_.size() / static_cast<std::size_t>(channels_));
    return true;
  }

  double loudness() const {
    return loudness_of(loudness_.get()) + (channels_ == 1 ? 10 * std::log10(2.0) : 0);
  }

 private:
  const float gain_;
  int channels_ = 2;
  std::optional<sound::Limiter> limiter_;
  LoudnessMeter loudness_;
  std::vector<float> block_;
};

}  // namespace

AuditionReport audition(Bytes bytes, const AuditionOrder& order, const std::atomic<bool>* cancel) {
  AuditionReport report;
  const auto is_cancelled = [&] { return cancel != nullptr && cancel->load(); };
  bytes = without_id3(bytes);
  const gstpp::Ref<GstCaps> caps = allowed_caps(bytes);
  if (!caps) {
    report.reason = "is no MP3, FLAC, WAV or Ogg file";
    return report;
  }
  report.media_type = gst_structure_get_name(gst_caps_get_structure(caps, 0));

  const double most = order.seconds > 0 ? 2 * order.seconds + 60 : kLongest;
  Jury jury(std::min(most, kLongest));
  std::string missing;
  {
    Decoding decoding(caps, jury);
    jury.heard.to_the_end = decoding.run(bytes, cancel, &missing);
  }
  if (!missing.empty()) {
    report.reason = "cannot be decoded: GStreamer lacks " + missing;
    return report;
  }
  if (is_cancelled()) {
    report.reason = "was not heard to its end";
    return report;
  }
  jury.finish();
  // It was we who stopped when it had shown enough.
  sound::Heard& heard = jury.heard;
  const bool is_long = heard.seconds >= std::min(most, kLongest);
  const bool is_odd = heard.rate > 0 && !is_playable(heard.rate, heard.channels);
  if (heard.not_numbers > 0 || is_long || is_odd) heard.to_the_end = true;

  sound::Verdict verdict = sound::judge(heard, {order.seconds, order.tolerance, order.limits});
  if (verdict.ok && heard.true_peak + verdict.gain_db > sound::kCeilingDb + 0.5) {
    AsOnAir on_air(verdict.gain_db);
    Decoding decoding(caps, on_air);
    decoding.run(bytes, cancel, &missing);
    if (is_cancelled()) {
      report.reason = "was not heard to its end";
      return report;
    }
    // What the limiter takes is given back once; the rest is within a fifth of a dB.
    verdict.gain_db += std::clamp(sound::kTargetLufs - on_air.loudness(), 0.0, 6.0);
  }
  report.ok = verdict.ok;
  report.reason = verdict.reason;
  report.duration = heard.seconds;
  report.loudness_lufs = heard.loudness;
  report.true_peak_dbtp = heard.true_peak;
  report.head_silence = verdict.head;
  report.tail_silence = verdict.tail;
  report.gain_db = verdict.gain_db;
  return report;
}

}  // namespace infinara

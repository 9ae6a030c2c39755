// SPDX-License-Identifier: Apache-2.0
#include "audition.hpp"

#include <ebur128.h>
#include <gst/gst.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "decoder.hpp"
#include "decoding.hpp"
#include "gstpp/ref.hpp"
#include "sound/defects.hpp"
#include "sound/limiter.hpp"
#include "sound/meter.hpp"
#include "sound/validation.hpp"

namespace infinara {
namespace {

constexpr double kLongest = 1200;  // seconds; no order is longer than 600

using Bytes = std::span<const std::byte>;

/// Integrated loudness by BS.1770, as on air.
class Loudness {
 public:
  /// False if there is no memory for it.
  bool open(int rate, int channels) {
    channels_ = channels;
    state_.reset(ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(rate),
                              EBUR128_MODE_I));
    return state_ != nullptr;
  }
  void listen(std::span<const float> samples) {
    ebur128_add_frames_float(state_.get(), samples.data(),
                             samples.size() / static_cast<std::size_t>(channels_));
  }
  /// LUFS; -70 of silence.
  double lufs() const {
    double lufs = -70;
    if (state_ == nullptr || ebur128_loudness_global(state_.get(), &lufs) != EBUR128_SUCCESS ||
        !std::isfinite(lufs))
      lufs = -70;
    // On air one channel is heard from both sides, which BS.1770 counts twice.
    return channels_ == 1 ? lufs + 10 * std::log10(2.0) : lufs;
  }

 private:
  struct Close {
    void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
  };
  std::unique_ptr<ebur128_state, Close> state_;
  int channels_ = 2;
};

bool is_playable(int rate, int channels) {
  return rate >= 8000 && rate <= 192000 && (channels == 1 || channels == 2);
}

/// The first decoding: measures all that sound::validate() wants to know.
class Analyser : public SampleSink {
 public:
  explicit Analyser(double most_seconds) : most_seconds_(most_seconds) {}

  bool format(int rate, int channels) override {
    measured.rate = rate;
    measured.channels = channels;
    if (!is_playable(rate, channels)) return false;
    meter_.emplace(rate, channels);
    defects_.emplace(rate, channels);
    return loudness_.open(rate, channels);
  }

  bool samples(std::span<const float> samples) override {
    meter_->listen(samples);
    // One NaN would stay in the filters for ever, and the track is refused already.
    if (meter_->not_numbers() > 0) return false;
    loudness_.listen(samples);
    defects_->listen(samples);
    return meter_->seconds() < most_seconds_;
  }

  /// Fills in the figures.
  void finish() {
    if (!meter_) return;
    measured.seconds = meter_->seconds();
    measured.levels = meter_->levels();
    measured.rms = meter_->rms_db();
    measured.peak = meter_->peak_db();
    measured.true_peak = meter_->true_peak_db();
    measured.offset = meter_->offset();
    measured.clipped = meter_->clipped();
    measured.not_numbers = meter_->not_numbers();
    measured.loudness = loudness_.lufs();
    if (measured.not_numbers > 0) return;  // nothing more was listened to
    measured.measures = defects_->measures();
    const auto gap =
        defects_->longest_gap(sound::kSilenceDb - (sound::kTargetLufs - measured.loudness));
    measured.gap = gap.seconds;
    measured.gap_at = gap.at;
  }

  sound::Measurements measured;

 private:
  const double most_seconds_;
  std::optional<sound::Meter> meter_;
  std::optional<sound::DefectFinder> defects_;
  Loudness loudness_;
};

/// The second decoding, for tracks whose peaks the limiter will take: how loud it leaves them.
class AsOnAir : public SampleSink {
 public:
  explicit AsOnAir(double gain_db) : gain_(static_cast<float>(std::pow(10, gain_db / 20))) {}

  bool format(int rate, int channels) override {
    limiter_.emplace(rate, channels);
    return loudness_.open(rate, channels);
  }

  bool samples(std::span<const float> samples) override {
    block_.assign(samples.begin(), samples.end());
    for (float& x : block_) x *= gain_;
    limiter_->process(block_);
    loudness_.listen(block_);
    return true;
  }

  double loudness() const { return loudness_.lufs(); }

 private:
  const float gain_;
  std::optional<sound::Limiter> limiter_;
  Loudness loudness_;
  std::vector<float> block_;
};

}  // namespace

AuditionReport audition(Bytes bytes, const sound::Expected& order,
                        const std::atomic<bool>* cancel) {
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
  Analyser analyser(std::min(most, kLongest));
  std::string missing;
  {
    Decoding decoding(caps, analyser);
    analyser.measured.to_the_end = decoding.run(bytes, cancel, &missing);
  }
  if (!missing.empty()) {
    report.reason = "cannot be decoded: GStreamer lacks " + missing;
    return report;
  }
  if (is_cancelled()) {
    report.reason = "was not heard to its end";
    return report;
  }
  analyser.finish();
  // A track that is refused anyway was not decoded any further.
  sound::Measurements& measured = analyser.measured;
  const bool is_long = measured.seconds >= std::min(most, kLongest);
  const bool is_odd = measured.rate > 0 && !is_playable(measured.rate, measured.channels);
  if (measured.not_numbers > 0 || is_long || is_odd) measured.to_the_end = true;

  sound::Validation validation = sound::validate(measured, order);
  if (validation.ok && measured.true_peak + validation.gain_db > sound::kTruePeakDb) {
    AsOnAir on_air(validation.gain_db);
    Decoding decoding(caps, on_air);
    decoding.run(bytes, cancel, &missing);
    if (is_cancelled()) {
      report.reason = "was not heard to its end";
      return report;
    }
    // What the limiter takes is given back once; the rest is within a fifth of a dB.
    validation.gain_db += std::clamp(sound::kTargetLufs - on_air.loudness(), 0.0, 6.0);
  }
  report.ok = validation.ok;
  report.reason = validation.reason;
  report.duration = measured.seconds;
  report.loudness_lufs = measured.loudness;
  report.true_peak_dbtp = measured.true_peak;
  report.head_silence = validation.head;
  report.tail_silence = validation.tail;
  report.head_fade = validation.fades.head;
  report.tail_fade = validation.fades.tail;
  report.gain_db = validation.gain_db;
  report.measures = std::move(measured.measures);
  return report;
}

}  // namespace infinara

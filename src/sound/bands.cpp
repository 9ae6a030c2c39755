// SPDX-License-Identifier: Apache-2.0
// Built as fade.cpp is: vector code, and the same bits on every machine.
#include "sound/bands.hpp"

#include "sound/wide.hpp"

namespace infinara::sound {
namespace {

constexpr std::size_t kPiecePairs = kFrame;  // in a piece
constexpr std::size_t kSlowStep = 32, kBodyStep = 4;
constexpr std::size_t kSlowPairs = kPiecePairs / kSlowStep, kBodyPairs = kPiecePairs / kBodyStep;

constexpr int kHalfSlow = 127;  // of the filter between 48 and 1.5 kHz, taps on each side
constexpr int kHalfBass = 23;   // at 1.5 kHz
constexpr int kHalfBody = 15;   // between 48 and 12 kHz

struct SplitFilters {
  static constexpr double kSlowCutoff = 650.0 / kRate;
  static constexpr double kBodyCutoff = 2500.0 / kRate;
  Decimator to_slow{kHalfSlow, kSlowCutoff, kSlowStep};
  Decimator to_bass{kHalfBass, 250.0 * kSlowStep / kRate, 1};
  Interpolator<kSlowStep> from_bass{kHalfSlow, kSlowCutoff};
  Decimator to_body{kHalfBody, kBodyCutoff, kBodyStep};
  Interpolator<kBodyStep> from_body{kHalfBody, kBodyCutoff};
};

const SplitFilters& split_filters() {
  static const SplitFilters made;
  return made;
}

INFINARA_WIDE void subtract(float* __restrict out, const float* __restrict from,
                            const float* __restrict what) {
  for (int k = 0; k < kFrameValues; ++k) out[k] = from[k] - what[k];
}

}  // namespace

// With T samples pushed, a multiple of kPiece, the lines end before these places: samples_ at T,
// slow_ at T - 96, bass_ at T - 832, body at T - 12. The piece is T - 1920 … T - 960; its low band
// is made of bass_ from T - 2016 on and its body from T - 1932 on.
BandSplit::BandSplit(bool high_apart)
    : samples_(kPiecePairs, kPiecePairs), slow_(2 * kHalfBass, kSlowPairs), bass_(7, kSlowPairs) {
  if (high_apart) high_.emplace(High{Line(kBodyPairs, kBodyPairs)});
}

void BandSplit::push(const Fifo& fifo, std::int64_t from) {
  const SplitFilters& filters = split_filters();
  std::array<std::int16_t, kFrameValues> fresh;
  fifo.peek(from, fresh);
  to_floats(fresh, samples_.advance());
  filters.to_slow.run(samples_.at(2 * kPiecePairs - 1056 - kHalfSlow), slow_.advance(), kSlowPairs);
  filters.to_bass.run(slow_.at(0), bass_.advance(), kSlowPairs);
  if (high_)
    filters.to_body.run(samples_.at(2 * kPiecePairs - 972 - kHalfBody), high_->body.advance(),
                        kBodyPairs);
}

void BandSplit::next(const Fifo& fifo, std::int64_t from) {
  for (auto at = begun_ ? kAhead : -kBefore; at <= kAhead; at += kPiece) push(fifo, from + at);
  begun_ = true;
  const float* piece = samples_.at(0);
  split_filters().from_bass.run(bass_.at(0), low_.data(), kSlowPairs);
  if (!high_) return subtract(mid_.data(), piece, low_.data());
  Piece body;
  split_filters().from_body.run(high_->body.at(0), body.data(), kBodyPairs);
  subtract(mid_.data(), body.data(), low_.data());
  subtract(high_->band.data(), piece, body.data());
}

void BandSplit::add(std::span<float> sum, std::int64_t first, const RunningFade& low,
                    const RunningFade& mid, const RunningFade& high) const {
  const auto add_part = [&](const float* band, const RunningFade& gain) {
    add_faded(sum, std::span(band + kChannels * first, sum.size()), gain.fade, gain.at);
  };
  if (low == mid && (!high_ || high == mid)) return add_part(samples_.at(0), mid);
  add_part(low_.data(), low);
  add_part(mid_.data(), mid);
  if (high_) add_part(high_->band.data(), high);
}

}  // namespace infinara::sound

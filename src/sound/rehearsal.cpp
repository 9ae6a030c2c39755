// SPDX-License-Identifier: Apache-2.0
#include "sound/rehearsal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "sound/bands.hpp"
#include "sound/frame.hpp"
#include "sound/handover.hpp"
#include "sound/meter.hpp"

namespace infinara::sound {
namespace {

/// No planned join lifts the true peak above this.
constexpr double kCeilingDb = -1.0;

/// One of the tracks of a join, before it is heard.
class Rehearsal {
 public:
  Rehearsal(const Fifo& fifo, bool comes, const GainMove& move,
            const std::optional<BandMoves>& bands)
      : fifo_(fifo), mid_(running(comes, move)) {
    if (!bands) return;
    low_ = running(comes, bands->low);
    high_ = running(comes, bands->high);
    bands_.emplace();
  }
  /// Of one frame after the other.
  void add(std::span<float> sum) {
    std::array<std::int16_t, kFrameValues> samples;
    fifo_.peek(at_, samples);
    const auto part = std::span(samples).first(sum.size());
    if (bands_) {
      bands_->next(fifo_, at_);
      bands_->add(sum, part, 0, low_, mid_, high_);
    } else {
      add_faded(sum, part, mid_.fade, mid_.at);
    }
    for (RunningFade* fade : {&low_, &mid_, &high_}) fade->at += kFrame;
    at_ += kFrame;
  }

 private:
  static RunningFade running(bool comes, const GainMove& move) {
    return {{move.curve, comes ? 0.0F : 1.0F, comes ? 1.0F : 0.0F, move.length}, -move.delay};
  }
  const Fifo& fifo_;
  RunningFade low_, mid_, high_;
  std::optional<BandSplit> bands_;
  std::int64_t at_ = 0;
};

/// Whether the sum stays below the ceiling.
bool is_low(const Fifo& now, const Fifo& next, const Join& join) {
  Meter meter(kRate, kChannels);
  Rehearsal leaves(now, false, join.leaves, join.leaving_bands);
  Rehearsal enters(next, true, join.enters, join.entering_bands);
  const auto all = join.leaves.delay + join.leaves.length;
  std::array<float, kFrameValues> sum;
  for (std::int64_t at = 0; at < all; at += kFrame) {
    const auto count = static_cast<std::size_t>(std::min(kFrame + 0L, all - at)) * kChannels;
    const auto mixed = std::span(sum).first(count);
    std::ranges::fill(mixed, 0.0F);
    leaves.add(mixed);
    enters.add(mixed);
    for (float& x : mixed) x /= 32768;
    meter.listen(mixed);
    if (meter.true_peak_db() > kCeilingDb) return false;
  }
  return true;
}

std::vector<BandPowers> powers_of(const Fifo& fifo, std::int64_t length) {
  constexpr BandPowers kLoud = {0.8, 1.0, 2.0};  // to an ear, as ITU-R BS.1770 weighs them
  std::vector<BandPowers> all;
  BandSplit bands;
  std::array<std::int16_t, kFrameValues> samples;
  for (std::int64_t at = 0; at + kBandStep <= length; at += kBandStep) {
    bands.next(fifo, at);
    fifo.peek(at, samples);
    auto powers = bands.powers(samples);
    for (std::size_t band = 0; band < 3; ++band) powers[band] *= kLoud[band];
    all.push_back(powers);
  }
  return all;
}

}  // namespace

Join rehearsed(const Join& join, const Fifo& leaving, const Fifo& entering) {
  const auto all = join.leaves.delay + join.leaves.length;
  if (leaving.size() < all || entering.size() < all) return with_share(join, 1);
  const Join best = best_handover(join, powers_of(leaving, all), powers_of(entering, all));
  const auto fits = [&](const Join& tried) { return is_low(leaving, entering, tried); };
  if (fits(best)) return best;
  for (const double share : {0.6, 0.7, kOpenShare, 0.9, 1.0}) {
    if (std::llround(share * static_cast<double>(all)) <= best.enters.length) continue;
    if (const Join lower = with_share(best, share); fits(lower)) return lower;
  }
  return with_share(join, 1);
}

}  // namespace infinara::sound

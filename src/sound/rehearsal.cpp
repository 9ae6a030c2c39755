// SPDX-License-Identifier: Apache-2.0
#include "sound/rehearsal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "sound/bands.hpp"
#include "sound/frame.hpp"
#include "sound/meter.hpp"

namespace infinara::sound {
namespace {

/// No planned join lifts the true peak above this.
constexpr double kCeilingDb = -1.0;

/// What is tried where a join passes the ceiling.
constexpr std::array kLowerShares = {0.6, 0.7, kOpenShare, 0.9, 1.0};

/// One of the tracks of a join, as it will be heard.
class Side {
 public:
  Side(bool comes, const GainMove& move, const std::optional<BandMoves>& bands)
      : mid_(running(comes, move)) {
    if (!bands) return;
    low_ = running(comes, bands->low);
    high_ = running(comes, bands->high);
    bands_.emplace();
  }
  /// Of one frame after the other: this one is `from` samples behind the first of the FIFO.
  void add(const Fifo& fifo, std::int64_t from, std::span<float> sum) {
    std::array<std::int16_t, kFrameValues> samples;
    fifo.peek(from, samples);
    const auto part = std::span(samples).first(sum.size());
    if (bands_) {
      bands_->next(fifo, from);
      bands_->add(sum, part, 0, low_, mid_, high_);
    } else {
      add_faded(sum, part, mid_.fade, mid_.at);
    }
    for (RunningFade* fade : {&low_, &mid_, &high_}) fade->at += kFrame;
  }

 private:
  static RunningFade running(bool comes, const GainMove& move) {
    return {{move.curve, comes ? 0.0F : 1.0F, comes ? 1.0F : 0.0F, move.length}, -move.delay};
  }
  RunningFade low_, mid_, high_;
  std::optional<BandSplit> bands_;
};

BandPowers powers_of(BandSplit& bands, const Fifo& fifo, std::int64_t from) {
  constexpr BandPowers kLoud = {0.8, 1.0, 2.0};  // to an ear, as ITU-R BS.1770 weighs them
  std::array<std::int16_t, kFrameValues> samples;
  bands.next(fifo, from);
  fifo.peek(from, samples);
  auto powers = bands.powers(samples);
  for (std::size_t band = 0; band < 3; ++band) powers[band] *= kLoud[band];
  return powers;
}

}  // namespace

/// First step: how loud both tracks are.
struct Rehearsal::Powers {
  BandSplit leaving_bands, entering_bands;
  std::vector<BandPowers> leaving, entering;
};

/// Third step: whether the sum of a join stays below the ceiling.
struct Rehearsal::Peaks {
  explicit Peaks(const Join& join)
      : leaves(false, join.leaves, join.leaving_bands),
        enters(true, join.enters, join.entering_bands) {}
  Side leaves, enters;
  Meter meter{kRate, kChannels};
  std::int64_t at = 0;
};

Rehearsal::Rehearsal(const Join& join)
    : planned_(join),
      all_(join.leaves.delay + join.leaves.length),
      join_(with_share(join, 1)),
      powers_(std::make_unique<Powers>()) {}

Rehearsal::~Rehearsal() = default;

std::int64_t Rehearsal::steps_left() const {
  const auto frames = (all_ + kFrame - 1) / kFrame;
  if (peaks_) return frames - peaks_->at / kFrame;
  if (search_) return search_->left() + frames;
  return powers_ ? 2 * frames - std::ssize(powers_->leaving) : 0;
}

void Rehearsal::go_on(const Fifo& leaving, const Fifo& entering, std::int64_t start,
                      std::int64_t steps) {
  for (; steps > 0; --steps) {
    if (powers_)
      weigh(leaving, entering, start);
    else if (search_)
      search();
    else if (peaks_)
      check(leaving, entering, start);
    else
      return;
  }
}

void Rehearsal::weigh(const Fifo& leaving, const Fifo& entering, std::int64_t start) {
  const auto at = std::ssize(powers_->leaving) * kBandStep;
  if (at + kBandStep <= all_) {
    powers_->leaving.push_back(powers_of(powers_->leaving_bands, leaving, start + at));
    powers_->entering.push_back(powers_of(powers_->entering_bands, entering, at));
    return;
  }
  search_.emplace(planned_, std::move(powers_->leaving), std::move(powers_->entering));
  powers_.reset();
}

void Rehearsal::search() {
  if (search_->left() > 0) return search_->try_next();
  tried_ = search_->best();
  search_.reset();
  peaks_ = std::make_unique<Peaks>(tried_);
}

void Rehearsal::check(const Fifo& leaving, const Fifo& entering, std::int64_t start) {
  const auto left = all_ - peaks_->at;
  std::array<float, kFrameValues> sum{};
  const auto mixed =
      std::span(sum).first(static_cast<std::size_t>(std::min(kFrame + 0L, left)) * kChannels);
  peaks_->leaves.add(leaving, start + peaks_->at, mixed);
  peaks_->enters.add(entering, peaks_->at, mixed);
  for (float& x : mixed) x /= 32768;
  peaks_->meter.listen(mixed);
  peaks_->at += kFrame;
  if (peaks_->meter.true_peak_db() > kCeilingDb) return lower();
  if (left > kFrame) return;
  join_ = tried_;
  peaks_.reset();
}

/// The next join with gains that overlap less.
void Rehearsal::lower() {
  peaks_.reset();
  while (next_share_ < kLowerShares.size()) {
    const double share = kLowerShares.at(next_share_++);
    if (std::llround(share * static_cast<double>(all_)) <= tried_.enters.length) continue;
    tried_ = with_share(tried_, share);
    peaks_ = std::make_unique<Peaks>(tried_);
    return;
  }
}

}  // namespace infinara::sound

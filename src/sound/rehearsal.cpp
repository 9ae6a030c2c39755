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
#include "sound/true_peak.hpp"

namespace infinara::sound {
namespace {

/// No planned join lifts the true peak above this: -1 dBTP, and what other meters see that draw the
/// wave between the samples by more of them.
constexpr double kHighestJoinDb = -1.05;

}  // namespace

/// Whether the true peak of stereo frames stays below that ceiling, in steps of 16 bits. Sees all
/// but the last kPeakAfter samples.
class CeilingCheck {
 public:
  CeilingCheck() : ceiling_(static_cast<float>(32768 * std::pow(10, kHighestJoinDb / 20))) {}

  /// Interleaved, a frame at most.
  void listen(std::span<const float> samples) {
    std::ranges::copy(samples, line_.begin() + kHistory);
    // Most pieces have no sample that is large enough.
    for (std::size_t at = 0; at < samples.size(); at += kPiece) {
      const auto count = std::min(kPiece, samples.size() - at);
      const float* first = &line_[at];
      if (peak_of(first, count + kHistory) * kMostOvershoot <= ceiling_) continue;
      const float* here = first + (kPeakBefore - 1) * kChannels;
      std::array<float, kPiece> between;
      peaks_between(here, kChannels, count, between.data());
      is_kept_ =
          is_kept_ && std::max(peak_of(here, count), peak_of(between.data(), count)) <= ceiling_;
    }
    std::copy_n(line_.begin() + static_cast<std::ptrdiff_t>(samples.size()), kHistory,
                line_.begin());
  }
  bool is_kept() const { return is_kept_; }

 private:
  static constexpr std::size_t kPiece = 64;  // values looked at together
  static constexpr std::size_t kHistory = (kPeakBefore + kPeakAfter - 1) * kChannels;
  const float ceiling_;
  std::array<float, kHistory + kFrameValues> line_{};
  bool is_kept_ = true;
};

/// One of the tracks of a join, as it will be heard.
class Side {
 public:
  Side(bool comes, const GainMove& move, const std::optional<BandMoves>& bands)
      : mid_(running(comes, move)) {
    if (!bands) return;
    low_ = running(comes, bands->low);
    high_ = running(comes, bands->high);
    bands_.emplace(high_ != mid_);
  }
  /// Of one frame after the other: this one is `from` samples behind the first of the FIFO.
  void add(const Fifo& fifo, std::int64_t from, std::span<float> sum) {
    if (bands_) {
      bands_->next(fifo, from);
      bands_->add(sum, 0, low_, mid_, high_);
    } else {
      std::array<std::int16_t, kFrameValues> samples;
      fifo.peek(from, samples);
      add_faded(sum, std::span(samples).first(sum.size()), mid_.fade, mid_.at);
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

/// A join as it will be heard, frame by frame.
class Preview {
 public:
  explicit Preview(const Join& join)
      : leaves_(false, join.leaves, join.leaving_bands),
        enters_(true, join.enters, join.entering_bands),
        late_(join.late),
        all_(join.leaves.delay + join.leaves.length) {
    sound_.reserve(static_cast<std::size_t>(all_) * kChannels);
  }

  /// Plays the next frame. `start` is the place of the join in `leaving`.
  void go_on(const Fifo& leaving, const Fifo& entering, std::int64_t start) {
    std::array<float, kFrameValues> sum{};
    const auto count = std::min(kFrame + 0L, all_ - at_);
    const auto mixed = std::span(sum).first(static_cast<std::size_t>(count) * kChannels);
    leaves_.add(leaving, start + at_, mixed);
    enters_.add(entering, late_ + at_, mixed);
    check_.listen(mixed);
    const auto begin = sound_.size();
    sound_.resize(begin + mixed.size());
    to_pcm(mixed, std::span(sound_).subspan(begin));
    at_ += kFrame;
  }
  std::int64_t frames_left() const {
    return std::max<std::int64_t>((all_ - at_ + kFrame - 1) / kFrame, 0);
  }
  bool is_low() const { return check_.is_kept(); }
  std::vector<std::int16_t> take_sound() { return std::move(sound_); }

 private:
  Side leaves_, enters_;
  CeilingCheck check_;
  const std::int64_t late_, all_;
  std::int64_t at_ = 0;
  std::vector<std::int16_t> sound_;
};

Join with_quick_entry(Join skip, const Fifo& leaving, const Fifo& entering) {
  const auto all = skip.leaves.length;
  for (const auto length : {0L, all / 4, all / 2}) {
    skip.enters = {length, skip.leaves.curve};
    Preview preview(skip);
    while (preview.frames_left() > 0 && preview.is_low()) preview.go_on(leaving, entering, 0);
    if (preview.is_low()) return skip;
  }
  skip.enters = skip.leaves;
  return skip;
}

/// First step: how loud both tracks are.
struct Rehearsal::Weighing {
  BandMeter leaving, entering;
  JoinPowers powers;
};

Rehearsal::Rehearsal(const Join& join, std::optional<JoinPowers> powers)
    : planned_(join), all_(join.leaves.delay + join.leaves.length), join_(with_share(join, 1)) {
  if (powers)
    search_.emplace(planned_, *powers);
  else
    weighing_ = std::make_unique<Weighing>();
}

Rehearsal::~Rehearsal() = default;

std::int64_t Rehearsal::steps_left() const {
  const auto frames = (all_ + kFrame - 1) / kFrame;
  if (preview_) return preview_->frames_left();
  if (search_) return search_->left() + frames;
  return weighing_ ? 2 * frames - std::ssize(weighing_->powers.leaving) : 0;
}

void Rehearsal::go_on(const Fifo& leaving, const Fifo& entering, std::int64_t start,
                      std::int64_t steps) {
  for (; steps > 0; --steps) {
    if (weighing_)
      weigh(leaving, entering, start);
    else if (search_)
      search();
    else if (preview_)
      check(leaving, entering, start);
    else
      return;
  }
}

void Rehearsal::weigh(const Fifo& leaving, const Fifo& entering, std::int64_t start) {
  JoinPowers& powers = weighing_->powers;
  const auto at = std::ssize(powers.leaving) * kBandStep;
  if (at + kBandStep <= all_) {
    powers.leaving.push_back(weighing_->leaving.next(leaving, start + at));
    powers.entering.push_back(weighing_->entering.next(entering, planned_.late + at));
    return;
  }
  search_.emplace(planned_, powers);
  weighing_.reset();
}

void Rehearsal::search() {
  if (search_->left() > 0) return search_->try_next();
  candidates_ = search_->ranked();
  std::ranges::reverse(candidates_);
  search_.reset();
  try_candidate();
}

/// The next join, whose gains overlap less than those of the one before.
void Rehearsal::try_candidate() {
  preview_.reset();
  if (candidates_.empty()) return;
  tried_ = candidates_.back();
  candidates_.pop_back();
  preview_ = std::make_unique<Preview>(tried_);
}

void Rehearsal::check(const Fifo& leaving, const Fifo& entering, std::int64_t start) {
  preview_->go_on(leaving, entering, start);
  if (!preview_->is_low()) return try_candidate();
  if (preview_->frames_left() > 0) return;
  join_ = tried_;
  sound_ = preview_->take_sound();
  preview_.reset();
}

}  // namespace infinara::sound

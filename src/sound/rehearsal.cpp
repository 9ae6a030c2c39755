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
#include "sound/limiter.hpp"

namespace infinara::sound {
namespace {

/// No true peak of a planned join is above this, dB of full scale. MP3 and Opus lift peaks, and so
/// they stay below -1.
constexpr double kJoinCeilingDb = -1.7;

/// A skip comes in as quickly as keeps the true peak below this, dB of full scale: nothing limits
/// what is heard then.
constexpr double kSkipCeilingDb = -1.05;

/// Full scale in dB of one step of 16 bits: sums are told in steps.
constexpr double kStepsDb = 90.309;

/// A join whose sum would have to be brought down by more than this has gains that overlap less.
constexpr double kMostLimitedDb = 2.2;

/// The last samples of a join go over from what is limited to the track as it is.
constexpr std::int64_t kLanding = kRamp;

}  // namespace

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

/// A join as it will be heard, frame by frame, its true peak held below a ceiling.
class Preview {
 public:
  explicit Preview(const Join& join, double ceiling_db = kJoinCeilingDb)
      : leaves_(false, join.leaves, join.leaving_bands),
        enters_(true, join.enters, join.entering_bands),
        limiter_(kRate, kChannels, ceiling_db + kStepsDb),
        late_(join.late),
        all_(join.leaves.delay + join.leaves.length) {
    sound_.reserve(static_cast<std::size_t>(all_ + kFrame) * kChannels);
  }

  /// Plays the next frame. `start` is the place of the join in `leaving`.
  void go_on(const Fifo& leaving, const Fifo& entering, std::int64_t start) {
    std::array<float, kFrameValues> sum{};
    const auto mixed = std::span(sum).first(values(std::clamp(all_ - at_, 0L, 0L + kFrame)));
    if (!mixed.empty()) {
      leaves_.add(leaving, start + at_, mixed);
      enters_.add(entering, late_ + at_, mixed);
    }
    keep_landing(mixed);
    limiter_.process(sum);
    at_ += kFrame;
    // What comes out is late, and silence first.
    const auto late = std::min<std::int64_t>(std::max(delay() - (at_ - kFrame), 0L), kFrame);
    const auto heard = std::span<const float>(sum).subspan(values(late));
    const auto begin = sound_.size();
    sound_.resize(begin + heard.size());
    to_pcm(heard, std::span(sound_).subspan(begin));
    if (frames_left() == 0) land();
  }
  std::int64_t frames_left() const {
    return std::max<std::int64_t>((all_ + delay() - at_ + kFrame - 1) / kFrame, 0);
  }
  /// So much its peaks are brought down at most, dB.
  double limited() const { return -20 * std::log10(limiter_.least_gain()); }
  std::vector<std::int16_t> take_sound() { return std::move(sound_); }

 private:
  static std::size_t values(std::int64_t samples) {
    return static_cast<std::size_t>(samples) * kChannels;
  }
  std::int64_t delay() const { return static_cast<std::int64_t>(limiter_.delay()); }

  void keep_landing(std::span<const float> mixed) {
    const auto before = std::clamp(all_ - kLanding - at_, 0L, 0L + kFrame);
    if (values(before) >= mixed.size()) return;
    const auto part = mixed.subspan(values(before));
    landing_.insert(landing_.end(), part.begin(), part.end());
  }
  void land() {
    sound_.resize(values(all_));
    const auto limited = std::span(sound_).last(landing_.size());
    const auto length = std::ssize(landing_) / kChannels;
    std::vector<float> sum(landing_.size());
    add_faded(sum, limited, {Curve::kSmoothstep, 1, 0, length}, 0);
    add_faded(sum, landing_, {Curve::kSmoothstep, 0, 1, length}, 0);
    to_pcm(sum, limited);
  }

  Side leaves_, enters_;
  Limiter limiter_;
  const std::int64_t late_, all_;
  std::int64_t at_ = 0;
  std::vector<std::int16_t> sound_;
  std::vector<float> landing_;  // the last of it as it was before the limiter
};

Join with_quick_entry(Join skip, const Fifo& leaving, const Fifo& entering) {
  const auto all = skip.leaves.length;
  for (const auto length : {0L, all / 4, all / 2}) {
    skip.enters = {length, skip.leaves.curve};
    Preview preview(skip, kSkipCeilingDb);
    while (preview.frames_left() > 0 && preview.limited() == 0) preview.go_on(leaving, entering, 0);
    if (preview.limited() == 0) return skip;
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
  if (preview_->limited() > kMostLimitedDb) return try_candidate();
  if (preview_->frames_left() > 0) return;
  join_ = tried_;
  sound_ = preview_->take_sound();
  preview_.reset();
}

}  // namespace infinara::sound

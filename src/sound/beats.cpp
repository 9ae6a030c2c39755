// SPDX-License-Identifier: Apache-2.0
#include "sound/beats.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace infinara::sound {
namespace {

constexpr double kHopSeconds = 0.010;
constexpr double kFastest = 200, kSlowest = 55;  // beats a minute
constexpr double kUsual = 105;                   // the tempo that people tap most
constexpr int kHeardValue = 104;                 // -50 dBFS
constexpr std::int64_t kHopSamples = 480;
constexpr double kLate = 0.0045;  // seconds: notes rise for so long, and are seen later than played

/// A value between hops.
double at(std::span<const float> row, double place) {
  if (place < 0) return 0;
  const auto i = static_cast<std::size_t>(place);
  if (i + 1 >= row.size()) return 0;
  const double part = place - static_cast<double>(i);
  return static_cast<double>(row[i]) * (1 - part) + static_cast<double>(row[i + 1]) * part;
}

/// Onsets against what is usual within a second around, smoothed.
std::vector<float> sharpened(std::vector<float> row) {
  const auto count = static_cast<std::ptrdiff_t>(row.size());
  std::vector<double> sums(row.size() + 1, 0.0);
  for (std::size_t i = 0; i < row.size(); ++i) sums[i + 1] = sums[i] + static_cast<double>(row[i]);
  std::vector<float> sharp(row.size());
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const auto from = std::max<std::ptrdiff_t>(i - 50, 0), to = std::min(i + 51, count);
    const double usual =
        (sums[static_cast<std::size_t>(to)] - sums[static_cast<std::size_t>(from)]) /
        static_cast<double>(to - from);
    sharp[static_cast<std::size_t>(i)] =
        std::max(row[static_cast<std::size_t>(i)] - static_cast<float>(usual), 0.0F);
  }
  std::vector<float> smooth(row.size());
  for (std::size_t i = 0; i < row.size(); ++i)
    smooth[i] = 0.25F * sharp[i == 0 ? 0 : i - 1] + 0.5F * sharp[i] +
                0.25F * sharp[std::min(i + 1, row.size() - 1)];
  return smooth;
}

/// What is alike so many hops later, at 0 hops 1.
std::vector<float> correlated(std::span<const float> row, std::size_t lags) {
  const float mean = std::accumulate(row.begin(), row.end(), 0.0F) / static_cast<float>(row.size());
  std::vector<float> centred(row.begin(), row.end());
  for (float& x : centred) x -= mean;
  std::vector<float> all(std::min(lags, row.size() / 2));
  for (std::size_t lag = 0; lag < all.size(); ++lag) {
    float sum = 0;
    for (std::size_t i = 0; i + lag < centred.size(); ++i) sum += centred[i] * centred[i + lag];
    all[lag] = sum / static_cast<float>(centred.size() - lag);
  }
  const float whole = std::max(all[0], 1e-9F);
  for (float& x : all) x /= whole;
  return all;
}

struct Beat {
  double period = 0;  // hops
  double phase = 0;   // hops
};

/// The sum of the onsets on the beats, a beat on average.
double on_beats(std::span<const float> row, double period, double phase) {
  double sum = 0;
  int count = 0;
  for (double place = phase; place < static_cast<double>(row.size() - 1); place += period, ++count)
    sum += at(row, place);
  return count > 0 ? sum / count : 0;
}

/// How well a row repeats after so many hops, and their multiples.
double repetition(std::span<const float> correlation, double period) {
  double sum = 0, weights = 0;
  for (const auto& [times, weight] :
       {std::pair{1.0, 1.0}, {2.0, 1.0}, {3.0, 0.5}, {4.0, 1.0}, {8.0, 1.0}, {16.0, 0.5}}) {
    if (times * period + 1 >= static_cast<double>(correlation.size())) continue;
    sum += weight * at(correlation, times * period);
    weights += weight;
  }
  return weights > 0 ? sum / weights : 0;
}

double octaves_from(double bpm, double period) {
  return std::abs(std::log2(60 / (period * kHopSeconds) / bpm));
}

/// The period that the row repeats best, in hops; or its half or double, if that is nearer to what
/// others say and repeats too.
double coarse_period(std::span<const float> correlation, double bpm) {
  constexpr double kFirst = 60 / kFastest / kHopSeconds, kLast = 60 / kSlowest / kHopSeconds;
  double best = 0, most = 0;
  for (double period = kFirst; period < kLast; period *= 1.001) {
    const double octaves = octaves_from(kUsual, period) / 0.9;
    const double score = repetition(correlation, period) * std::exp(-0.5 * octaves * octaves);
    if (score > most) {
      most = score;
      best = period;
    }
  }
  if (bpm <= 0 || best <= 0) return best;
  double nearest = best;
  for (const double period : {best / 2, best * 2})
    if (period >= kFirst && period < kLast &&
        octaves_from(bpm, period) < octaves_from(bpm, nearest) &&
        repetition(correlation, period) > 0.3 * repetition(correlation, best))
      nearest = period;
  return nearest;
}

/// Period and phase that meet most onsets, then drawn through the onsets that were met.
Beat fine_beat(std::span<const float> row, double coarse) {
  Beat best;
  double most = -1;
  const double beats = static_cast<double>(row.size()) / coarse;
  const double step = 0.5 / beats;
  for (double period = coarse * 0.985; period <= coarse * 1.015; period += step)
    for (double phase = 0; phase < period; phase += 1) {
      const double score = on_beats(row, period, phase);
      if (score > most) {
        most = score;
        best = {period, phase};
      }
    }
  for (int round = 0; round < 3; ++round) {
    double weights = 0, sum_k = 0, sum_x = 0, sum_kk = 0, sum_kx = 0;
    const int reach = round == 0 ? 4 : 3;
    for (int k = 0;; ++k) {
      const double place = best.phase + k * best.period;
      if (place + reach + 2 >= static_cast<double>(row.size())) break;
      const int middle = static_cast<int>(std::lround(place));
      int top = std::max(middle, 0);
      for (int i = std::max(middle - reach, 1); i <= middle + reach; ++i)
        if (row[static_cast<std::size_t>(i)] > row[static_cast<std::size_t>(top)]) top = i;
      if (top < 1 || row[static_cast<std::size_t>(top)] <= 0) continue;
      const double a = row[static_cast<std::size_t>(top) - 1],
                   b = row[static_cast<std::size_t>(top)],
                   c = row[static_cast<std::size_t>(top) + 1];
      const double bend = a - 2 * b + c;
      const double x = top + (bend < 0 ? std::clamp(0.5 * (a - c) / bend, -0.5, 0.5) : 0);
      weights += b;
      sum_k += b * k;
      sum_x += b * x;
      sum_kk += b * k * k;
      sum_kx += b * k * x;
    }
    const double spread = weights * sum_kk - sum_k * sum_k;
    if (weights <= 0 || spread <= 0) break;
    const double period = (weights * sum_kx - sum_k * sum_x) / spread;
    if (std::abs(period / best.period - 1) > 0.02) break;
    best = {period, (sum_x - period * sum_k) / weights};
    while (best.phase < 0) best.phase += best.period;  // the row begins at 0
  }
  return best;
}

/// One value for each half beat of a bar.
constexpr std::size_t kSlots = 8;
using Slots = std::array<double, kSlots>;

/// What is seen at the half beats of all bars, against what is usual.
class Evidence {
 public:
  void add(std::size_t half_beat, double x) {
    sums_[half_beat % kSlots] += x;
    ++counts_[half_beat % kSlots];
  }
  Slots result() const {
    Slots means{};
    double all = 0;
    for (std::size_t i = 0; i < kSlots; ++i) {
      means[i] = sums_[i] / std::max(counts_[i], 1);
      all += means[i] / kSlots;
    }
    for (double& x : means) x = std::clamp(x / std::max(all, 1e-9) - 1, -3.0, 3.0);
    return means;
  }

 private:
  Slots sums_{};
  std::array<int, kSlots> counts_{};
};

/// How far the harmony of so many half beats differs from that of as many before. `spectra` has one
/// for each half beat.
template <std::size_t kTones>
Slots changes(std::span<const std::array<double, kTones>> spectra, std::size_t reach) {
  Evidence seen;
  for (std::size_t k = reach; k + reach <= spectra.size(); ++k) {
    double dot = 0, ours = 1e-12, theirs = 1e-12;
    for (std::size_t tone = 0; tone < kTones; ++tone) {
      double before = 0, now = 0;
      for (std::size_t i = 0; i < reach; ++i) {
        before += spectra[k - 1 - i][tone];
        now += spectra[k + i][tone];
      }
      dot += now * before;
      ours += now * now;
      theirs += before * before;
    }
    seen.add(k, 1 - dot / std::sqrt(ours * theirs));
  }
  return seen.result();
}

/// Onsets at the half beats.
Slots onsets_on(std::span<const float> row, const Beat& beat) {
  Evidence seen;
  double place = beat.phase;
  for (std::size_t k = 0; place + beat.period / 2 < static_cast<double>(row.size());
       place = beat.phase + static_cast<double>(++k) * beat.period / 2)
    seen.add(k, std::max({at(row, place - 1), at(row, place), at(row, place + 1)}));
  return seen.result();
}

/// How much stronger something is on the second and fourth beat from here than on the first and
/// third.
Slots backbeat(const Slots& of) {
  Slots all{};
  for (std::size_t i = 0; i < kSlots; ++i)
    all[i] = (of[(i + 2) % kSlots] + of[(i + 6) % kSlots] - of[i] - of[(i + 4) % kSlots]) / 2;
  return all;
}

/// The same one half beat earlier.
Slots before(Slots of) {
  std::rotate(of.begin(), of.end() - 1, of.end());
  return of;
}

/// A kind of evidence, and how much more likely it makes a half beat the first of a bar.
struct Weighed {
  Slots evidence;
  double weight;
};

}  // namespace

BeatFinder::BeatFinder() : fft_(kSize), window_(kSize), real_(kSize), imaginary_(kSize) {
  for (std::size_t i = 0; i < kSize; ++i)
    window_[i] = static_cast<float>(
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / kSize));
  // Bands of equal width below 400 Hz, of equal ratio above.
  const double bin = kRate / double{kThin} / kSize;
  for (std::size_t i = 0; i < band_of_.size(); ++i) {
    const double hertz = static_cast<double>(i) * bin;
    const double band = hertz < 400 ? hertz / 100 : 4 + 3.5 * std::log2(hertz / 400);
    band_of_[i] = std::min(static_cast<std::size_t>(band), kBands - 1);
  }
  line_.assign(kSize - kHop, 0.0F);  // so that the first window ends with the first hop
}

void BeatFinder::listen(std::span<const std::int16_t> samples) {
  for (std::size_t k = 0; k + 1 < samples.size(); k += 2, ++heard_) {
    const int left = samples[k], right = samples[k + 1];
    if (std::max(std::abs(left), std::abs(right)) >= kHeardValue) {
      if (!audible_begin_) audible_begin_ = heard_;
      audible_end_ = heard_ + 1;
    }
    carry_ += static_cast<float>(left + right);
    if (++carried_ < kThin) continue;
    line_.push_back(carry_ / (65536.0F * kThin));
    carry_ = 0;
    carried_ = 0;
    if (line_.size() == kSize + kHop) hear_two();
  }
}

/// Two windows by one transform: one in the real part, one in the imaginary.
void BeatFinder::hear_two() {
  for (std::size_t i = 0; i < kSize; ++i) {
    real_[i] = line_[i] * window_[i];
    imaginary_[i] = line_[i + kHop] * window_[i];
  }
  fft_.transform(real_, imaginary_);
  std::array<float, kSize / 2> first{}, second{};
  for (std::size_t i = 1; i < kSize / 2; ++i) {
    const float re = real_[i], im = imaginary_[i], mirrored_re = real_[kSize - i],
                mirrored_im = imaginary_[kSize - i];
    const float a = re + mirrored_re, b = im - mirrored_im, c = im + mirrored_im,
                d = mirrored_re - re;
    first[i] = a * a + b * b;
    second[i] = c * c + d * d;
  }
  hear(first);
  hear(second);
  line_.erase(line_.begin(), line_.begin() + 2 * kHop);
}

void BeatFinder::hear(const std::array<float, kSize / 2>& power) {
  std::array<float, kBands> bands{};
  for (std::size_t i = 1; i < power.size(); ++i) bands[band_of_[i]] += power[i];
  Hop hop;
  for (std::size_t band = 0; band < kBands; ++band) {
    const float level = std::log1p(1e4F * bands[band]);
    const float rise = std::max(level - before_[band], 0.0F);
    hop.onset += rise;
    if (band < 2) hop.low += rise;
    if (band >= 16)
      hop.high += rise;
    else if (band >= 10)
      hop.mid += rise;
    before_[band] = level;
  }
  for (std::size_t i = 0; i < kTones; ++i) hop.tones[i] = std::sqrt(power[i + 3]);
  if (head_.size() < kKept) head_.push_back(hop);
  if (tail_.size() < kKept)
    tail_.push_back(hop);
  else
    tail_[static_cast<std::size_t>(hops_) % kKept] = hop;
  ++hops_;
}

std::optional<BeatFinder::Found> BeatFinder::head(double bpm) const {
  return find(head_, 0, bpm);
}

std::optional<BeatFinder::Found> BeatFinder::tail(double bpm) const {
  if (tail_.size() < kKept) return find(tail_, 0, bpm);
  std::vector<Hop> hops(tail_.begin() + static_cast<std::ptrdiff_t>(hops_ % kKept), tail_.end());
  hops.insert(hops.end(), tail_.begin(),
              tail_.begin() + static_cast<std::ptrdiff_t>(hops_ % kKept));
  return find(hops, hops_ - static_cast<std::int64_t>(kKept), bpm);
}

std::optional<double> BeatFinder::lateness(double first_beat, double beat) const {
  constexpr int kReach = 4;            // hops
  constexpr double kStandsOut = 1.5;   // times what is usual
  constexpr double kOfTheBeats = 0.5;  // of what is on any other places so far apart
  const double period = beat / kHopSamples;
  if (period < 4 * kReach || static_cast<double>(head_.size()) < 8 * period) return std::nullopt;
  std::vector<float> row;
  for (const Hop& hop : head_) row.push_back(hop.onset);
  row = sharpened(std::move(row));
  const double mean =
      std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(row.size());
  double first = first_beat / kHopSamples + kLate / kHopSeconds;
  first -= std::floor(first / period - 1) * period;  // behind the begin of the row
  const auto met = [&](double shift) { return on_beats(row, period, first + shift); };
  int best = 0;
  for (int shift = -kReach; shift <= kReach; ++shift)
    if (met(shift) > met(best)) best = shift;
  double elsewhere = 0;
  for (double shift = 0; shift < period; ++shift) elsewhere = std::max(elsewhere, met(shift));
  if (std::abs(best) == kReach || met(best) <= kStandsOut * mean ||
      met(best) < kOfTheBeats * elsewhere)
    return std::nullopt;
  const double a = met(best - 1), b = met(best), c = met(best + 1), bend = a - 2 * b + c;
  return (best + (bend < 0 ? std::clamp(0.5 * (a - c) / bend, -0.5, 0.5) : 0)) * kHopSamples;
}

/// Half beats are looked at too, since the onsets alone may have met what is between the beats.
BeatFinder::Bars BeatFinder::bars_on(std::span<const Hop> hops, const Rows& rows, double period,
                                     double phase) {
  const Beat beat{period, phase};
  std::vector<std::array<double, kTones>> spectra;
  std::array<double, kTones> usual{};
  const auto place_of = [&](std::size_t k) { return phase + static_cast<double>(k) * period / 2; };
  for (std::size_t k = 0; place_of(k + 1) < static_cast<double>(hops.size()); ++k) {
    auto& now = spectra.emplace_back();
    for (auto i = static_cast<std::size_t>(std::max(place_of(k), 0.0));
         i < static_cast<std::size_t>(place_of(k + 1)); ++i)
      for (std::size_t tone = 0; tone < kTones; ++tone)
        now[tone] += static_cast<double>(hops[i].tones[tone]);
    for (std::size_t tone = 0; tone < kTones; ++tone) usual[tone] += now[tone];
  }
  for (auto& spectrum : spectra) {
    double sum = 1e-12;
    for (std::size_t tone = 0; tone < kTones; ++tone) {
      spectrum[tone] /= usual[tone] + 1e-9;
      sum += spectrum[tone] * spectrum[tone];
    }
    for (double& x : spectrum) x /= std::sqrt(sum);
  }
  const auto changes_over = [&](std::size_t reach) {
    return changes(std::span<const std::array<double, kTones>>(spectra), reach);
  };
  const Slots half = changes_over(4), whole = changes_over(8);
  const Slots low = onsets_on(rows.low, beat), mid = onsets_on(rows.mid, beat),
              high = onsets_on(rows.high, beat);
  // The weights are those of a logistic regression over tracks whose bars are known.
  const std::array<Weighed, 10> evidence = {{{changes_over(2), 3.91},
                                             {half, 2.46},
                                             {whole, 1.76},
                                             {before(half), 0.81},
                                             {before(whole), 0.80},
                                             {mid, 1.83},
                                             {high, 0.95},
                                             {before(low), 0.66},
                                             {backbeat(high), 1.98},
                                             {backbeat(low), -0.97}}};
  Slots sums{};
  for (const auto& [seen, weight] : evidence)
    for (std::size_t i = 0; i < kSlots; ++i) sums[i] += weight * seen[i];
  const auto first = std::ranges::max_element(sums);
  double others = 0;
  for (const double sum : sums) others += std::exp(sum - *first);
  return {static_cast<std::size_t>(first - sums.begin()), 1 / others, *first};
}

std::optional<BeatFinder::Found> BeatFinder::find(std::span<const Hop> hops, std::int64_t first,
                                                  double bpm) const {
  constexpr std::size_t kLeast = 600, kLags = 1700;
  if (hops.size() < kLeast) return std::nullopt;
  const auto row_of = [hops](float Hop::*what) {
    std::vector<float> row;
    for (const Hop& hop : hops) row.push_back(hop.*what);
    return sharpened(std::move(row));
  };
  const Rows rows{row_of(&Hop::onset), row_of(&Hop::low), row_of(&Hop::mid), row_of(&Hop::high)};
  const auto& onsets = rows.all;
  const auto correlation = correlated(onsets, kLags);
  const double coarse = coarse_period(correlation, bpm);
  if (coarse <= 0) return std::nullopt;
  const Beat beat = fine_beat(onsets, coarse);

  Found found;
  const double mean =
      std::accumulate(onsets.begin(), onsets.end(), 0.0) / static_cast<double>(onsets.size());
  const double contrast = on_beats(onsets, beat.period, beat.phase) / std::max(mean, 1e-9);
  const double repeats = (at(correlation, beat.period) + at(correlation, 2 * beat.period) +
                          at(correlation, 4 * beat.period)) /
                         3;
  found.confidence = std::clamp(repeats, 0.0, 1.0) * std::clamp((contrast - 1) / 3, 0.0, 1.0);

  const Bars bars = bars_on(hops, rows, beat.period, beat.phase);
  // Where the first of a bar would lie between two beats, bars and beats contradict each other; and
  // where music swings, what was met may be the notes between the beats.
  const auto is_better = [&](double phase) {
    if (phase < 0) phase += beat.period;
    return on_beats(rows.all, beat.period, phase) >
               0.5 * on_beats(rows.all, beat.period, beat.phase) &&
           bars_on(hops, rows, beat.period, phase).evidence > bars.evidence;
  };
  if (bars.first % 2 == 0 && !is_better(beat.phase - beat.period / 3) &&
      !is_better(beat.phase + beat.period / 3))
    found.bar_confidence = bars.likely;

  const double beat_samples = beat.period * kHopSamples;
  const double phase = (static_cast<double>(first) + beat.phase +
                        static_cast<double>(bars.first) * beat.period / 2) *
                           kHopSamples -
                       kLate * kRate;
  found.grid = {phase, beat_samples, 4};
  const double bar = found.grid.bar();
  found.grid.first_downbeat = phase - std::floor(phase / bar) * bar;
  return found;
}

}  // namespace infinara::sound

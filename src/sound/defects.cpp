// SPDX-License-Identifier: Apache-2.0
#include "sound/defects.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "sound/repetition.hpp"

namespace infinara::sound {
namespace {

using Step = Waveform::Step;

template <typename... Values>
std::string text(const char* format, Values... values) {
  std::array<char, 240> line{};
  std::snprintf(line.data(), line.size(), format, values...);
  return line.data();
}

double decibels(double power_ratio) {
  return 10 * std::log10(power_ratio);
}

// ---- the channels ----

constexpr double kStretch = 10;        // seconds over which channels and tones are compared
constexpr double kMostImbalance = 30;  // dB
constexpr double kMostMonoLoss = 8;    // dB
constexpr double kQuietest = 1e-3;     // of the mean power: a stretch below it is not compared
constexpr double kSilentPower = 1e-13;

struct Sums {
  double left = kSilentPower;
  double right = kSilentPower;
  double product = 0;
  double power() const { return left + right; }
};

/// The sums over each ten seconds, in steps of one second; over all of a shorter track.
std::vector<Sums> stretches_of(const Waveform& waveform) {
  const std::vector<Step>& steps = waveform.steps();
  const auto second = static_cast<std::size_t>(std::lround(1 / waveform.step_seconds()));
  std::vector<Sums> seconds;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i % second == 0) seconds.emplace_back();
    Sums& sums = seconds.back();
    sums.left += static_cast<double>(steps[i].square[0]);
    sums.right += static_cast<double>(steps[i].square[1]);
    sums.product += static_cast<double>(steps[i].product);
  }
  const std::size_t length = std::min(seconds.size(), static_cast<std::size_t>(kStretch));
  std::vector<Sums> out;
  for (std::size_t i = 0; length > 0 && i + length <= seconds.size(); ++i) {
    Sums sums;
    for (std::size_t k = i; k < i + length; ++k) {
      sums.left += seconds[k].left;
      sums.right += seconds[k].right;
      sums.product += seconds[k].product;
    }
    out.push_back(sums);
  }
  return out;
}

void measure_channels(const Waveform& waveform, std::vector<Measure>& out) {
  const std::vector<Sums> stretches = stretches_of(waveform);
  double mean = 0;
  for (const Sums& sums : stretches) mean += sums.power() / static_cast<double>(stretches.size());
  Measure sided{.defect = Defect::kOneSided, .limit = kMostImbalance};
  Measure phase{.defect = Defect::kOutOfPhase, .limit = kMostMonoLoss};
  bool is_left = false;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const Sums& sums = stretches[i];
    if (sums.power() < mean * kQuietest) continue;
    const double imbalance = std::abs(decibels(sums.left / sums.right));
    if (imbalance > sided.figure) {
      sided.figure = imbalance;
      sided.at = static_cast<double>(i);
      is_left = sums.left < sums.right;
    }
    const double loss =
        decibels(sums.power() / std::max(sums.power() / 2 + sums.product, sums.power() * 1e-9));
    // Against two equal channels of unlike sound, which lose 3.01 dB.
    if (loss - 3.01 > phase.figure) {
      phase.figure = loss - 3.01;
      phase.at = static_cast<double>(i);
    }
  }
  sided.severity = sided.figure / sided.limit;
  sided.reason =
      text("has a silent %s channel from %.0f s on: %.0f dB below the other, %.0f may be",
           is_left ? "left" : "right", sided.at, sided.figure, sided.limit);
  phase.severity = phase.figure / phase.limit;
  phase.reason = text(
      "has channels that cancel each other from %.0f s on: mono is %.0f dB quieter, %.0f may be",
      phase.at, phase.figure, phase.limit);
  out.push_back(sided);
  out.push_back(phase);
}

// ---- samples that stand still, and samples that are cut off ----

constexpr double kMostStill = 0.5;     // of full scale: the mean of 20 ms
constexpr double kMostAtPeak = 0.035;  // of all samples, standing still there

Measure measure_stuck(const Waveform& waveform) {
  const std::vector<Step>& steps = waveform.steps();
  Measure stuck{.defect = Defect::kPulse, .limit = kMostStill};
  for (std::size_t i = 0; i + 4 <= steps.size(); ++i) {
    for (std::size_t c = 0; c < 2; ++c) {
      double mean = 0;
      for (std::size_t k = i; k < i + 4; ++k) mean += static_cast<double>(steps[k].mean[c]) / 4;
      if (std::abs(mean) <= stuck.figure) continue;
      stuck.figure = std::abs(mean);
      stuck.at = static_cast<double>(i) * waveform.step_seconds();
    }
  }
  stuck.severity = stuck.figure / stuck.limit;
  stuck.reason =
      text("has a pulse at %.2f s: for 20 ms the mean is at %.0f %% of full scale, %.0f %% may be",
           stuck.at, 100 * stuck.figure, 100 * stuck.limit);
  return stuck;
}

Measure measure_clipped(const Waveform& waveform) {
  Measure clipped{.defect = Defect::kClipped, .limit = kMostAtPeak};
  clipped.figure = waveform.clipped();
  clipped.severity = clipped.figure / clipped.limit;
  clipped.reason = text("is clipped: %.1f %% of its samples stand at its peak, %.1f %% may",
                        100 * clipped.figure, 100 * clipped.limit);
  return clipped;
}

// ---- drop-outs ----

constexpr double kCutFall = 316;          // power, 25 dB: what falls by less within 5 ms is no cut
constexpr double kEven = 0.1;             // before the cut the sound is within 10 dB of its mean
constexpr std::size_t kBeside = 10;       // steps before and after a cut that are compared with it
constexpr std::size_t kShortestCut = 2;   // steps
constexpr std::size_t kShort = 50;        // steps; up to here it is no musical rest
constexpr std::size_t kLongestCut = 150;  // steps; longer is a matter of silence
constexpr double kAudible = 1e-5;         // power
constexpr double kMostShort = 2;          // refused from here on
constexpr double kMostLong = 4;

Measure measure_drop_outs(const Waveform& waveform) {
  const std::vector<Step>& steps = waveform.steps();
  Measure worst{.defect = Defect::kDropOut, .limit = kMostShort};
  for (std::size_t c = 0; c < 2; ++c) {
    const auto power = [&](std::size_t i) { return static_cast<double>(steps[i].square[c]); };
    int shorts = 0;
    int longs = 0;
    double at = 0;
    double length = 0;
    for (std::size_t i = kBeside; i + kBeside + 4 < steps.size(); ++i) {
      const double before = power(i - 1);
      const double floor = before / kCutFall;
      if (before < kAudible || power(i + 1) >= floor) continue;
      std::size_t end = i + 1;
      while (end < steps.size() && power(end) < floor) ++end;
      const std::size_t steps_long = end - (i + 1);
      if (end + kBeside + 1 < steps.size() && steps_long >= kShortestCut &&
          steps_long <= kLongestCut) {
        double mean = 0;
        double after = 0;
        for (std::size_t k = 1; k <= kBeside; ++k) {
          mean += power(i - k) / kBeside;
          after += power(end + k) / kBeside;
        }
        const bool is_cut = before > mean * kEven && power(end + 1) > after * kEven;
        if (is_cut && after > mean / 20 && after < mean * 20) {
          if (shorts + longs == 0) {
            at = static_cast<double>(i) * waveform.step_seconds();
            length = static_cast<double>(steps_long + 1) * waveform.step_seconds();
          }
          ++(steps_long <= kShort ? shorts : longs);
        }
      }
      i = end;
    }
    const double severity = std::max(shorts / kMostShort, longs / kMostLong);
    if (severity <= worst.severity) continue;
    worst.severity = severity;
    worst.figure = shorts + longs;
    worst.limit = shorts / kMostShort >= longs / kMostLong ? kMostShort : kMostLong;
    worst.at = at;
    worst.reason = text("drops out %.0f times, first at %.2f s for %.2f s; fewer than %.0f may be",
                        worst.figure, at, length, worst.limit);
  }
  return worst;
}

// ---- noise ----

constexpr std::size_t kCell = 6;          // frames, 0.26 s
constexpr std::size_t kSteadyCells = 16;  // 4 s of noise that does not change
constexpr std::size_t kLongCells = 47;    // 12 s of any noise
constexpr double kFlatness = 0.5615;      // of noise: exp(-Euler's constant)
constexpr double kLeastTone = 0.17;
constexpr double kMostChange = 3;       // dB from the first to the last quarter; a riser has more
constexpr double kBandReach = 40;       // dB below the strongest band that still count
constexpr double kChannelReach = 0.03;  // of the other's power: a quieter channel does not count
constexpr double kCellReach = 0.01;     // of the mean power: a quieter cell is no noise

struct NoiseCell {
  double tone = 1;  // 0 of noise, near 1 of pure tones; of the noisier channel
  double power = 0;
  std::array<double, Spectrogram::kBands> bands{};  // power
};

/// Flatness within each band, in frequency and time together: noise of any colour has 0.56, a tone
/// stands out in frequency and a stroke in time. The weight of a band falls with its level in dB.
std::vector<NoiseCell> noise_cells(const Spectrogram& spectrogram) {
  constexpr std::size_t kBands = Spectrogram::kBands;
  std::vector<NoiseCell> cells;
  for (std::size_t from = 0; from + kCell <= spectrogram.frames(); from += kCell) {
    std::array<std::array<double, kBands>, 2> power{};
    std::array<std::array<double, kBands>, 2> log2{};
    double most = kSilentPower;
    NoiseCell cell;
    for (std::size_t c = 0; c < spectrogram.channels(); ++c) {
      for (std::size_t b = 0; b < kBands; ++b) {
        for (std::size_t i = from; i < from + kCell; ++i) {
          power[c][b] += static_cast<double>(spectrogram.cell(i, c, b).power) / kCell;
          log2[c][b] += static_cast<double>(spectrogram.cell(i, c, b).log2) / kCell;
        }
        most = std::max(most, power[c][b]);
        cell.bands[b] += power[c][b];
        cell.power += power[c][b] * static_cast<double>(spectrogram.width(b));
      }
    }
    cell.tone = 1;
    for (std::size_t c = 0; c < spectrogram.channels(); ++c) {
      double loudest = kSilentPower;
      for (std::size_t b = 0; b < kBands; ++b) loudest = std::max(loudest, power[c][b]);
      if (loudest < most * kChannelReach) continue;
      double flat = 0;
      double weights = 0;
      for (std::size_t b = 0; b < kBands; ++b) {
        const double weight =
            std::max(0.0, 1 + decibels(power[c][b] / loudest + 1e-12) / kBandReach);
        flat += weight * std::exp2(log2[c][b]) / power[c][b];
        weights += weight;
      }
      cell.tone = std::min(cell.tone, std::clamp(1 - flat / weights / kFlatness, 0.0, 1.0));
    }
    cells.push_back(cell);
  }
  return cells;
}

/// By how many dB the bands differ between the quarters of these cells that differ most: what rises
/// and falls again has changed.
double change_in(std::span<const NoiseCell> cells) {
  constexpr std::size_t kQuarters = 4;
  const std::size_t length = cells.size() / kQuarters;
  std::array<std::array<double, Spectrogram::kBands>, kQuarters> quarters{};
  double most = kSilentPower;
  for (std::size_t q = 0; q < kQuarters; ++q) {
    for (std::size_t b = 0; b < Spectrogram::kBands; ++b) {
      for (std::size_t i = 0; i < length; ++i) quarters[q][b] += cells[q * length + i].bands[b];
      most = std::max(most, quarters[q][b]);
    }
  }
  const double floor = most * 1e-3;
  double change = 0;
  for (std::size_t one = 0; one < kQuarters; ++one) {
    for (std::size_t other = one + 1; other < kQuarters; ++other) {
      double sum = 0;
      int count = 0;
      for (std::size_t b = 0; b < Spectrogram::kBands; ++b) {
        const double x = std::max(quarters[one][b], floor);
        const double y = std::max(quarters[other][b], floor);
        if (std::max(x, y) <= floor) continue;
        sum += std::abs(decibels(x / y));
        ++count;
      }
      change = std::max(change, sum / std::max(count, 1));
    }
  }
  return change;
}

Measure measure_noise(const Spectrogram& spectrogram) {
  std::vector<NoiseCell> cells = noise_cells(spectrogram);
  double mean = 0;
  for (const NoiseCell& cell : cells) mean += cell.power / static_cast<double>(cells.size());
  for (NoiseCell& cell : cells)
    if (cell.power < mean * kCellReach) cell.tone = 1;
  const double seconds = spectrogram.frame_seconds() * kCell;
  Measure noise{.defect = Defect::kNoise, .figure = 1, .limit = kLeastTone};
  double length = 0;
  for (const std::size_t count : {kSteadyCells, kLongCells}) {
    for (std::size_t i = 0; i + count <= cells.size(); ++i) {
      double tone = 0;
      for (std::size_t k = i; k < i + count; ++k)
        tone += cells[k].tone / static_cast<double>(count);
      if (tone >= noise.figure) continue;
      if (count == kSteadyCells && change_in(std::span(cells).subspan(i, count)) > kMostChange)
        continue;
      noise.figure = tone;
      noise.at = static_cast<double>(i) * seconds;
      length = static_cast<double>(count) * seconds;
    }
  }
  noise.severity = noise.limit / std::max(noise.figure, 0.01);
  noise.reason = text(
      "is noise from %.1f s on: %.0f %% of %.0f s stands out as tones or strokes, %.0f %% have to",
      noise.at, 100 * noise.figure, length, 100 * noise.limit);
  return noise;
}

// ---- tones ----

constexpr double kLeastBesideTone = 0.05;  // of the power, outside of the eight strongest bins
constexpr double kMostWhistle = 0.5;       // of the time
constexpr float kWhistleShare = 0.8F;      // of a frame's power in one line
constexpr float kWhistleFrom = 1500;       // Hz

Measure measure_tone(const Spectrogram& spectrogram) {
  Measure tone{.defect = Defect::kTone, .figure = 1, .limit = kLeastBesideTone};
  const std::vector<float>& shares = spectrogram.tone_shares();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double beside = std::max(0.0, 1 - static_cast<double>(shares[i]));
    if (beside >= tone.figure) continue;
    tone.figure = beside;
    tone.at = static_cast<double>(i) * Spectrogram::kStretch;
  }
  tone.severity = tone.limit / std::max(tone.figure, 0.001);
  tone.reason =
      text("is one steady tone from %.0f s on: %.1f %% of its power lie beside it, %.0f %% have to",
           tone.at, 100 * tone.figure, 100 * tone.limit);
  return tone;
}

/// A line above 1.5 kHz that holds most of the power and stays within a semitone or so.
Measure measure_whistle(const Spectrogram& spectrogram) {
  Measure whistle{.defect = Defect::kWhistle, .limit = kMostWhistle};
  const auto length = std::min(static_cast<std::size_t>(kStretch / spectrogram.frame_seconds()),
                               spectrogram.frames());
  double hertz = 0;
  std::vector<float> lines;
  for (std::size_t from = 0; length > 0 && from + length <= spectrogram.frames();
       from += std::max<std::size_t>(length / 4, 1)) {
    lines.clear();
    for (std::size_t i = from; i < from + length; ++i) {
      const Spectrogram::Line& line = spectrogram.line(i);
      if (line.share > kWhistleShare && line.hertz > kWhistleFrom) lines.push_back(line.hertz);
    }
    if (lines.empty()) continue;
    std::nth_element(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(lines.size() / 2),
                     lines.end());
    const float middle = lines[lines.size() / 2];
    const auto near = std::count_if(lines.begin(), lines.end(), [=](float f) {
      return f > middle / 1.1F && f < middle * 1.1F;
    });
    const double share = static_cast<double>(near) / static_cast<double>(length);
    if (share <= whistle.figure) continue;
    whistle.figure = share;
    whistle.at = static_cast<double>(from) * spectrogram.frame_seconds();
    hertz = static_cast<double>(middle);
  }
  whistle.severity = whistle.figure / whistle.limit;
  whistle.reason = text(
      "whistles at %.0f Hz from %.0f s on: in %.0f %% of the time one line holds nearly all of its "
      "power, in %.0f %% it may",
      hertz, whistle.at, 100 * whistle.figure, 100 * whistle.limit);
  return whistle;
}

// ---- loops ----

constexpr double kLeastLoopChange = 2;  // dB
constexpr double kLeastUnlike = 0.15;   // 1 - correlation

Measure measure_loop(const Spectrogram& spectrogram, const Waveform& waveform) {
  const Repetition found = find_repetition(spectrogram, waveform);
  Measure loop{.defect = Defect::kLoop, .limit = kLeastLoopChange};
  loop.figure = found.change;
  loop.at = found.at;
  loop.severity = std::min(kLeastLoopChange / std::max(found.change, 0.01),
                           kLeastUnlike / std::max(1 - found.correlation, 0.01));
  loop.reason = text(
      "repeats itself from %.1f s on: %.0f s sound as they did %.2f s before (%.1f dB of change "
      "where %.1f have to be, correlation %.2f where %.2f may be)",
      found.at + found.lag, found.length, found.lag, found.change, kLeastLoopChange,
      found.correlation, 1 - kLeastUnlike);
  return loop;
}

// ---- clicks ----

constexpr double kMostClick = 18;

Measure measure_clicks(const Waveform& waveform) {
  Measure click{.defect = Defect::kClick, .limit = kMostClick};
  int count = 0;
  double last = -1;
  for (const Waveform::Click& one : waveform.clicks()) {
    const double height = static_cast<double>(one.height) * static_cast<double>(one.above);
    if (height >= kMostClick) {
      if (count == 0) click.at = one.at;
      if (one.at - last > 0.01) ++count;
      last = one.at;
    }
    if (height <= click.figure) continue;
    click.figure = height;
    if (count == 0) click.at = one.at;
  }
  click.severity = click.figure / click.limit;
  click.reason = text("clicks %d times, first at %.2f s: up to %.0f, %.0f may be", count, click.at,
                      click.figure, click.limit);
  return click;
}

}  // namespace

std::string_view name_of(Defect defect) {
  switch (defect) {
    case Defect::kOneSided:
      return "one channel";
    case Defect::kOutOfPhase:
      return "out of phase";
    case Defect::kTone:
      return "tone";
    case Defect::kWhistle:
      return "whistle";
    case Defect::kLoop:
      return "loop";
    case Defect::kNoise:
      return "noise";
    case Defect::kDropOut:
      return "drop-outs";
    case Defect::kPulse:
      return "pulse";
    case Defect::kClick:
      return "clicks";
    case Defect::kClipped:
      return "clipped";
  }
  return "";
}

std::vector<Measure> DefectFinder::measures() const {
  std::vector<Measure> out;
  measure_channels(waveform_, out);
  out.push_back(measure_whistle(spectrogram_));
  out.push_back(measure_tone(spectrogram_));
  out.push_back(measure_loop(spectrogram_, waveform_));
  out.push_back(measure_noise(spectrogram_));
  out.push_back(measure_drop_outs(waveform_));
  out.push_back(measure_stuck(waveform_));
  out.push_back(measure_clipped(waveform_));
  out.push_back(measure_clicks(waveform_));
  return out;
}

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "sound/limiter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <random>
#include <vector>

#include "hard_signals.hpp"
#include "sound/meter.hpp"

namespace {

using infinara::sound::kCeilingDb;
using infinara::sound::kTruePeakToleranceDb;
using infinara::sound::Limiter;
using infinara::sound::Meter;

using Signal = std::vector<float>;  // stereo, interleaved

Signal sine(double frequency, double level, double seconds, double phase = 0) {
  Signal out;
  for (int i = 0; i < seconds * 48000; ++i) {
    const double x = level * std::sin(2 * std::numbers::pi * frequency * i / 48000 + phase);
    out.push_back(static_cast<float>(x));
    out.push_back(static_cast<float>(x));
  }
  return out;
}

Signal noise(double level, double seconds) {
  Signal out;
  std::mt19937 rng(3);
  std::normal_distribution<float> bell(0, static_cast<float>(level));
  for (int i = 0; i < seconds * 96000; ++i) out.push_back(bell(rng));
  return out;
}

/// Runs everything through in odd blocks, and the delayed rest after it.
Signal limited(Limiter& limiter, Signal signal) {
  signal.resize(signal.size() + 2 * limiter.delay());
  for (std::size_t i = 0; i < signal.size();) {
    const std::size_t size = std::min<std::size_t>(2 * 777, signal.size() - i);
    limiter.process({signal.data() + i, size});
    i += size;
  }
  signal.erase(signal.begin(), signal.begin() + static_cast<std::ptrdiff_t>(2 * limiter.delay()));
  return signal;
}

double true_peak(const Signal& signal) {
  Meter meter(48000, 2);
  meter.listen(signal);
  return meter.true_peak_db();
}

}  // namespace

TEST(Limiter, PassesWhatIsBelowItsCeilingBitForBit) {
  Limiter limiter(48000, 2);
  const Signal in = sine(997, 0.6, 1);
  EXPECT_EQ(limited(limiter, in), in);
}

TEST(Limiter, LetsNoPeakPassWhateverComes) {
  const struct {
    const char* name;
    Signal signal;
  } rows[] = {
      {"a loud note", sine(440, 3, 1)},
      {"a note whose peaks lie between the samples", sine(12000, 2, 1, std::numbers::pi / 4)},
      {"the same, a little lower", sine(11000, 1.2, 1, std::numbers::pi / 4)},
      {"deep bass", sine(40, 4, 1)},
      {"noise", noise(0.5, 1)},
      {"loud noise", noise(4, 1)},
  };
  for (const auto& row : rows) {
    Limiter limiter(48000, 2);
    const double peak = true_peak(limited(limiter, row.signal));
    EXPECT_LE(peak, -1.9) << row.name;
    EXPECT_GE(peak, -4.5) << row.name << ": no more than needed";
  }
}

TEST(Limiter, CatchesABurstOutOfQuiet) {
  Signal in = sine(300, 0.1, 1);
  const Signal burst = sine(2000, 2, 0.01);
  std::copy(burst.begin(), burst.end(), in.begin() + 48000);
  Limiter limiter(48000, 2);
  const Signal out = limited(limiter, in);
  EXPECT_LE(true_peak(out), -1.9);
  // Long before and long after, nothing has changed.
  for (std::size_t i = 0; i < 40000; ++i) ASSERT_EQ(out[i], in[i]);
  EXPECT_NEAR(out[95000], in[95000], 0.02F);
}

TEST(Limiter, KeepsLeftAndRightInTheirPlaces) {
  Signal in = sine(500, 2, 0.5);
  for (std::size_t i = 1; i < in.size(); i += 2) in[i] *= 0.25F;
  Limiter limiter(48000, 2);
  const Signal out = limited(limiter, in);
  for (std::size_t i = 2000; i < out.size(); i += 2) ASSERT_NEAR(out[i] * 0.25F, out[i + 1], 1e-6F);
}

TEST(Limiter, WorksInMonoAndAtOtherRates) {
  Limiter limiter(22050, 1);
  Signal in = sine(440, 2, 1);
  Signal mono;
  for (std::size_t i = 0; i < in.size(); i += 2) mono.push_back(in[i]);
  limiter.process(mono);
  EXPECT_LE(*std::max_element(mono.begin(), mono.end()), 0.795F);
}

TEST(Limiter, KeepsTruePeaksWithinItsToleranceAtEachLevel) {
  // Levels just above the ceiling find a limiter that begins too late; an input below -1.9 dBTP
  // would prove nothing.
  double worst = -100;
  for (const auto& [name, signal] : hard::all())
    for (const double level : {-1.8, -1.0, 0.0, 1.0, 6.0, 20.0}) {
      Limiter limiter(48000, 2);
      const Signal in = hard::at_peak(signal, level);
      const Signal out = limited(limiter, in);
      const double peak = hard::true_peak_db(out);
      worst = std::max(worst, peak);
      EXPECT_LE(peak, kCeilingDb + kTruePeakToleranceDb) << name << " at " << level << " dBTP";
      EXPECT_NE(out, in) << name << " at " << level << " dBTP";
      for (const float x : out) ASSERT_LE(std::abs(x), 0.79433F) << name;
    }
  RecordProperty("worst_dBTP", std::to_string(worst));
  std::printf("worst: %.3f dBTP\n", worst);
}

TEST(Limiter, TouchesNoSignalWhoseTruePeakIsBelowTheCeiling) {
  for (const auto& [name, signal] : hard::all()) {
    Limiter limiter(48000, 2);
    const Signal in = hard::at_peak(signal, kCeilingDb - 0.02);
    EXPECT_EQ(limited(limiter, in), in) << name;
  }
}

TEST(Limiter, KeepsASteadyNoteAtItsCeilingExactly) {
  Limiter limiter(48000, 2);
  const Signal out = limited(limiter, hard::at_peak(hard::sine(997, 0.3), 6));
  EXPECT_NEAR(hard::true_peak_db(out), kCeilingDb, 0.02);
}

TEST(Limiter, LetsGoSlowlyAfterALoudMoment) {
  Signal in = sine(1000, 2, 0.3);
  const Signal quiet = sine(1000, 0.2, 1);
  in.insert(in.end(), quiet.begin(), quiet.end());
  Limiter limiter(48000, 2);
  const Signal out = limited(limiter, in);
  // The gain of 10 ms, so many seconds after the loud moment's end.
  const auto gain = [&](double seconds) {
    const auto at = static_cast<std::size_t>((0.3 + seconds) * 48000) * 2;
    double before = 0, after = 0;
    for (std::size_t i = at; i < at + 960; ++i) {
      before += static_cast<double>(in[i]) * in[i];
      after += static_cast<double>(out[i]) * out[i];
    }
    return std::sqrt(after / before);
  };
  const double held = std::pow(10, kCeilingDb / 20) / 2;
  EXPECT_NEAR(gain(0), held, 0.06);
  EXPECT_NEAR(gain(0.12), 1 - (1 - held) / std::numbers::e, 0.04) << "its time constant is 0.12 s";
  EXPECT_GT(gain(0.8), 0.99);
}

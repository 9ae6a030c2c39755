// SPDX-License-Identifier: Apache-2.0
#include "sound/spectrogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace infinara::sound {
namespace {

constexpr int kRate = 48000;

/// A tone on each side, in stereo.
std::vector<float> tones(double seconds, double left, double right, double amplitude = 0.5) {
  std::vector<float> samples;
  for (int i = 0; i < seconds * kRate; ++i)
    for (const double hertz : {left, right})
      samples.push_back(
          static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hertz * i / kRate)));
  return samples;
}

std::size_t strongest(const Spectrogram& spectrogram, std::size_t frame, std::size_t channel) {
  std::size_t best = 0;
  for (std::size_t band = 1; band < Spectrogram::kBands; ++band)
    if (spectrogram.cell(frame, channel, band).power > spectrogram.cell(frame, channel, best).power)
      best = band;
  return best;
}

TEST(Spectrogram, KeepsFramesAndChannelsApart) {
  Spectrogram spectrogram(kRate, 2);
  spectrogram.listen(tones(1, 300, 5000));
  const std::size_t half = spectrogram.frames();
  spectrogram.listen(tones(1, 5000, 300));
  ASSERT_GT(half, 20U);
  ASSERT_GT(spectrogram.frames(), 2 * half);
  const std::size_t low = strongest(spectrogram, 0, 0);
  const std::size_t high = strongest(spectrogram, 0, 1);
  EXPECT_LT(low, high);
  for (std::size_t frame = 0; frame < half; ++frame) {
    EXPECT_EQ(strongest(spectrogram, frame, 0), low) << frame;
    EXPECT_EQ(strongest(spectrogram, frame, 1), high) << frame;
  }
  for (std::size_t frame = half + 2; frame < spectrogram.frames(); ++frame) {
    EXPECT_EQ(strongest(spectrogram, frame, 0), high) << frame;
    EXPECT_EQ(strongest(spectrogram, frame, 1), low) << frame;
  }
}

TEST(Spectrogram, AToneIsALineOfItsFrequencyAndAllOfItsPower) {
  for (const int channels : {1, 2})
    for (const double hertz : {200.0, 1000.0, 8000.0}) {
      const std::vector<float> both = tones(1, hertz, hertz);
      std::vector<float> samples;
      for (std::size_t i = 0; i < both.size(); i += channels == 1 ? 2 : 1)
        samples.push_back(both[i]);
      Spectrogram spectrogram(kRate, channels);
      spectrogram.listen(samples);
      ASSERT_GT(spectrogram.frames(), 20U);
      for (std::size_t frame = 0; frame < spectrogram.frames(); ++frame) {
        EXPECT_NEAR(spectrogram.line(frame).hertz, hertz, 0.5 * kRate / 4096) << frame;
        EXPECT_GT(spectrogram.line(frame).share, 0.99F) << frame;
        double power = 0;
        for (std::size_t band = 0; band < Spectrogram::kBands; ++band)
          power += static_cast<double>(spectrogram.cell(frame, 0, band).power) *
                   static_cast<double>(spectrogram.width(band));
        // A bin shows a tone's amplitude squared; the window spreads it over three.
        EXPECT_NEAR(power, 1.5 * 0.5 * 0.5, 0.004) << hertz << " Hz, frame " << frame;
      }
    }
}

TEST(Spectrogram, NoiseIsFlatAndAToneIsNot) {
  Spectrogram spectrogram(kRate, 1);
  std::vector<float> samples(kRate);
  std::uint32_t state = 1;
  for (float& sample : samples) {
    state = state * 1664525U + 1013904223U;
    sample = static_cast<float>(static_cast<double>(state) / 4294967296.0 - 0.5);
  }
  spectrogram.listen(samples);
  const std::size_t frames = spectrogram.frames();
  double flat = 0;
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const auto& cell = spectrogram.cell(frame, 0, Spectrogram::kBands - 1);
    flat += std::exp2(static_cast<double>(cell.log2)) / static_cast<double>(cell.power);
  }
  EXPECT_NEAR(flat / static_cast<double>(frames), std::exp(-std::numbers::egamma), 0.02);
}

TEST(Spectrogram, ASteadyToneIsInEightBinsForTwoStretchesAndMusicIsNot) {
  Spectrogram steady(kRate, 2);
  Spectrogram moving(kRate, 2);
  for (int second = 0; second < 16; ++second) {
    steady.listen(tones(1, 440, 440));
    moving.listen(tones(1, 440 + 37 * second, 440 + 37 * second));
  }
  ASSERT_EQ(steady.tone_shares().size(), 2U);
  ASSERT_EQ(moving.tone_shares().size(), 2U);
  for (const float share : steady.tone_shares()) EXPECT_GT(share, 0.99F);
  for (const float share : moving.tone_shares()) EXPECT_LT(share, 0.5F);
}

}  // namespace
}  // namespace infinara::sound

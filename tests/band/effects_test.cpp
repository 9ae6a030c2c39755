// SPDX-License-Identifier: Apache-2.0
// What amplifier, sweep and balance make of signals whose sound is known.
#include "band/effects.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <utility>
#include <vector>

#include "band/amplifier.hpp"
#include "band/balance_control.hpp"
#include "band/drum_kit.hpp"
#include "music/random.hpp"
#include "sound/fft.hpp"

namespace infinara::band {
namespace {

using Signal = std::function<float(std::size_t)>;

float sine(double hz, std::size_t i) {
  return static_cast<float>(
      std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / sound::kRate));
}

/// The left of what comes out; 0.7 s at least, for between().
template <class Effect>
std::vector<float> through(Effect&& effect, double seconds, const Signal& left,
                           const Signal& right) {
  std::vector<float> out;
  const auto blocks = static_cast<std::size_t>(seconds * sound::kRate / kBlock);
  for (std::size_t b = 0; b < blocks; ++b) {
    Stereo block;
    for (std::size_t i = 0; i < kBlock; ++i) {
      block.left[i] = left(b * kBlock + i);
      block.right[i] = right(b * kBlock + i);
    }
    effect(block);
    out.insert(out.end(), block.left.begin(), block.left.end());
  }
  return out;
}

/// Power between two frequencies in the last 2/3 s, any scale.
double between(const std::vector<float>& samples, double low, double high) {
  constexpr std::size_t kSize = 32768;
  sound::Fft fft(kSize);
  std::vector<float> real(samples.end() - kSize, samples.end()), imaginary(kSize);
  for (std::size_t i = 0; i < kSize; ++i)
    real[i] *= static_cast<float>(
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / kSize));
  fft.transform(real, imaginary);
  double sum = 0;
  for (std::size_t k = 1; k < kSize / 2; ++k) {
    const double hz = static_cast<double>(k) * sound::kRate / kSize;
    if (hz >= low && hz < high)
      sum += static_cast<double>(real[k] * real[k] + imaginary[k] * imaginary[k]);
  }
  return sum;
}

double db(double ratio) {
  return 10 * std::log10(ratio);
}

std::vector<float> amplified(double drive, double hz, float level) {
  Amplifier amplifier(drive);
  const Signal tone = [=](std::size_t i) { return level * sine(hz, i); };
  return through([&](Stereo& block) { amplifier.process(block); }, 1, tone, tone);
}

TEST(Amplifier, AddsOvertonesTheMoreItIsDriven) {
  const auto overtones = [](double drive) {
    const auto out = amplified(drive, 220, 0.05F);
    return db(between(out, 300, 4000) / between(out, 200, 240));
  };
  EXPECT_LT(overtones(0), -8);
  EXPECT_GT(overtones(0.9), overtones(0) + 6);
}

TEST(Amplifier, BringsSoftAndLoudNearerToEachOther) {
  const auto level = [](float in) { return between(amplified(0.9, 220, in), 60, 8000); };
  EXPECT_LT(db(level(0.1F) / level(0.01F)), 6);  // of 20
}

TEST(Amplifier, HasALoudspeakerThatPlaysNoFizz) {
  const auto out = amplified(0.9, 220, 0.1F);
  EXPECT_LT(db(between(out, 8000, 20000) / between(out, 1000, 4000)), -30);
}

TEST(Amplifier, FoldsNothingBackBelowTheNote) {
  const auto out = amplified(1, 1390, 0.1F);
  EXPECT_LT(db(between(out, 100, 1250) / between(out, 1350, 1430)), -40);
}

TEST(Amplifier, IsSilentWithoutASignal) {
  Amplifier amplifier(1);
  Stereo block;
  for (int i = 0; i < 100; ++i) {
    block.clear();
    amplifier.process(block);
  }
  for (const float x : block.left) EXPECT_EQ(x, 0);
}

/// The left of a room that hears one click.
std::vector<float> clicked(double seconds, double early) {
  Reverb reverb(seconds, 5000, early);
  const Signal click = [](std::size_t i) { return i == 0 ? 1.0F : 0.0F; };
  return through(
      [&](Stereo& block) {
        Stereo wet;
        reverb.process(block, wet);
        block = wet;
      },
      1, click, click);
}

double power(const std::vector<float>& sound, double from, double to) {
  double sum = 0;
  for (auto i = static_cast<std::size_t>(from * sound::kRate);
       i < static_cast<std::size_t>(to * sound::kRate); ++i)
    sum += static_cast<double>(sound[i] * sound[i]);
  return sum;
}

TEST(Reverb, ThrowsBackFirstReflectionsBeforeItsTail) {
  for (const double seconds : {0.8, 1.6, 3.0, 5.5}) {
    const auto with = clicked(seconds, 0.5), without = clicked(seconds, 0);
    EXPECT_GT(power(with, 0, 0.025), 0.01) << seconds;
    EXPECT_LT(power(without, 0, 0.025), 0.001) << seconds;
    EXPECT_NEAR(db(power(with, 0.1, 0.6) / power(without, 0.1, 0.6)), 0, 0.1) << seconds;
  }
}

/// Echo density (Abel and Huang, AES 2006): the share of samples beyond one standard deviation, 1
/// as of noise.
TEST(Reverb, IsDenseWithinATenthOfASecond) {
  for (const double seconds : {0.8, 1.6, 3.0, 5.5}) {
    const auto sound = clicked(seconds, 0.5);
    const double deviation = std::sqrt(power(sound, 0.09, 0.11) / (0.02 * sound::kRate));
    int beyond = 0;
    for (auto i = static_cast<std::size_t>(0.09 * sound::kRate);
         i < static_cast<std::size_t>(0.11 * sound::kRate); ++i)
      beyond += static_cast<double>(std::abs(sound[i])) > deviation;
    EXPECT_GT(beyond / (0.02 * sound::kRate) / 0.3173, 0.4) << seconds;
  }
}

TEST(EchoDucking, KeepsEchoesBackWhileTheirSourceIsLoud) {
  EchoDucking ducking(0.7);
  const auto echoes = [&](float source_level) {
    const Signal one = [](std::size_t) { return 1.0F; };
    return through(
               [&](Stereo& block) {
                 Stereo source;
                 source.left.fill(source_level);
                 ducking.process(source, block);
               },
               1.5, one, one)
        .back();
  };
  EXPECT_LT(echoes(0.1F), 0.5F);
  EXPECT_GT(echoes(0), 0.9F) << "in the rest after it";
}

TEST(Sweep, OpensAndCloses) {
  Sweep sweep(3, 8, 0);
  music::Random random(1, "");
  const Signal noise = [&](std::size_t) { return static_cast<float>(random.uniform32()) - 0.5F; };
  const auto out = through(
      [&](Stereo& block) {
        sweep.next(0.5F);
        sweep.process(block);
      },
      8.5, noise, noise);
  const auto high = [&](double until) {
    const std::vector<float> part(out.begin(),
                                  out.begin() + static_cast<std::ptrdiff_t>(until * sound::kRate));
    return db(between(part, 2000, 4000));
  };
  EXPECT_GT(high(4.4), high(0.9) + 10);
  EXPECT_GT(high(4.4), high(8.3) + 10);
}

/// How much of a note of a voice lies above its lowest tones, dB.
double brightness(const char* preset, double octaves) {
  Synth synth(*find_preset(preset), 1);
  synth.shift_cutoff(octaves);
  synth.note_on(60, 90);
  const Signal none = [](std::size_t) { return 0.0F; };
  const auto out = through([&](Stereo& block) { synth.render(block); }, 2, none, none);
  return db(between(out, 1000, 6000) / between(out, 200, 600));
}

TEST(Synth, IsBrighterTheFurtherItsFilterIsTurnedUp) {
  for (const char* preset : {"warm", "haze", "glass", "strings"}) {
    EXPECT_GT(brightness(preset, 1.5), brightness(preset, 0) + 4) << preset;
    EXPECT_GT(brightness(preset, 0), brightness(preset, -1.5) + 4) << preset;
  }
}

/// What leads from section to section: the level of each 0.7 s, and how much of it is above 2
/// kHz, dB.
TEST(Synth, RisesFallsAndSwells) {
  const auto pieces = [](const char* preset) {
    Synth synth(*find_preset(preset), 1);
    synth.note_on(60, 90);
    const Signal none = [](std::size_t) { return 0.0F; };
    const auto out = through([&](Stereo& block) { synth.render(block); }, 3, none, none);
    std::vector<std::pair<double, double>> found;
    for (std::size_t at = 0; at + 33600 <= out.size(); at += 33600) {
      const std::vector<float> part(out.begin() + static_cast<std::ptrdiff_t>(at),
                                    out.begin() + static_cast<std::ptrdiff_t>(at + 33600));
      found.emplace_back(db(between(part, 40, 20000)),
                         db(between(part, 2000, 20000) / between(part, 40, 2000)));
    }
    return found;
  };
  for (const char* riser : {"riser", "climb"}) {
    const auto rises = pieces(riser);
    EXPECT_GT(rises[3].first, rises[0].first + 6) << riser;
    EXPECT_GT(rises[3].second, rises[0].second + 6) << riser;
  }
  const auto falls = pieces("fall");
  EXPECT_LT(falls[3].first, falls[0].first - 6);
  EXPECT_LT(falls[3].second, falls[0].second - 6);
  const auto swells = pieces("reverse");
  EXPECT_GT(swells[3].first, swells[0].first + 20) << "nearly nothing at first";
}

/// A stroke and the one after it.
std::pair<std::vector<float>, std::vector<float>> strokes(const char* kit, int velocity) {
  DrumKit drums(kit, 1);
  const Signal none = [](std::size_t) { return 0.0F; };
  const auto next = [&] {
    drums.strike(Drum::kSnare, velocity);
    return through([&](Stereo& block) { drums.render(block); }, 0.7, none, none);
  };
  auto first = next();
  return {std::move(first), next()};
}

TEST(DrumKit, GivesHandsAnotherTakeEachTimeAndMachinesTheSame) {
  const auto apart = [](const char* kit) {
    auto [first, second] = strokes(kit, 100);
    const double whole = between(first, 100, 10000);
    for (std::size_t i = 0; i < first.size(); ++i) first[i] -= second[i];
    return between(first, 100, 10000) / whole;
  };
  for (const char* kit : {"studio", "lofi", "break"}) EXPECT_GT(apart(kit), 0.05) << kit;
  for (const char* kit : {"808", "909"}) EXPECT_EQ(apart(kit), 0) << kit;
}

TEST(DrumKit, IsDarkerWhenItIsStruckSoftly) {
  const auto brightness = [](int velocity) {
    const auto out = strokes("studio", velocity).first;
    return db(between(out, 4000, 12000) / between(out, 100, 1000));
  };
  EXPECT_GT(brightness(110), brightness(40) + 2);
}

BalanceSheet corridor() {
  return {.db = {-8, -8, -8, -8, -8, -8}, .kept = true};
}

TEST(BalanceController, BringsATrackNearTheBalanceOfItsSheet) {
  BalanceController balance(corridor());
  music::Random random(1, "");
  float low = 0;  // much of it lies below 350 Hz, hardly any above 4 kHz
  const Signal dull = [&](std::size_t) {
    low += 0.02F * (static_cast<float>(random.uniform32()) - 0.5F - low);
    return low;
  };
  const auto tilt = [](const std::vector<float>& x) {
    return db(between(x, 4000, 18000) / between(x, 350, 1400));
  };
  std::vector<float> in;
  const auto out = through(
      [&](Stereo& block) {
        in.insert(in.end(), block.left.begin(), block.left.end());
        block.right = block.left;
        balance.process(block);
      },
      60, dull, dull);
  const double before = tilt(in), after = tilt(out);
  EXPECT_GT(after, before + 4);
  EXPECT_LT(after, before + 16);
}

TEST(BalanceController, LeavesABandAloneThatIsNearTheReference) {
  BalanceController balance(corridor());
  // A tone in each band; the lowest two are weak, and the others nearly alike.
  const Signal tones = [](std::size_t i) {
    return 0.1F * (0.5F * sine(40, i) + 0.5F * sine(90, i) + 1.31F * sine(200, i) +
                   1.35F * sine(700, i) + 1.31F * sine(2400, i) + 1.26F * sine(9000, i));
  };
  const auto out = through([&](Stereo& block) { balance.process(block); }, 40, tones, tones);
  const auto in = through([](Stereo&) {}, 1, tones, tones);
  const auto tilt = [](const std::vector<float>& x) {
    return db(between(x, 8900, 9100) / between(x, 690, 710));
  };
  EXPECT_NEAR(tilt(out), tilt(in), 0.2);
}

TEST(BalanceController, LeavesATrackAloneWhoseSheetDoesNotAsk) {
  BalanceController balance({});
  const Signal tone = [](std::size_t i) { return sine(100, i); };
  const auto out = through([&](Stereo& block) { balance.process(block); }, 3, tone, tone);
  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], tone(i));
}

TEST(BalanceController, NarrowsWhatOneLoudspeakerWouldLose) {
  BalanceController balance(corridor());
  music::Random one(1, ""), other(2, "");
  double both = 0, left = 0, right = 0;
  const auto blocks = static_cast<std::size_t>(20 * sound::kRate / kBlock);
  for (std::size_t b = 0; b < blocks; ++b) {
    Stereo block;
    for (std::size_t i = 0; i < kBlock; ++i) {
      block.left[i] = static_cast<float>(one.uniform32()) - 0.5F;
      block.right[i] = static_cast<float>(other.uniform32()) - 0.5F;
    }
    balance.process(block);
    if (b < blocks / 2) continue;
    for (std::size_t i = 0; i < kBlock; ++i) {
      both += static_cast<double>(block.left[i] * block.right[i]);
      left += static_cast<double>(block.left[i] * block.left[i]);
      right += static_cast<double>(block.right[i] * block.right[i]);
    }
  }
  EXPECT_GE(both / std::sqrt(left * right), 0.3);
}

}  // namespace
}  // namespace infinara::band

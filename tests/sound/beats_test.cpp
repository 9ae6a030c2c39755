// SPDX-License-Identifier: Apache-2.0
// Beats are found in made-up music whose truth is known; tests/band/beats has the band's.
#include "sound/beats.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <optional>
#include <random>

#include "tracks.hpp"

namespace infinara::sound {
namespace {

constexpr double kTau = 2 * std::numbers::pi;

/// Adds a note that decays, or swells and dies if `attack` is long.
void note(std::vector<double>& track, double begin, double hertz, double seconds, double level,
          double attack = 0.002) {
  const auto from = std::llround(begin * kRate);
  for (std::int64_t i = 0; i < std::llround(seconds * kRate); ++i) {
    const auto place = from + i;
    if (place < 0 || place >= std::ssize(track)) continue;
    const double t = static_cast<double>(i) / kRate;
    const double envelope = std::min(t / attack, 1.0) * std::min(1.0, 2 * (1 - t / seconds));
    track[static_cast<std::size_t>(place)] += level * envelope * std::sin(kTau * hertz * t);
  }
}

Samples to_samples(const std::vector<double>& track) {
  Samples samples;
  for (const double x : track)
    for (int channel = 0; channel < 2; ++channel)
      samples.push_back(static_cast<std::int16_t>(std::clamp(x, -1.0, 1.0) * 32'000));
  return samples;
}

constexpr double kRoots[] = {220, 174.61, 261.63, 196};

/// Kick, hat and a chord that changes with each bar; the first downbeat is at `first` seconds.
Samples song(double bpm, double seconds, double first, double drift = 0) {
  std::vector<double> track(static_cast<std::size_t>(seconds * kRate));
  double at = first, beat = 60 / bpm;
  for (int k = 0; at < seconds; ++k, at += beat, beat *= 1 + drift * beat / seconds) {
    note(track, at, k % 4 == 0 ? 55 : 70, 0.15, k % 4 == 0 ? 0.35 : 0.2);
    for (const double part : {0.0, 0.5}) note(track, at + part * beat, 7000, 0.03, 0.05);
    if (k % 4 == 0)
      for (const double third : {1.0, 1.26, 1.5})
        note(track, at, kRoots[k / 4 % 4] * third, 3.5 * beat, 0.06, 0.01);
  }
  return to_samples(track);
}

std::optional<BeatFinder::Found> head_of(const Samples& track, double bpm = 0) {
  BeatFinder finder;
  finder.listen(track);
  return finder.head(bpm);
}

/// Milliseconds from a downbeat found near `seconds` to the nearest true one.
double error_ms(const Grid& found, double seconds, double first, double bar) {
  const double line = std::round((seconds * kRate - found.first_downbeat) / found.bar());
  const double place = (found.first_downbeat + line * found.bar()) / kRate - first;
  return (place - std::round(place / bar) * bar) * 1000;
}

TEST(Beats, AreFoundAtAnyTempo) {
  for (const double bpm : {62.0, 93.33, 121.7, 158.0, 174.0}) {
    const double first = 0.7;
    const auto found = head_of(song(bpm, 30, first), bpm);
    ASSERT_TRUE(found) << bpm;
    EXPECT_TRUE(found->is_sure()) << bpm << ": " << found->confidence << ", "
                                  << found->bar_confidence;
    EXPECT_NEAR(kRate * 60 / found->grid.beat, bpm, bpm * 0.0005);
    for (const double at : {2.0, 15.0, 28.0})
      EXPECT_LE(std::abs(error_ms(found->grid, at, first, 240 / bpm)), 8) << bpm << " at " << at;
  }
}

TEST(Beats, AreFoundWhateverIsSaidOfTheTempo) {
  const auto track = song(120, 30, 0.2);
  for (const double said : {0.0, 60.0, 140.0, 200.0}) {
    const auto found = head_of(track, said);
    ASSERT_TRUE(found && found->is_sure()) << said;
    const double times = 120 / (kRate * 60 / found->grid.beat);
    EXPECT_NEAR(std::log2(times), std::round(std::log2(times)), 0.001) << said;
  }
}

TEST(Beats, AreFoundAfterSilenceAndInTheLastPart) {
  Samples track = song(110, 100, 12.5);
  BeatFinder finder;
  for (std::size_t at = 0; at < track.size(); at += 1000)  // in pieces of any size
    finder.listen(std::span(track).subspan(at, std::min<std::size_t>(1000, track.size() - at)));
  for (const bool last : {false, true}) {
    const auto found = last ? finder.tail() : finder.head();
    ASSERT_TRUE(found && found->is_sure()) << last;
    EXPECT_LE(std::abs(error_ms(found->grid, last ? 97 : 35, 12.5, 240 / 110.0)), 8) << last;
  }
  EXPECT_NEAR(static_cast<double>(*finder.audible_begin()), 12.5 * kRate, 50);
  EXPECT_EQ(finder.heard(), 100 * kRate);
}

/// A tempo that moves by half a percent over the track: its ends have grids of their own.
TEST(Beats, FollowATempoThatDrifts) {
  for (const double drift : {-0.005, 0.005}) {
    const double seconds = 150, first = 0.3;
    std::vector<double> downbeats;
    double at = first, beat = 60 / 118.0;
    for (int k = 0; at < seconds; ++k, at += beat, beat *= 1 + drift * beat / seconds)
      if (k % 4 == 0) downbeats.push_back(at);
    BeatFinder finder;
    finder.listen(song(118, seconds, first, drift));
    for (const bool last : {false, true}) {
      const auto found = last ? finder.tail() : finder.head();
      ASSERT_TRUE(found && found->is_sure());
      const double near = last ? 135 : 15;
      const double line =
          std::round((near * kRate - found->grid.first_downbeat) / found->grid.bar());
      const double place = (found->grid.first_downbeat + line * found->grid.bar()) / kRate;
      double least = 1;
      for (const double downbeat : downbeats) least = std::min(least, std::abs(place - downbeat));
      EXPECT_LE(least, 0.020) << drift << (last ? ", tail" : ", head");
    }
  }
}

/// Where there is no beat, none is claimed.
TEST(Beats, AreNotClaimedWhereThereAreNone) {
  std::mt19937 rng(7);
  const auto random = [&rng] { return static_cast<double>(rng()) / 4294967296.0; };
  std::vector<double> pads(36 * kRate), swells(36 * kRate), rain(36 * kRate);
  for (double at = 0; at < 36; at += 2.5 + 2 * random())  // chords whenever they like
    for (const double third : {1.0, 1.2, 1.5})
      note(pads, at, kRoots[rng() % 4] * third, 6, 0.08, 1.5);
  for (double at = 0; at < 36; at += 4)  // on time, but soft
    for (const double third : {1.0, 1.26, 1.5, 2.52})
      note(swells, at, kRoots[rng() % 4] * third, 7, 0.06, 2);
  for (int i = 0; i < 300; ++i)  // drops at any time
    note(rain, 36 * random(), 300 + 3000 * random(), 0.1, 0.2);
  const struct {
    const char* what;
    Samples track;
  } rows[] = {{"pads", to_samples(pads)},
              {"swells", to_samples(swells)},
              {"rain", to_samples(rain)},
              {"noise", noise(36 * kRate, 3, 9000)},
              {"tone", sine(36 * kRate, 330, 9000)},
              {"silence", level(36 * kRate, 0)}};
  for (const auto& row : rows) {
    const auto found = head_of(row.track);
    EXPECT_FALSE(found && found->is_sure())
        << row.what << ": " << found->confidence << ", " << found->bar_confidence;
  }
}

TEST(Beats, NeedSixSeconds) {
  EXPECT_FALSE(head_of(song(120, 5, 0)));
  EXPECT_TRUE(head_of(song(120, 8, 0)));
  EXPECT_FALSE(head_of({}));
}

}  // namespace
}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// Planned joins are mixed where the plan says, sample by sample.
#include <gtest/gtest.h>

#include <cmath>

#include "sound/meter.hpp"
#include "tracks.hpp"

namespace infinara::sound {
namespace {

constexpr std::int64_t s = kRate;

double smoothstep(double t) {
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

/// A desk that plays `first` and `second`, each with beats at 120 bpm and a last bar until 36 s.
struct PlannedDesk : TestDesk {
  PlannedDesk(bool patient, const Samples& first, const Samples& second)
      : TestDesk({.crossfade = 10 * s, .join = JoinStyle::kPlanned, .patient = patient}) {
    for (const auto* samples : {&first, &second})
      mix.describe(add(samples == &first ? "a" : "b", *samples).id,
                   {Grid{0, s / 2.0, 4}, 36 * s, std::nullopt});
  }
  Edit leaves() {
    for (const Edit& edit : edits)
      if (edit.what == Edit::What::kLeaves) return edit;
    ADD_FAILURE() << "nothing leaves";
    return {};
  }
  void play() {
    while (!mix.is_finished()) {
      write_all();
      Samples frame(kFrameValues);
      const auto count = mix.render(frame);
      ASSERT_TRUE(count > 0 || mix.is_finished());
      out.insert(out.end(), frame.begin(), frame.begin() + count * 2);
      for (const Edit& edit : mix.take_edits()) edits.push_back(edit);
    }
  }
  std::vector<Edit> edits;
};

TEST(PlannedMix, GainsMoveAsPlannedOnTheBarLines) {
  for (const bool patient : {false, true}) {
    SCOPED_TRACE(patient ? "patient" : "live");
    PlannedDesk desk(patient, level(40 * s, 8000), level(40 * s, 3000));
    desk.play();
    const Edit leaves = desk.leaves();
    EXPECT_EQ(leaves.fit, Fit::kBars);
    EXPECT_EQ(leaves.bars, 4U);
    EXPECT_EQ(leaves.at, 28 * s);
    EXPECT_EQ(leaves.fade.delay + leaves.fade.length, 8 * s);
    const auto moves = static_cast<double>(leaves.fade.length);
    EXPECT_EQ(moves, std::round(kOpenShare * 8 * s));
    for (std::int64_t i = s; i < 60 * s; i += 7) {  // not the ramps at its ends
      const double in = smoothstep((static_cast<double>(i - 28 * s) + 0.5) / moves);
      const double away =
          smoothstep((static_cast<double>(i - 28 * s - leaves.fade.delay) + 0.5) / moves);
      ASSERT_NEAR(desk.out[static_cast<std::size_t>(i) * 2], 8000 * (1 - away) + 3000 * in, 0.6)
          << i;
    }
    EXPECT_EQ(desk.out.size(), (28 + 40) * s * 2U + kFrameValues) << "a ramp after the hard end";
  }
}

/// Two tracks that would be too high together are heard with gains that sum to less.
TEST(PlannedMix, NeverLiftsTheTruePeakAboveItsCeiling) {
  for (const double amplitude : {29'000.0, 24'000.0, 21'000.0}) {
    PlannedDesk desk(true, sine(40 * s, 440, amplitude), sine(40 * s, 440, amplitude));
    desk.play();
    Meter meter(kRate, kChannels);
    std::vector<float> heard;
    for (const auto x : desk.out) heard.push_back(static_cast<float>(x) / 32768);
    meter.listen(heard);
    EXPECT_LE(meter.true_peak_db(), std::max(-1.0, 20 * std::log10(amplitude / 32768)) + 0.01);
    const bool open = amplitude * 1.42 < 32768 * std::pow(10, -1 / 20.0);
    EXPECT_EQ(desk.leaves().fade.delay > std::round((1 - kOpenShare) * 8 * s) - 2, open);
  }
}

TEST(PlannedMix, ASkipBeforeTheOutgoingGainMovesDoesNotClick) {
  PlannedDesk desk(false, level(40 * s, 8000), level(40 * s, 3000));
  desk.run_to(28 * s + s / 2);
  desk.mix.skip(s / 5);
  desk.run_out();
  EXPECT_LE(largest_step(desk.out), kRamp);
}

TEST(PlannedMix, PlainJoinsKnowNothingOfTheMusic) {
  const auto played = [](bool told) {
    TestDesk desk({.crossfade = 10 * s});
    for (unsigned seed = 1; seed <= 2; ++seed) {
      const auto id = desk.add(std::to_string(seed), noise(40 * s, seed)).id;
      if (told) desk.mix.describe(id, {Grid{0, s / 2.0, 4}, 36 * s, std::nullopt});
    }
    desk.run_out();
    return desk.out;
  };
  EXPECT_EQ(played(true), played(false));
}

}  // namespace
}  // namespace infinara::sound

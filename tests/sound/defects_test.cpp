// SPDX-License-Identifier: Apache-2.0
// Each defect in made-up sound, without a codec; validation_corpus has them in music.
#include "sound/defects.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/damage.hpp"

namespace {

using infinara::sound::Defect;
using infinara::sound::DefectFinder;
using infinara::sound::Measure;
using support::Pcm;

std::vector<Measure> measures_of(const Pcm& pcm, std::size_t step = 4410) {
  DefectFinder finder(pcm.rate, pcm.channels);
  const std::span<const float> all(pcm.samples);
  for (std::size_t i = 0; i < all.size(); i += step)
    finder.listen(all.subspan(i, std::min(step, all.size() - i)));
  return finder.measures();
}

std::optional<Measure> first_in(const Pcm& pcm) {
  for (const Measure& measure : measures_of(pcm))
    if (measure.severity >= 1) return measure;
  return {};
}

constexpr double kSeconds = 15;

/// A tune: it changes, and it has no defect.
const Pcm& clean() {
  static const Pcm tune = support::make_music({.seconds = kSeconds, .seed = 7});
  return tune;
}

}  // namespace

TEST(Defects, FindsNoneInMusic) {
  const auto found = first_in(clean());
  EXPECT_FALSE(found) << found->reason;
}

TEST(Defects, NamesEachWithItsPlaceAndFigure) {
  const struct {
    Defect defect;
    Pcm pcm;
    double at;      // seconds
    double within;  // seconds
    const char* reason;
  } rows[] = {
      {Defect::kNoise, support::noise(support::Noise::kPink, kSeconds, 0.1, 1), 0, kSeconds,
       "is noise from "},
      {Defect::kNoise,
       support::replaced(clean(), 8, 14, support::noise(support::Noise::kWhite, kSeconds, 0.1, 1)),
       8, 3, "is noise from "},
      {Defect::kLoop, support::looped(clean(), 0, kSeconds, 1), 0, kSeconds,
       "repeats itself from "},
      {Defect::kTone, support::tone(kSeconds, 440, 0.3), 0, kSeconds, "is one steady tone from "},
      {Defect::kWhistle, support::mixed(clean(), support::squeal(kSeconds, 3000, 0.8, 1)), 0,
       kSeconds, "whistles at 30"},
      {Defect::kDropOut, support::dropouts(clean(), 5, 0.1), 4.9, 0.02,
       "drops out 2 times, first at 4.9"},
      {Defect::kPulse, support::stuck(clean(), 6, 0.04, -1), 6, 0.03, "has a pulse at 6.0"},
      {Defect::kClick, support::clicks(clean(), 1, 1, 1), 7.5, 0.01,
       "clicks 1 times, first at 7.5"},
      {Defect::kClipped, support::clipped(clean(), 0.08, 0.9), 0, 0, "is clipped: "},
      {Defect::kOneSided,
       support::mapped(clean(), [](double x, double, int c) { return c == 0 ? x : 0; }), 0,
       kSeconds, "has a silent right channel from "},
  };
  for (const auto& row : rows) {
    const auto found = first_in(row.pcm);
    ASSERT_TRUE(found) << row.reason;
    EXPECT_EQ(name_of(found->defect), name_of(row.defect)) << found->reason;
    EXPECT_EQ(found->reason.rfind(row.reason, 0), 0U) << found->reason;
    EXPECT_NEAR(found->at, row.at, row.within + 1e-9) << found->reason;
  }
}

/// A tone of 1 kHz in pieces of a second at these amplitudes, with silence between.
Pcm in_pieces(const std::vector<double>& amplitudes, const std::vector<double>& gaps) {
  Pcm pcm{.rate = 48000, .channels = 2, .samples = {}};
  const auto add = [&](double seconds, double amplitude) {
    for (int i = 0; i < static_cast<int>(std::lround(seconds * pcm.rate)); ++i)
      for (int c = 0; c < pcm.channels; ++c)
        pcm.samples.push_back(
            static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * i / 48)));
  };
  for (std::size_t i = 0; i < amplitudes.size(); ++i) {
    if (i > 0) add(gaps.at(i - 1), 0);
    add(1, amplitudes[i]);
  }
  return pcm;
}

TEST(Defects, TwoShortDropOutsOrFourLongOnesAreTooMany) {
  const struct {
    std::vector<double> gaps;  // seconds
    double severity, figure, limit;
  } rows[] = {
      {{0.1}, 0.5, 1, 2},
      {{0.1, 0.1}, 1, 2, 2},
      {{0.25, 0.25}, 1, 2, 2},
      {{0.26, 0.26}, 0.5, 2, 4},
      {{0.5, 0.5, 0.5, 0.5}, 1, 4, 4},
      {{0.1, 0.5, 0.5}, 0.5, 3, 2},
      {{0.1, 0.5, 0.5, 0.5, 0.5}, 1, 5, 4},
      {{0.1, 0.5, 0.1, 0.1}, 1.5, 4, 2},
      {{0.8, 0.8, 0.8, 0.8}, 0, 0, 2},  // silence
  };
  for (const auto& row : rows) {
    const Pcm pcm = in_pieces(std::vector(row.gaps.size() + 1, 0.5), row.gaps);
    const auto measures = measures_of(pcm);
    const auto found = std::ranges::find(measures, Defect::kDropOut, &Measure::defect);
    ASSERT_NE(found, measures.end());
    EXPECT_EQ(found->severity, row.severity) << found->reason;
    EXPECT_EQ(found->figure, row.figure) << found->reason;
    EXPECT_EQ(found->limit, row.limit) << found->reason;
  }
}

TEST(Defects, ADropOutHasTheSameSoundOnBothSides) {
  for (const auto& [ratio, figure] : {std::pair{19.5, 2.0}, {20.5, 0.0}}) {  // of powers
    const double quiet = 0.5 / std::sqrt(ratio);
    const auto measures = measures_of(in_pieces({0.5, quiet, 0.5}, {0.1, 0.1}));
    const auto found = std::ranges::find(measures, Defect::kDropOut, &Measure::defect);
    ASSERT_NE(found, measures.end());
    EXPECT_EQ(found->figure, figure) << ratio;
  }
}

TEST(Defects, FindsChannelsThatCancelEachOther) {
  Pcm pcm = clean();
  for (std::size_t i = 0; i + 1 < pcm.samples.size(); i += 2) pcm.samples[i + 1] = -pcm.samples[i];
  const auto found = first_in(pcm);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->defect, Defect::kOutOfPhase);
}

TEST(Defects, AreTheSameInAnyBlocksAndAtAnyRate) {
  const Pcm pcm = support::looped(clean(), 0, kSeconds, 1);
  const auto whole = measures_of(pcm, pcm.samples.size());
  const auto pieces = measures_of(pcm, 2 * 333);
  ASSERT_EQ(whole.size(), pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(whole[i].reason, pieces[i].reason);
  for (const int rate : {16000, 22050, 44100, 96000}) {
    for (const int channels : {1, 2}) {
      const auto good = first_in(support::converted(clean(), rate, channels));
      EXPECT_FALSE(good) << rate << " Hz: " << good->reason;
      const auto bad = first_in(support::converted(pcm, rate, channels));
      ASSERT_TRUE(bad) << rate;
      EXPECT_EQ(bad->defect, Defect::kLoop) << rate << " Hz: " << bad->reason;
    }
  }
}

TEST(Defects, OfNearlyNothingAreNone) {
  for (const double seconds : {0.0, 0.01, 0.3, 2.0}) {
    for (const Measure& measure : measures_of(support::make_silence(seconds))) {
      EXPECT_LT(measure.severity, 1) << seconds << " s of silence " << measure.reason;
      EXPECT_TRUE(std::isfinite(measure.figure));
    }
  }
}

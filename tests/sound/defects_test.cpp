// SPDX-License-Identifier: Apache-2.0
// Each defect in made-up sound, without a codec; validation_corpus has them in music.
#include "sound/defects.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
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

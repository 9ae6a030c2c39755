// SPDX-License-Identifier: Apache-2.0
#include "sound/bands.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "sound/levels.hpp"
#include "tracks.hpp"

namespace infinara::sound {
namespace {

constexpr std::int64_t s = kRate;

RunningFade still(float gain) {
  return {{Curve::kSmoothstep, gain, gain, 0}, 0};
}

/// What becomes of a track, in calls of so many samples.
std::vector<float> split(const Samples& track, RunningFade low, RunningFade mid, RunningFade high,
                         std::int64_t call = kFrame) {
  Blocks blocks;
  Fifo fifo(blocks);
  fifo.write(track);
  BandSplit bands(high != mid);
  const auto length = static_cast<std::int64_t>(track.size()) / 2;
  std::vector<float> sum(track.size(), 0.0F);
  for (std::int64_t at = 0; at < length;) {
    const auto first = at % BandSplit::kPiece;
    if (first == 0) bands.next(fifo, at);
    const auto count = std::min({call, BandSplit::kPiece - first, length - at});
    bands.add(std::span(sum).subspan(static_cast<std::size_t>(at) * 2,
                                     static_cast<std::size_t>(count) * 2),
              first, low, mid, high);
    for (RunningFade* fade : {&low, &mid, &high}) fade->at += count;
    at += count;
  }
  return sum;
}

/// dB of the left channel against an amplitude, its ends left out.
double level_db(const std::vector<float>& sum, double amplitude) {
  double squares = 0;
  std::size_t count = 0;
  for (std::size_t k = 9600; k + 9600 < sum.size(); k += 2, ++count)
    squares += static_cast<double>(sum[k]) * static_cast<double>(sum[k]);
  return 10 * std::log10(2 * squares / static_cast<double>(count) / amplitude / amplitude + 1e-12);
}

TEST(Bands, AreTheTrackWhereTheirGainsAreEqual) {
  const auto track = noise(s, 5);
  const RunningFade fade{{Curve::kSmoothstep, 0.2F, 1, s / 2}, -1000};
  for (const RunningFade& all : {still(1), still(0.3F), fade}) {
    std::vector<float> expected(track.size(), 0.0F);
    add_faded(expected, track, all.fade, all.at);
    EXPECT_EQ(split(track, all, all, all), expected);
  }
}

TEST(Bands, DependOnNoSplitIntoCalls) {
  const auto track = noise(s / 2, 6);
  const RunningFade low{{Curve::kSmoothstep, 0, 1, s / 10}, -s / 5};
  const RunningFade mid{{Curve::kEqualPower, 1, 0, s / 3}, 0};
  const RunningFade high{{Curve::kSmoothstep, 0, 1, s / 4}, -77};
  const auto whole = split(track, low, mid, high);
  for (const std::int64_t call : {1, 7, 96, 333})
    EXPECT_EQ(split(track, low, mid, high, call), whole);
}

TEST(Bands, HaveTonesOfTheirOwn) {
  const struct {
    double hertz;
    double low, rest, mid, high;  // dB, at most; at 0 within 1
  } rows[] = {{30, 0, -76, -75, -75},   {60, 0, -73, -62, -63},   {150, 0, -64, -49, -47},
              {400, -80, 0, 0, -31},    {1000, -100, 0, -1, -15}, {8000, -100, 0, -80, 0},
              {15'000, -100, 0, -80, 0}};
  for (const auto& row : rows) {
    const auto track = sine(s, row.hertz, 10'000);
    const auto is_as_loud = [&](const std::vector<float>& sum, double most, const char* band) {
      const double db = level_db(sum, 10'000);
      EXPECT_LE(db, most + 0.01) << row.hertz << " Hz in the " << band << " band";
      EXPECT_GE(db, most == 0 ? -1.0 : -200.0) << row.hertz << " Hz in the " << band << " band";
    };
    is_as_loud(split(track, still(1), still(0), still(0)), row.low, "low");
    is_as_loud(split(track, still(0), still(1), still(1)), row.rest, "mid and high");
    is_as_loud(split(track, still(0), still(1), still(0)), row.mid, "mid");
    is_as_loud(split(track, still(0), still(0), still(1)), row.high, "high");
  }
}

TEST(Bands, TellThePowerOfEach) {
  const double whole = 10'000.0 * 10'000 / 2;
  const std::pair<double, std::size_t> rows[] = {
      {60, 0}, {400, 1}, {8000, 2}};  // Hz, the band it is in
  for (const auto& [hertz, own] : rows) {
    Blocks blocks;
    Fifo fifo(blocks);
    fifo.write(sine(s, hertz, 10'000));
    BandMeter meter;
    const auto powers = meter.next(fifo, s / 2);
    const BandPowers weights = {0.8, 1, 2};
    for (std::size_t band = 0; band < 3; ++band)
      EXPECT_NEAR(powers[band] / weights[band] / whole, band == own ? 1 : 0, 0.15)
          << hertz << " Hz in band " << band;
  }
}

TEST(Bands, AreNeitherEarlyNorLate) {
  Samples track(2 * s / 5);
  track[2 * 4801] = 10'000;
  for (int open = 0; open < 3; ++open) {
    const auto sum =
        split(track, still(open == 0 ? 1 : 0), still(open == 1 ? 1 : 0), still(open == 2 ? 1 : 0));
    std::size_t highest = 0;
    for (std::size_t k = 0; k < sum.size(); k += 2)
      if (std::abs(sum[k]) > std::abs(sum[highest])) highest = k;
    EXPECT_NEAR(static_cast<double>(highest) / 2, 4801, open == 0 ? 1 : 0) << "band " << open;
    for (std::size_t i = 1; i < 1000; ++i)
      EXPECT_NEAR(sum[2 * (4801 + i)], sum[2 * (4801 - i)], 3) << "band " << open << ", " << i;
    EXPECT_EQ(sum[2 * 4801 + 1], 0) << "the channels are apart";
  }
}

}  // namespace
}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// How tracks sound, as numbers: loudness, peaks, silences, the first second.
#include <ebur128.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "band/band.hpp"
#include "music/genre.hpp"

namespace infinara::band {
namespace {

constexpr double kSeconds = 20;

struct Sound {
  double lufs = 0, peak = -99;  // LUFS, dBTP
  double first = 0, whole = 0;  // RMS of the first second and of all, dB
  double silence = 0;           // seconds, the longest below -50 dBFS
};

double db(double power) {
  return 10 * std::log10(std::max(power, 1e-12));
}

Sound listen(const music::Genre& genre, std::uint32_t seed) {
  Band band({.genre = std::string(genre.name), .seed = seed, .duration = kSeconds});
  const auto free = [](ebur128_state* state) { ebur128_destroy(&state); };
  const std::unique_ptr<ebur128_state, decltype(free)> meter(
      ebur128_init(2, 48000, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK), free);
  Sound sound;
  std::vector<std::int16_t> hop(4800 * 2);  // 100 ms
  double sum = 0, first = 0;
  int hops = 0, quiet = 0, longest = 0;
  while (const std::size_t got = band.render(hop)) {
    ebur128_add_frames_short(meter.get(), hop.data(), got);
    double power = 0;
    for (std::size_t i = 0; i < got * 2; ++i) power += hop[i] / 32768.0 * (hop[i] / 32768.0);
    power /= static_cast<double>(got * 2);
    sum += power;
    if (hops < 10) first += power;
    ++hops;
    const bool tail = hops > kSeconds * 10 - 5;  // the last half second may be silent
    quiet = db(power) < -50 && !tail ? quiet + 1 : 0;
    longest = std::max(longest, quiet);
  }
  ebur128_loudness_global(meter.get(), &sound.lufs);
  for (const unsigned side : {0U, 1U}) {
    double peak = 0;
    ebur128_true_peak(meter.get(), side, &peak);
    sound.peak = std::max(sound.peak, 20 * std::log10(std::max(peak, 1e-9)));
  }
  sound.first = db(first / 10);
  sound.whole = db(sum / hops);
  sound.silence = longest / 10.0;
  return sound;
}

class Tracks : public testing::TestWithParam<music::Genre> {};

TEST_P(Tracks, AreAsLoudAsTheOthersAndNeverClipOrRest) {
  for (const std::uint32_t seed : {3U, 14U}) {
    const Sound sound = listen(GetParam(), seed);
    EXPECT_NEAR(sound.lufs, -16, 1) << "seed " << seed << "; a track of 90 s is within 0.5";
    EXPECT_LE(sound.peak, -1.5) << "seed " << seed;
    EXPECT_GE(sound.first, sound.whole - 8) << "seed " << seed;
    EXPECT_LE(sound.silence, 0.7) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Genre, Tracks, testing::ValuesIn(music::kGenres), [](const auto& info) {
  std::string name(info.param.label);
  std::erase(name, ' ');
  return name;
});

}  // namespace
}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// What a mix tells of itself, entry by entry, and the bits that it makes of known samples.
#include <gtest/gtest.h>

#include <optional>
#include <ostream>

#include "tracks.hpp"

namespace infinara::sound {

void PrintTo(const Edit& edit, std::ostream* out) {
  const auto number = [](std::optional<unsigned> track) { return track ? int(*track) : -1; };
  *out << "what " << int(edit.what) << " track " << number(edit.track) << " next "
       << number(edit.next) << " at " << edit.at << " fade " << edit.fade.length << " by "
       << int(edit.fade.curve) << " began " << edit.began << " played " << edit.played
       << (edit.complete ? "" : " cut");
}

namespace {

using What = Edit::What;

constexpr std::int64_t s = kRate;

/// Integer noise of one recipe for every machine and compiler.
Samples known(std::int64_t length, std::uint32_t seed) {
  Samples samples(static_cast<std::size_t>(length) * kChannels);
  for (auto& x : samples) {
    seed = seed * 1664525U + 1013904223U;
    x = static_cast<std::int16_t>(static_cast<int>(seed >> 17) - 16384);
  }
  return samples;
}

/// FNV-1a of the samples.
std::uint64_t hash_of(const Samples& samples) {
  std::uint64_t hash = 14695981039346656037U;
  for (const auto x : samples) hash = (hash ^ static_cast<std::uint16_t>(x)) * 1099511628211U;
  return hash;
}

TEST(EditList, HasEachTrackWithItsFadesAndTheSamplesWhereTheyAre) {
  Mix mix;
  mix.set({.crossfade = 2 * s, .skip_fade = s / 2, .curve = Curve::kEqualPower, .patient = true});
  for (unsigned number = 0; number < 3; ++number) {
    const auto id = mix.add(number);
    mix.write(id, known(10 * s + number, number));
    mix.end(id);
  }
  Samples frame(kFrameValues);
  std::vector<Edit> edits;
  while (!mix.is_finished()) {
    if (mix.position() == 12 * s) mix.skip();
    mix.render(frame);
    for (auto& edit : mix.take_edits())
      if (edit.what != What::kReady) edits.push_back(edit);
  }
  const GainMove cross{2 * s, Curve::kEqualPower};
  const GainMove skip{s / 2, Curve::kEqualPower};
  const GainMove hard{0, Curve::kEqualPower};
  const std::vector<Edit> expected = {
      {.what = What::kBegins, .track = 0, .at = 0, .fade = hard, .voice = 1},
      {.what = What::kEnters, .track = 0, .at = 0, .began = 0, .voice = 1},
      {.what = What::kLeaves, .track = 0, .next = 1, .at = 8 * s, .fade = cross, .enters = 9 * s},
      {.what = What::kBegins, .track = 1, .at = 8 * s, .fade = cross, .voice = 2},
      {.what = What::kEnters, .track = 1, .at = 9 * s, .began = 8 * s, .voice = 2},
      {.what = What::kEnds, .track = 0, .at = 10 * s, .played = 10 * s, .voice = 1},
      {.what = What::kLeaves,
       .track = 1,
       .next = 2,
       .at = 12 * s,
       .fade = skip,
       .enters = 12 * s + s / 4,
       .fit = Fit::kSkip},
      {.what = What::kBegins, .track = 2, .at = 12 * s, .fade = skip, .voice = 3},
      {.what = What::kEnters, .track = 2, .at = 12 * s + s / 4, .began = 12 * s, .voice = 3},
      {.what = What::kEnds,
       .track = 1,
       .at = 12 * s + s / 2,
       .played = 4 * s + s / 2,
       .complete = false,
       .voice = 2},
      {.what = What::kEnds, .track = 2, .at = 22 * s + 2, .played = 10 * s + 2, .voice = 3},
  };
  EXPECT_EQ(edits, expected);
}

// A recording that is made again from its edit list must be the same to the bit, by every later
// version: these hashes change with nothing but a decision.
TEST(EditList, KnownSamplesAreMixedToKnownBits) {
  const struct {
    const char* what;
    std::int64_t crossfade;
    Curve curve;
    std::int64_t skip_at;  // samples; 0: not at all
    std::uint64_t hash;
  } rows[] = {
      {"joined end to start", 0, Curve::kSmoothstep, 0, 0x6dd654b569abdf39U},
      {"smoothstep", 2 * s, Curve::kSmoothstep, 0, 0xe4f6bc15314c42e7U},
      {"linear", 2 * s, Curve::kLinear, 0, 0x27ee94225506c4b3U},
      {"equal power", 2 * s, Curve::kEqualPower, 0, 0x48d970f4aea99126U},
      {"of an odd length", 31'337, Curve::kSmoothstep, 0, 0x33bc4e2c42dfe828U},
      {"a skip in a track", 2 * s, Curve::kSmoothstep, 2 * s, 0xe7bf9f2aba09e7adU},
      {"a skip in the first half of a crossfade", 2 * s, Curve::kLinear, 4 * s,
       0x4f5fb54bc8e34f31U},
  };
  for (const auto& row : rows) {
    TestProgramme programme({.crossfade = row.crossfade, .curve = row.curve, .patient = false});
    for (std::uint32_t seed = 1; seed <= 3; ++seed)
      programme.add(std::to_string(seed), known(5 * s + 7 * seed, seed), 1000 + seed);
    if (row.skip_at > 0) {
      programme.run_to(row.skip_at);
      programme.mix.skip();
    }
    programme.run_out();
    EXPECT_EQ(hash_of(programme.out), row.hash) << row.what;
  }
}

}  // namespace
}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "music/walk.hpp"

#include <gtest/gtest.h>

#include <map>

namespace infinara::music {
namespace {

GenreIndex at(std::string_view name) {
  return index_of(*find_genre(name));
}

TracksOf tracks_of(unsigned each) {
  TracksOf tracks{};
  tracks.fill(each);
  return tracks;
}

TEST(Walk, KeepsWhatItPlannedToFollow) {
  Random random(4);
  Walk walk(at("jazz"));
  EXPECT_FALSE(walk.next());
  EXPECT_EQ(walk.lead_out(3, tracks_of(3)).genre, nullptr);
  walk.plan(0, 40, tracks_of(40), random);
  for (int i = 0; i < 300; ++i) {
    const LeadOut out = walk.lead_out(5, tracks_of(6));
    const GenreIndex before = walk.here();
    ASSERT_EQ(out.genre, &kGenres.at(*walk.next()));
    EXPECT_EQ(out.steps, 5U);
    EXPECT_EQ(out.steps_then, 6U);
    ASSERT_NE(out.then, nullptr);
    walk.go_to(*walk.next());
    walk.plan(0, 40, tracks_of(40), random);
    EXPECT_EQ(&kGenres.at(*walk.next()), out.then);
    EXPECT_TRUE(kMoodGraph.adjacent(walk.here(), *walk.next()));
    if (kMoodGraph.neighbours(walk.here()).size() > 1) {
      EXPECT_NE(*walk.next(), before);
    }
  }
  walk.stay();
  EXPECT_FALSE(walk.next());
}

TEST(Walk, PlansAnewAfterAStepOfSomebodyElse) {
  Random random(5);
  Walk walk(at("jazz"));
  walk.plan(100, 3, tracks_of(3), random);
  walk.go_to(at("rock"));
  EXPECT_FALSE(walk.next());
  walk.plan(120, 3, tracks_of(3), random);
  EXPECT_TRUE(kMoodGraph.adjacent(at("rock"), *walk.next()));
}

/// From chillwave at 104 classical is entered at 100, ambient at 83 at most.
TEST(Walk, SeldomGoesWhereTheTempoCannotLead) {
  const auto share_of_ambient = [](unsigned tracks) {
    int ambient = 0;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
      Random random(seed);
      Walk walk(at("classical"));
      walk.plan(104, tracks, tracks_of(3), random);
      ambient += *walk.next() == at("ambient") ? 1 : 0;
    }
    return ambient / 1000.0;
  };
  EXPECT_NEAR(share_of_ambient(20), 1.0 / 3, 0.06);
  EXPECT_NEAR(share_of_ambient(2), 1.0 / 17, 0.03);  // of 2 times 1 and once 1/8
}

}  // namespace
}  // namespace infinara::music

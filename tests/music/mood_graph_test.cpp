// SPDX-License-Identifier: Apache-2.0
#include "music/mood_graph.hpp"

#include <gtest/gtest.h>

#include <map>

namespace infinara::music {
namespace {

GenreIndex at(std::string_view name) {
  return index_of(*find_genre(name));
}

TEST(MoodGraph, HasEachEdgeOnceInBothDirections) {
  std::size_t ends = 0;
  for (GenreIndex i = 0; i < kGenreCount; ++i) ends += kMoodGraph.neighbours(i).size();
  EXPECT_EQ(ends, 2 * detail::kEdges.size());
  EXPECT_EQ(kMoodGraph.neighbours(at("chillwave")),
            (std::vector{at("ambient"), at("lofi hip hop"), at("classical"), at("synthwave")}));
  EXPECT_EQ(kMoodGraph.neighbours(at("bossa nova")), std::vector{at("jazz")});
  EXPECT_EQ(kMoodGraph.neighbours(at("rock")), (std::vector{at("disco funk"), at("indie rock")}));
  EXPECT_FALSE(kMoodGraph.adjacent(at("ambient"), at("drum and bass")));
}

TEST(MoodGraph, KnowsWhenItIsTornOrOneSided) {
  const std::vector<MoodGraph::Edge> torn(detail::kEdges.begin(), detail::kEdges.end() - 10);
  EXPECT_FALSE(MoodGraph(torn).is_connected());
  const std::vector<MoodGraph::Edge> loop{{3, 3}};
  EXPECT_FALSE(MoodGraph(loop).is_symmetric());
}

TEST(Step, GoesToNeighboursAndNotStraightBackWhereThereIsAnotherWay) {
  Weights even;
  even.fill(1);
  Random random(7);
  for (GenreIndex from = 0; from < kGenreCount; ++from)
    for (GenreIndex before = 0; before < kGenreCount; ++before)
      for (int i = 0; i < 40; ++i) {
        const auto to = step(kMoodGraph, from, before, even, random);
        EXPECT_TRUE(kMoodGraph.adjacent(from, to));
        if (kMoodGraph.neighbours(from).size() > 1) {
          EXPECT_NE(to, before);
        }
      }
  EXPECT_EQ(step(kMoodGraph, at("bossa nova"), at("jazz"), even, random), at("jazz"));
}

TEST(Step, FollowsTheWeights) {
  Weights weights{};
  weights.at(at("jazz")) = 3;
  weights.at(at("chillwave")) = 1;
  Random random(1);
  std::map<GenreIndex, int> count;
  for (int i = 0; i < 4000; ++i)
    ++count[step(kMoodGraph, at("lofi hip hop"), at("rock"), weights, random)];
  EXPECT_NEAR(count[at("jazz")], 3000, 120);  // 4 standard deviations
  EXPECT_EQ(count[at("jazz")] + count[at("chillwave")], 4000);

  weights.fill(0);  // nothing is wished for: any way will do
  count.clear();
  for (int i = 0; i < 4000; ++i)
    ++count[step(kMoodGraph, at("lofi hip hop"), at("rock"), weights, random)];
  EXPECT_NEAR(count[at("jazz")], 2000, 140);
}

}  // namespace
}  // namespace infinara::music

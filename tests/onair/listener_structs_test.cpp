// SPDX-License-Identifier: Apache-2.0
#include "onair/listener_structs.hpp"

#include <gtest/gtest.h>

namespace infinara::onair {
namespace {

TEST(ListenerStructs, ARequestComesBackAsItWas) {
  bool freed = false;
  ListenerRequest request{.method = "HEAD",
                          .minor = 0,
                          .icy = true,
                          .burst = 2.5,
                          .agent = "mpv",
                          .address = "::1",
                          .key = "me"};
  request.ticket = gstpp::Ref<GBytes>::adopt(g_bytes_new_with_free_func(
      "x", 1, [](gpointer freed) { *static_cast<bool*>(freed) = true; }, &freed));
  auto structure = structure_of(request);
  request.ticket = nullptr;
  auto read = listener_request_of(structure.get());
  EXPECT_EQ(read.method, "HEAD");
  EXPECT_EQ(read.minor, 0);
  EXPECT_TRUE(read.icy);
  EXPECT_EQ(read.burst, 2.5);
  EXPECT_EQ(read.agent, "mpv");
  EXPECT_EQ(read.key, "me");
  EXPECT_EQ(read.address, "::1");
  structure.reset();
  EXPECT_FALSE(freed);
  read.ticket = nullptr;
  EXPECT_TRUE(freed);
}

TEST(ListenerStructs, AnEmptyRequestIsAPlainGet) {
  const gstpp::Structure structure(gst_structure_new_empty("listener"));
  const auto read = listener_request_of(structure.get());
  EXPECT_EQ(read.method, "GET");
  EXPECT_EQ(read.minor, 1);
  EXPECT_FALSE(read.icy);
  EXPECT_EQ(read.burst, std::nullopt);
  EXPECT_FALSE(read.ticket);
}

TEST(ListenerStructs, StatsComeBackAsTheyWere) {
  const StreamStats stats{
      .listeners = 2,
      .joined = 5,
      .dropped = 1,
      .refused = 3,
      .bytes_sent = std::uint64_t{1} << 40,
      .delay = 2.5,
      .list = {{"mpv", "192.0.2.7", 12.5, 0.25, std::uint64_t{1} << 33}, {"VLC", "::1", 1, 0, 0}}};
  EXPECT_EQ(stream_stats_of(structure_of(stats).get()), stats);
}

TEST(ListenerStructs, AStructureOfSomebodyElsesIsReadAsFarAsItGoes) {
  const gstpp::Structure structure(gst_structure_new("stats", "listeners", G_TYPE_STRING, "many",
                                                     "list", G_TYPE_STRING, "none", nullptr));
  EXPECT_EQ(stream_stats_of(structure.get()), StreamStats{});
}

}  // namespace
}  // namespace infinara::onair

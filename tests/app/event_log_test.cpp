// SPDX-License-Identifier: Apache-2.0
#include "app/event_log.hpp"

#include <gtest/gtest.h>

namespace infinara::app {
namespace {

TEST(EventLog, WritesAnEventAsTheStandardWants) {
  EventLog log("run", 1000);
  EXPECT_EQ(log.add("fade", "{\"to\":1}"), "id: run-1\nevent: fade\ndata: {\"to\":1}\n\n");
  EXPECT_EQ(log.add("next", "{}"), "id: run-2\nevent: next\ndata: {}\n\n");
  EXPECT_EQ(log.opening("snapshot", "{}"),
            "retry: 2000\n\nid: run-2\nevent: snapshot\ndata: {}\n\n");
}

TEST(EventLog, ReplaysWhatWasMissedAndNothingElse) {
  EventLog log("run", 1000);
  EXPECT_EQ(log.since("run-0"), "retry: 2000\n\n");
  const std::string first = log.add("a", "1"), second = log.add("b", "2");
  EXPECT_EQ(log.since("run-0"), "retry: 2000\n\n" + first + second);
  EXPECT_EQ(log.since("run-1"), "retry: 2000\n\n" + second);
  EXPECT_EQ(log.since("run-2"), "retry: 2000\n\n");
  for (const char* unknown : {"", "run", "run-", "run-3", "run--1", "run-1x", "other-1", "-1",
                              "run-18446744073709551616", "RUN-1", "run-1 "})
    EXPECT_FALSE(log.since(unknown)) << unknown;
}

TEST(EventLog, ForgetsTheOldestBeyondItsBound) {
  EventLog log("r", 200);  // an event of 10 bytes takes about 40
  for (int i = 0; i < 100; ++i) log.add("n", "0123456789");
  EXPECT_FALSE(log.since("r-90"));
  ASSERT_TRUE(log.since("r-97"));
  EXPECT_NE(log.since("r-97")->find("id: r-98\n"), std::string::npos);
  EXPECT_EQ(log.since("r-97")->find("id: r-97\n"), std::string::npos);
  log.add("long", std::string(500, 'x'));  // the newest stays, however long
  EXPECT_TRUE(log.since("r-100"));
  EXPECT_FALSE(log.since("r-99"));
}

}  // namespace
}  // namespace infinara::app

// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/job_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

using namespace infinara::remote;

namespace {

JobTable::Entry entry(std::size_t server, Seconds submitted, OrderId order = 0) {
  return {.server = server, .wanted = {}, .task = {}, .job = Job(submitted, {}), .order = order};
}

JobTable::Entry finished(std::size_t server, Seconds submitted, OrderId order = 0) {
  JobTable::Entry made = entry(server, submitted, order);
  made.songs = {{"/a.flac", ""}};
  return made;
}

}  // namespace

TEST(JobTable, TellsTheTasksOfOneServerFromThoseOfAnother) {
  JobTable table;
  table.put(JobTable::key_of(0, "a"), entry(0, 10, 1));
  table.put(JobTable::key_of(1, "a"), entry(1, 20, 2));
  table.put(JobTable::key_of(1, "b"), finished(1, 30, 3));
  EXPECT_EQ(table.running(0), 1);
  EXPECT_EQ(table.running(1), 1);
  EXPECT_EQ(table.running_ids(1), std::vector<std::string>{"a"});
  EXPECT_EQ(table.next_poll(1), table.find("1/a")->job.next_poll());
  EXPECT_EQ(table.next_poll(2), std::nullopt);
  EXPECT_EQ(table.late_at(2), std::nullopt);
  EXPECT_EQ(table.views(40, 1).size(), 2u);
  EXPECT_EQ(table.views(40, 1)[1].stage, "finished");
  EXPECT_TRUE(table.late(40).empty());
  EXPECT_EQ(table.late(100'000).size(), 2u) << "what is finished is never late";
}

TEST(JobTable, GivesOutWhatNobodyWaitsFor) {
  JobTable table;
  table.put("0/a", entry(0, 0, 1));
  table.put("0/b", finished(0, 0, 2));
  const auto any = [](const JobTable::Entry&) { return true; };
  EXPECT_EQ(table.find_spare(true, any), std::nullopt);
  table.leave("0/a");
  table.leave("0/b");
  table.leave("0/none");
  EXPECT_EQ(table.find_spare(true, any), "0/b");
  EXPECT_EQ(table.find_spare(false, any), "0/a");
  EXPECT_EQ(table.find_spare(false, [](const JobTable::Entry&) { return false; }), std::nullopt);
}

TEST(JobTable, DropsWhatNobodyHasWantedForHoursAndTheOldestOfTooMany) {
  JobTable table;
  table.put("0/wanted", entry(0, 0, 1));
  table.put("0/old", entry(0, 0));
  for (int i = 0; i < 10; ++i) table.put("0/spare" + std::to_string(i), finished(0, 1000 + i));
  table.expire(2000);
  EXPECT_NE(table.find("0/old"), nullptr);
  EXPECT_EQ(table.find("0/spare0"), nullptr);
  EXPECT_EQ(table.find("0/spare1"), nullptr);
  EXPECT_NE(table.find("0/spare2"), nullptr);
  table.expire(100'000);
  EXPECT_NE(table.find("0/wanted"), nullptr);
  EXPECT_EQ(table.find("0/old"), nullptr);
  EXPECT_EQ(table.find("0/spare9"), nullptr);
}

TEST(JobTable, OutlivesItsProcessWithoutWhatIsTooOldOrOfNoServer) {
  const std::vector<std::string> urls = {"http://one", "http://two"};
  JobTable table;
  table.put("1/a", entry(1, 100, 7));
  auto saved = table.saved(130, urls);
  ASSERT_EQ(saved.size(), 1u);
  EXPECT_EQ(saved[0].server, "http://two");
  EXPECT_EQ(saved[0].age, 30);
  saved.push_back({"http://gone", "b", {}, {}, 30});
  saved.push_back({"http://one", "c", {}, {}, kLongestTask + 1});
  JobTable next;
  next.restore(0, urls, saved);
  EXPECT_EQ(next.running_ids(1), std::vector<std::string>{"a"});
  EXPECT_EQ(next.find("1/a")->order, 0u) << "its order is gone";
  EXPECT_EQ(next.running(0), 0);
}

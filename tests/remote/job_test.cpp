// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/job.hpp"

#include <gtest/gtest.h>

using namespace infinara::remote;
using Phase = TaskState::Phase;

TEST(Job, HeldByAWorkerWhileTheCardIsBusyWithAnotherIsNeitherStuckNorSlow) {
  Job job(0, {.run = 100, .queue = 100});
  job.server_load(false, 2);
  TaskState state{.task_id = "a", .phase = Phase::kRunning, .progress = 0.01, .stage = "running"};
  for (Seconds now = 1; now < 200; now += 4)
    ASSERT_EQ(job.heard(now, state), Job::Outcome::kWait) << now;
  EXPECT_FALSE(job.started());
  state.progress = 0.1;
  state.stage = "Phase 1";
  EXPECT_EQ(job.heard(201, state), Job::Outcome::kWait);
  EXPECT_EQ(job.started(), 201);
  EXPECT_EQ(job.longest_gap(), 0);
}

TEST(Job, HungBeforeItsFirstStepIsStuckWhereNoOtherRuns) {
  Job job(0, {});
  job.server_load(false, 1);
  const TaskState state{
      .task_id = "a", .phase = Phase::kRunning, .progress = 0.01, .stage = "running"};
  Seconds now = 1;
  while (now < 500 && job.heard(now, state) == Job::Outcome::kWait) now += 4;
  EXPECT_LE(now, 130);
}

// SPDX-License-Identifier: Apache-2.0
#include "glibpp/source.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "glibpp/ref.hpp"

namespace glibpp {
namespace {

struct ASource : testing::Test {
  const Ref<GMainContext> context = Ref<GMainContext>::adopt(g_main_context_new());
  int calls = 0;

  /// What is ready now.
  void iterate() {
    while (g_main_context_iteration(context, FALSE)) {
    }
  }
};

TEST_F(ASource, IsCalledOnceEachTimeItGetsReady) {
  Source source(context, [&] { ++calls; });
  iterate();
  EXPECT_EQ(calls, 0);
  source.ready_now();
  iterate();
  EXPECT_EQ(calls, 1);
  source.ready_at(g_get_monotonic_time());
  source.ready_now();
  iterate();
  EXPECT_EQ(calls, 2);
}

TEST_F(ASource, IsNotCalledBeforeItsMoment) {
  Source source(context, [&] { ++calls; });
  source.ready_in(3600);
  iterate();
  source.ready_now();
  source.never_ready();
  iterate();
  EXPECT_EQ(calls, 0);
}

TEST_F(ASource, IsNotCalledOnceItsOwnerHasGone) {
  {
    Source source(context, [&] { ++calls; });
    source.ready_now();
  }
  iterate();
  EXPECT_EQ(calls, 0);
}

TEST_F(ASource, MayEndItsOwnersLifeOrGiveItAnotherCall) {
  std::unique_ptr<Source> owner;
  owner = std::make_unique<Source>(context, [&] {
    ++calls;
    owner.reset();
    ++calls;
  });
  owner->ready_now();
  iterate();
  EXPECT_EQ(calls, 2);

  Source source(context, [&] { ++calls; });
  source = {context, [&] { calls += 10; }};
  source.ready_now();
  iterate();
  EXPECT_EQ(calls, 12);
}

TEST_F(ASource, WakesTheContextFromAnotherThread) {
  Source source(context, [&] { ++calls; });
  std::thread other([&] { source.ready_now(); });
  while (calls == 0) g_main_context_iteration(context, TRUE);
  other.join();
  EXPECT_EQ(calls, 1);
}

TEST(Error, HasTheMessageOfTheLastCall) {
  Error error;
  EXPECT_FALSE(error);
  EXPECT_EQ(error.message(), "");
  const auto uri = Ref<GUri>::adopt(g_uri_parse("http://[", G_URI_FLAGS_NONE, error.out()));
  EXPECT_FALSE(uri);
  EXPECT_TRUE(error);
  EXPECT_NE(error.message(), "");
  const auto good = Ref<GUri>::adopt(g_uri_parse("http://a/", G_URI_FLAGS_NONE, error.out()));
  EXPECT_TRUE(good);
  EXPECT_FALSE(error);
}

}  // namespace
}  // namespace glibpp

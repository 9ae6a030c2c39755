// SPDX-License-Identifier: Apache-2.0
#include "remote/http.hpp"

#include <gtest/gtest.h>

namespace infinara::remote {
namespace {

using glibpp::Ref;

/// A client on a context of its own, which is this thread's default.
struct AnHttpClient : testing::Test {
  AnHttpClient() { g_main_context_push_thread_default(context); }
  ~AnHttpClient() override { g_main_context_pop_thread_default(context); }

  const Ref<GMainContext> context = Ref<GMainContext>::adopt(g_main_context_new());
};

TEST_F(AnHttpClient, ReportsABadUrlLater) {
  HttpClient client(context);
  int reports = 0;
  client.send({.url = "no url"}, [&](const Result<HttpAnswer>& answer) {
    ++reports;
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), (Error{Error::Kind::kUnsafe, "not a URL: no url"}));
  });
  EXPECT_EQ(reports, 0);
  while (reports == 0) g_main_context_iteration(context, TRUE);
  while (g_main_context_iteration(context, FALSE)) {
  }
  EXPECT_EQ(reports, 1);
}

TEST_F(AnHttpClient, EndsAtOnceWithCallsUnderWay) {
  const auto nobody = [](const Result<HttpAnswer>&) { ADD_FAILURE() << "told of a dropped call"; };
  for (const char* url : {"no url", "http://127.0.0.1:1/"}) {
    HttpClient client(context);
    client.send({.url = url}, nobody);
    const auto number = client.send({.url = url}, nobody);
    client.cancel(number);
    client.cancel(number);
  }
}

TEST(Origin, IsSchemeHostAndPort) {
  EXPECT_EQ(origin_of("HTTP://GPU/a?b"), "http://gpu:80");
  EXPECT_EQ(origin_of("https://gpu"), "https://gpu:443");
  EXPECT_EQ(origin_of("https://gpu:8001/"), "https://gpu:8001");
  for (const char* url : {"", "gpu:8001", "ftp://gpu", "http://", "file:///etc/passwd"})
    EXPECT_EQ(origin_of(url), "") << url;
}

}  // namespace
}  // namespace infinara::remote

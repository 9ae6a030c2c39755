// SPDX-License-Identifier: Apache-2.0
// What the log says of a server whose queue others fill, in simulated time.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "remote/acestep/order_book.hpp"

using namespace infinara::remote;

namespace {

enum class Is { kFree, kFull, kDead };
using Script = std::function<Is(Seconds)>;

struct Line {
  Seconds at;
  std::string text;
};

/// A queue that is one long, and whoever else uses it: nothing is ever left for our order.
Response answer(const Request& ask, Is state) {
  if (state == Is::kDead) return Error{Error::Kind::kRefused, "Connection refused"};
  switch (ask.kind) {
    case Request::Kind::kHealth:
      return Health{true, std::nullopt};
    case Request::Kind::kStats:
      return Stats{
          .total = 9, .running = 1, .waiting = state == Is::kFull ? 1 : 0, .room = 1, .ended = 9};
    case Request::Kind::kModels:
      return Models{"turbo", {}};
    default:
      return Error{Error::Kind::kBusy, "HTTP 429"};
  }
}

/// What was said within `length`, while an order waits if `wanted`.
std::vector<Line> said(const Script& script, Seconds length, bool wanted) {
  OrderBook book({"http://gpu"}, 1, {.patience = 1e6});
  if (wanted) book.order(0, {.genre = "lofi hip hop"});
  std::vector<Line> lines;
  for (Seconds now = 0; now < length; ++now) {
    // An answer brings the next question.
    for (bool asked = true; asked;) {
      asked = false;
      for (const Event& event : book.step(now)) {
        if (const auto* line = std::get_if<LogLine>(&event)) lines.push_back({now, line->text});
        const auto* ask = std::get_if<Request>(&event);
        if (ask == nullptr) continue;
        book.reply(now, ask->serial, answer(*ask, script(now)));
        asked = true;
      }
    }
  }
  return lines;
}

bool is_odd(Seconds now, Seconds period) {
  return static_cast<long>(now / period) % 2 != 0;
}

struct Case {
  const char* why;
  Script script;
  bool wanted;
  std::vector<std::string> states;
};

}  // namespace

TEST(BusyWords, AStateIsSaidOnceHoweverOftenTheQueueFillsAndEmpties) {
  const std::vector<Case> cases = {
      {"free all the time", [](Seconds) { return Is::kFree; }, false, {"HEALTHY"}},
      {"full all the time", [](Seconds) { return Is::kFull; }, true, {"BUSY"}},
      {"full every other look",
       [](Seconds now) { return is_odd(now, 7) ? Is::kFull : Is::kFree; },
       true,
       {"HEALTHY", "BUSY"}},
      {"the same while nobody asks",
       [](Seconds now) { return is_odd(now, 40) ? Is::kFull : Is::kFree; },
       false,
       {"HEALTHY", "BUSY"}},
      {"full for five minutes, then free",
       [](Seconds now) { return now < 300 ? Is::kFull : Is::kFree; },
       false,
       {"BUSY", "HEALTHY"}},
      {"free, full for long, free for long, full",
       [](Seconds now) { return is_odd(now, 300) ? Is::kFull : Is::kFree; },
       false,
       {"HEALTHY", "BUSY", "HEALTHY", "BUSY"}},
      {"full, dead, free at once: a new line each",
       [](Seconds now) { return now < 300   ? Is::kFull
                                : now < 400 ? Is::kDead
                                            : Is::kFree; },
       false,
       {"BUSY", "DOWN", "HEALTHY"}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    std::vector<std::string> states;
    std::string all;
    for (const Line& line : said(one.script, 1200, one.wanted)) {
      const std::string text = line.text.substr(line.text.find(" is ") + 4);
      states.push_back(text.substr(0, text.find(':')));
      all += std::to_string(line.at) + " " + line.text + "\n";
    }
    EXPECT_EQ(states, one.states) << all;
  }
}

TEST(BusyWords, ThatTheQueueIsFreeIsSaidAfterTwoMinutes) {
  const auto lines =
      said([](Seconds now) { return now < 300 ? Is::kFull : Is::kFree; }, 600, false);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NEAR(lines[1].at, 435, 16);  // looked at every 30 s, then two minutes of it
}

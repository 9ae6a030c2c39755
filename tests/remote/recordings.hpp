// SPDX-License-Identifier: Apache-2.0
// Recordings of the real server, as requests to send and answers to compare with.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "asking.hpp"

namespace support {

inline std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Capture {
  std::string note;      // its first comment
  std::string request;   // as sent
  std::string response;  // as received
};

inline std::string with_crlf(const std::string& head) {
  return std::regex_replace(head, std::regex("\n"), "\r\n");
}

inline Capture capture(const std::string& name) {
  const std::string all = text_of(std::string(CAPTURES) + "/" + name + ".http");
  EXPECT_FALSE(all.empty()) << name;
  Capture out;
  if (all.rfind("# ", 0) == 0) out.note = all.substr(2, all.find('\n') - 2);
  const std::size_t asked = all.find("### REQUEST\n") + 12;
  const std::size_t said = all.find("\n\n### RESPONSE\n", asked);
  std::string request = all.substr(asked, said - asked);
  const std::size_t head = request.find("\n\n");
  // The recorder wrote line ends as they are read; a body begins after the first empty line.
  const std::string body = head == request.npos ? "" : request.substr(head + 2);
  const bool is_multipart = request.find("multipart/") != request.npos;
  out.request = with_crlf(request.substr(0, head)) + "\r\n\r\n" +
                (is_multipart ? with_crlf(body) + "\r\n" : body);
  out.response = all.substr(said + 15);
  return out;
}

/// What may differ from one day to the next is made equal.
inline std::string normalised(const std::string& response) {
  const std::size_t end = response.find("\r\n\r\n");
  std::string head = response.substr(0, end);
  std::string body = end == response.npos ? "" : response.substr(end + 4);
  static const std::pair<std::regex, const char*> kHead[] = {
      {std::regex("\ndate: [^\r\n]*"), "\ndate: D"},
      {std::regex("\nlast-modified: [^\r\n]*"), "\nlast-modified: D"},
      {std::regex("\netag: [0-9a-f]+"), "\netag: E"},
      {std::regex("\netag: \"[0-9a-f]+\""), "\netag: \"E\""},
      {std::regex("\ncontent-length: [0-9]+"), "\ncontent-length: N"},
  };
  for (const auto& [pattern, text] : kHead) head = std::regex_replace(head, pattern, text);
  if (head.find("content-type: audio/") != head.npos) return head;
  static const std::pair<std::regex, const char*> kBody[] = {
      {std::regex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"},
      {std::regex(R"re(("timestamp":|"created":|create_time\\": )[0-9]+)re"), "$1T"},
      {std::regex(R"re((progress\\": )0\.[56][0-9]+)re"), "$010.5"},
      {std::regex("[0-9]+\\.[0-9][0-9]s"), "S"},
      {std::regex(R"re((seed_value\\": \\"|Seeds:\*\* )[0-9,]+)re"), "$1X"},
      {std::regex(R"re(("avg_job_seconds":)[0-9]+\.[0-9]{3,})re"), "$1A"},
      {std::regex(R"re("progress_text":"(INFO: |[0-9:]+ \| (INFO|DEBUG|WARNING)).*?"(?=[,}]))re"),
       "\"progress_text\":\"$1\""},
      {std::regex(R"re("progress_text":"[0-9:]+ )re"), "\"progress_text\":\"H "},
      {std::regex("\\| (INFO|DEBUG)\""), "| LINE\""},  // which line was last is a matter of luck
  };
  for (const auto& [pattern, text] : kBody) body = std::regex_replace(body, pattern, text);
  return head + "\n\n" + body;
}

/// The answer to this request, in place of the recorded one, is the recorded one.
inline void expect_answer_as_recorded(const AceStepDouble& server, const std::string& name,
                                      const std::string& request) {
  const Capture recorded = capture(name);
  const std::string answer = call(server, request);
  const std::size_t end = answer.find("\r\n\r\n");
  ASSERT_NE(end, answer.npos) << name;
  const std::string length = match(answer.substr(0, end), "content-length: ([0-9]+)");
  if (request.rfind("HEAD", 0) != 0) {
    EXPECT_EQ(length, std::to_string(answer.size() - end - 4)) << name;
  }

  const std::size_t split = recorded.response.find("\n\n");
  std::string body = recorded.response.substr(split + 2);
  while (!body.empty() && body.back() == '\n') body.pop_back();
  const std::string expected = with_crlf(recorded.response.substr(0, split)) + "\r\n\r\n" + body;
  const std::string ours = normalised(answer);
  const std::string theirs = normalised(expected);
  const auto apart =
      std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end()).first - ours.begin();
  const auto context = static_cast<std::size_t>(std::max<std::ptrdiff_t>(apart - 40, 0));
  EXPECT_TRUE(ours == theirs) << name << ": ours has …" << ours.substr(context, 120)
                              << "…\nrecorded was …" << theirs.substr(context, 120) << "…";
}

/// Sends the request of a recording, with our own ids in place of the recorded ones, in order.
inline void expect_as_recorded(const AceStepDouble& server, const std::string& name,
                               const std::vector<std::string>& ids = {}) {
  const Capture recorded = capture(name);
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  std::string request;
  std::size_t n = 0;
  std::sregex_iterator it(recorded.request.begin(), recorded.request.end(), uuid);
  std::size_t from = 0;
  for (; it != std::sregex_iterator() && n < ids.size(); ++it, ++n) {
    const auto at = static_cast<std::size_t>(it->position());
    request += recorded.request.substr(from, at - from) + ids[n];
    from = at + static_cast<std::size_t>(it->length());
  }
  request += recorded.request.substr(from);
  EXPECT_EQ(n, ids.size()) << name;
  expect_answer_as_recorded(server, name, request);
}

}  // namespace support

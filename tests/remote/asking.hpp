// SPDX-License-Identifier: Apache-2.0
// What tests ask the double over its socket, and how they set it up.
#pragma once

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "support/acestep_double.hpp"
#include "support/sockets.hpp"

namespace support {

inline std::string call(const AceStepDouble& server, const std::string& request) {
  Client client(server.port());
  EXPECT_TRUE(client.send(request));
  return client.read_all();
}

inline std::string post(const AceStepDouble& server, const std::string& path,
                        const std::string& body, const std::string& headers = "") {
  return call(
      server,
      "POST " + path +
          " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" +
          headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

inline std::string get(const AceStepDouble& server, const std::string& target,
                       const std::string& headers = "") {
  return call(server,
              "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n");
}

inline std::string match(const std::string& text, const std::string& pattern) {
  std::smatch found;
  return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : "";
}

inline std::string submit(const AceStepDouble& server, const std::string& body,
                          const std::string& headers = "") {
  return match(post(server, "/release_task", body, headers), R"re("task_id":"([^"]+)")re");
}

inline std::string query_body(const std::vector<std::string>& ids) {
  std::string list;
  for (const std::string& id : ids) list += (list.empty() ? "\"" : ", \"") + id + "\"";
  return "{\"task_id_list\": [" + list + "]}";
}

/// Polls until the answer about `id` has `pattern` in it; "" if it never has.
inline std::string until(const AceStepDouble& server, const std::string& id,
                         const std::string& pattern, const std::string& headers = "") {
  std::string answer;
  const std::regex wanted(pattern);
  const bool seen = eventually([&] {
    answer = post(server, "/query_result", query_body({id}), headers);
    return std::regex_search(answer, wanted);
  });
  return seen ? answer : "";
}

inline constexpr const char* kDone = R"("status":[12])";

inline Pcm a_blip(const Tune&) {
  Tune tune;
  tune.seconds = 0.2;
  return make_music(tune);
}

inline DoubleSettings quick(Dialect dialect = Dialect::kFeb08) {
  DoubleSettings settings;
  settings.dialect = dialect;
  settings.delay = 0.01;
  settings.musician = a_blip;
  return settings;
}

/// The first order hangs in the midst of its work, for as long as one looks at it.
inline DoubleSettings stuck(Dialect dialect = Dialect::kFeb08) {
  DoubleSettings settings = quick(dialect);
  settings.plan = in_turn({Fault::kHang});
  return settings;
}

inline constexpr const char* kLofi = "lofi hip hop beat, vinyl crackle, mellow piano";

inline std::string order(const std::string& changes = "", const std::string& prompt = kLofi,
                         const std::string& duration = "10") {
  std::string body = "{\"caption\": \"" + prompt + "\", \"lyrics\": \"[Instrumental]\"";
  if (changes.find("audio_duration") == changes.npos) body += ", \"audio_duration\": " + duration;
  if (changes.find("batch_size") == changes.npos) body += ", \"batch_size\": 1";
  return body + (changes.empty() ? "" : ", " + changes) + "}";
}

inline constexpr const char* kGenerating = "Generating music";

}  // namespace support

// SPDX-License-Identifier: Apache-2.0
// A faithful ACE-Step 1.5 API server on 127.0.0.1 that needs no GPU: its answers have the shape of
// recorded ones (tests/remote/captures), its audio is real, its faults are chosen.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/acestep_settings.hpp"
#include "support/acestep_words.hpp"

namespace support {

class AceStepDouble {
 public:
  /// Runs from the moment it returns. Throws std::runtime_error if the port is taken.
  explicit AceStepDouble(DoubleSettings settings = {});
  AceStepDouble(const AceStepDouble&) = delete;
  AceStepDouble& operator=(const AceStepDouble&) = delete;
  ~AceStepDouble();

  int port() const;
  std::string url() const;  // http://127.0.0.1:PORT
  const std::filesystem::path& folder() const;

  /// Replaces the plan; orders already taken keep their fault.
  void set_plan(std::function<Fault(std::size_t)> plan);
  /// Dies now: the socket closes, queued ids are forgotten, running ones freeze; `gently` is by
  /// SIGTERM. It stays away until come_back().
  void die(bool gently = false);
  /// Loads and lets clients in again; returns when it does.
  void come_back();
  /// Lets the hung and the stalled job end, as failed.
  void unblock();

  /// Requests so far by "POST /release_task" and the like, refused connections not among them.
  std::map<std::string, int> requests() const;
  Counts counts() const;
  /// The largest number of jobs that were queued or running at once.
  int most_open() const;
  /// The orders that were taken, in their order.
  std::vector<Asked> orders() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace support

// SPDX-License-Identifier: Apache-2.0
// A faithful ACE-Step 1.5 API server on 127.0.0.1 that needs no GPU: its answers have the shape of
// recorded ones (tests/remote/captures), its audio is real, its faults are chosen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/acestep_faults.hpp"
#include "support/acestep_words.hpp"
#include "support/audio_maker.hpp"

namespace support {

/// All times are seconds of the server's own clock, which runs `speed` times as fast as ours.
struct DoubleSettings {
  int port = 0;  // 0: any free one
  Dialect dialect = Dialect::kFeb08;
  Lm lm = Lm::kPresent;
  double delay = 1;             // a job's time
  double delay_per_second = 0;  // and this much more for each second of music
  double loading = 0;           // until it lets anybody in, at the start and after a restart
  bool loads_behind_open_door = false;  // later only: answers while it loads
  double hangs_for = 1e9;               // a job that hangs or stalls, until it fails
  double down = 2;                      // how long it stays away when it dies, before it loads
  double task_timeout = 3600;           // after which a running job is told as failed
  double keep_alive = 5;                // until an idle connection is closed
  double speed = 1;
  std::size_t queue_most = 200;
  std::optional<std::string> key;  // "": nothing passes, as there
  bool honours_range = false;      // as a current Starlette does
  std::string model;               // "": the dialect's own
  std::uint64_t seed = 1;
  std::filesystem::path folder;       // the shared volume; "": a temporary one
  std::string root = "/app/outputs";  // the folder's name on the server's side
  /// Which fault the n-th order (from 0) meets.
  std::function<Fault(std::size_t)> plan;
  /// Who plays; make_music if empty. Called on a thread of the double.
  std::function<Pcm(const Tune&)> musician;
  /// Told of each request, as one line; on a thread of the double.
  std::function<void(const std::string&)> log;
};

/// A plan that goes through `list` over and over.
std::function<Fault(std::size_t)> in_turn(std::vector<Fault> list);
/// A plan that draws from `list`, the same for the same seed.
std::function<Fault(std::size_t)> at_random(std::vector<Fault> list, std::uint64_t seed);

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

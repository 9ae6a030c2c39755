// SPDX-License-Identifier: Apache-2.0
// What kind of ACE-Step server the double is to be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/acestep_faults.hpp"
#include "support/acestep_orders.hpp"
#include "support/audio_maker.hpp"

namespace support {

/// Who plays; called on a thread of the double.
using Musician = std::function<Pcm(const Tune&)>;

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
  std::size_t workers = 1;  // jobs that are called running, though one card works on one of them
  bool keeps = true;        // what it made, in a cache on disk; one without tells less, and forgets
  std::optional<std::string> key;   // "": nothing passes, as there
  bool honours_range = false;       // as a current Starlette does
  std::string model;                // "": the dialect's own; it plays for every unknown name
  std::vector<std::string> others;  // further models, loaded when they are asked for
  double first_load =
      -1;  // later only: loads at the first job, this long, and answers nothing then
  bool keyless_503 = false;  // was started without a key, and refuses all that wants one
  bool forces_dcw = false;   // as from spring to August 2026: garbles base and sft models
  std::uint64_t seed = 1;
  std::filesystem::path folder;       // the shared volume; "": a temporary one
  std::string root = "/app/outputs";  // the folder's name on the server's side
  /// Which fault the n-th order (from 0) meets.
  std::function<Fault(std::size_t)> plan;
  Musician musician;  // make_music if empty; house_band of band_musician.hpp plays for people
  /// Told of each request and each track that was finished, as one line; on a thread of the double.
  std::function<void(const std::string&)> log;
};

/// A plan that goes through `list` over and over.
std::function<Fault(std::size_t)> in_turn(std::vector<Fault> list);
/// A plan that shuffles `list` and deals it, over and over: no row is met twice before each was met
/// once. The same for the same seed.
std::function<Fault(std::size_t)> shuffled(std::vector<Fault> list, std::uint64_t seed);

}  // namespace support

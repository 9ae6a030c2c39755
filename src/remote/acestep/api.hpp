// SPDX-License-Identifier: Apache-2.0
// What is said to an ACE-Step 1.5 server and what it answers, as text and as structs; no I/O. It
// reads the three dialects met in the wild (builds of 4 and 8 February 2026, and later ones).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "remote/error.hpp"

namespace infinara::remote {

/// Everything /release_task is told. Each field is always written, since the server's defaults
/// hurt: two songs for one, a rewritten caption, a random length.
struct Task {
  std::string prompt{};
  std::string lyrics = "[Instrumental]";
  double duration = 60;  // seconds, 10 … 600
  int bpm = 0;           // 0: not told
  std::string key{};     // "A minor"; empty: not told
  std::string time_signature = "4";
  int steps = 8;
  double guidance = 7;
  double shift = 3;
  bool no_dcw = false;    // the DCW sampler garbles what base and sft models make
  bool thinking = false;  // plan with the language model; a server without one fails the job
  std::int64_t seed = -1;
  std::string format = "flac";  // mp3, wav or flac; else the server writes flac under any name
  std::string model{};          // empty: the server's own
  bool operator==(const Task&) const = default;
};

/// The body of POST /release_task. The plain one says what is to be played, how long, and how the
/// model that plays has to be run; tempo, key, seed and the model's name are left out.
std::string print_release(const Task& task, bool plain = false);
/// The body of POST /query_result.
std::string print_query(std::span<const std::string> task_ids);

struct Health {
  bool ready = false;                    // its models are loaded
  std::optional<bool> language_model{};  // only later dialects say
  bool operator==(const Health&) const = default;
};

struct Stats {
  std::int64_t total = 0;  // jobs since its start; going down means a restart
  std::int64_t running = 0;
  std::int64_t waiting = 0;     // queue_size; `jobs.queued` leaks and is not read
  std::int64_t room = 0;        // queue_maxsize, 0 if unsaid
  std::int64_t ended = 0;       // succeeded and failed
  double mean_job_seconds = 0;  // failed jobs included, 5.0 before the first ends
  bool operator==(const Stats&) const = default;
};

struct Models {
  std::string current{};  // what it plays when not told a model; may be empty
  std::vector<std::string> names{};
  std::vector<std::string> unloaded{};  // of them, those that it says are not loaded
  bool operator==(const Models&) const = default;
};

struct Released {
  std::string task_id{};
  bool operator==(const Released&) const = default;
};

/// One song of a finished task.
struct Song {
  std::string file{};   // as the server gave it; empty: silent, or could not be saved
  std::string model{};  // what really played it
  bool operator==(const Song&) const = default;
};

struct TaskState {
  enum class Phase {
    kUnknown,  // never heard of, forgotten at a restart, or evicted
    kQueued,
    kRunning,  // the dialect of 4 February says so of a queued task too
    kSucceeded,
    kFailed,
    kOverdue,  // said to have failed only since an hour went by; it may still succeed
  };
  std::string task_id{};
  Phase phase = Phase::kUnknown;
  std::optional<double> progress{};  // 0 … 1, an estimate that may go down
  std::string stage{};
  std::string error{};  // rarely said
  std::vector<Song> songs{};
  bool operator==(const TaskState&) const = default;
};

/// Each takes an HTTP status and the body that came with it.
Result<Health> parse_health(int status, std::string_view body);
Result<Stats> parse_stats(int status, std::string_view body);
Result<Models> parse_models(int status, std::string_view body);
Result<Released> parse_release(int status, std::string_view body);
/// One state for each id asked, in the order asked; an id the answer leaves out is unknown.
Result<std::vector<TaskState>> parse_query(int status, std::string_view body,
                                           std::span<const std::string> asked);

/// The error behind a status that is not 200, with the server's own words if it has some.
Error error_of(int status, std::string_view body);

/// What to GET for a song's `file`: a target on the same server, beginning with one slash. Nothing
/// if it names another host or is malformed.
std::optional<std::string> audio_target(std::string_view file);

/// Where the song may lie below our mount of the server's folder, as relative paths without `..`:
/// what follows `root` ("/app/outputs"), if its path begins so, then what is left of its path when
/// one leading folder after the other is dropped. Empty if `file` names no clean path.
std::vector<std::string> volume_paths(std::string_view file, std::string_view root);

}  // namespace infinara::remote

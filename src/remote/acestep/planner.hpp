// SPDX-License-Identifier: Apache-2.0
// What a source wants of any ACE-Step server, and how that becomes a task for one of them.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "music/mixing_rules.hpp"
#include "music/random.hpp"
#include "remote/acestep/api.hpp"

namespace infinara::remote {

/// Empty or 0 means: choose well.
struct TrackRequest {
  std::string genre{};
  std::string caption{};  // the DJ's words; a track of the same genre with other words is as good
  std::string prompt{};   // the user's words; they are meant
  std::string lyrics{};
  double duration = 90;  // seconds
  int bpm = 0;
  std::string key{};
  std::string time_signature{};
  std::int64_t seed = -1;
  std::string format = "flac";
  std::string model{};
  int steps = 0;
  double guidance = 0;
  double shift = 0;
  bool operator==(const TrackRequest&) const = default;
};

/// Seconds at which a server cuts off, without a word, what is ordered longer than its card is
/// thought to bear.
inline constexpr std::array kCutOffs = {180.0, 240.0, 360.0, 480.0};

/// Whether a track made for `one` may be played for `other`.
bool serves(const TrackRequest& one, const TrackRequest& other);

/// Plans tracks one after the other, so that each mixes with the one before: words, tempo, key,
/// form and a length of whole bars, which all say the same.
class Planner {
 public:
  explicit Planner(std::uint64_t seed) : random_(seed) {}
  Task plan(const TrackRequest& wanted);

 private:
  music::Random random_;
  std::deque<std::string> prompts_;  // of the last hour
  int last_bpm_ = 0;
  std::optional<music::Key> last_key_;
};

/// Whether a model of this name is a base or sft one, xl ones among them, and not a turbo one.
bool is_patient_model(std::string_view model);

/// Fills in what depends on the model that will play: inference steps, guidance, shift, the DCW
/// sampler. A turbo model wants 8 steps and shift 3; base and sft models want 50 and shift 1, and
/// come out garbled with DCW, which servers of spring to August 2026 switch on by themselves.
void suit_model(Task& task, const TrackRequest& wanted, std::string_view model);

}  // namespace infinara::remote

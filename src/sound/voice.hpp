// SPDX-License-Identifier: Apache-2.0
// One track in the mix: what of it waits to be played, and the gains with which it is heard.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "sound/bands.hpp"
#include "sound/edit.hpp"
#include "sound/fade.hpp"
#include "sound/fifo.hpp"
#include "sound/frame.hpp"
#include "sound/join.hpp"

namespace infinara::sound {

/// What the mixer decides about a voice is set from outside; what follows for its samples is here.
/// No locks. The blocks must outlive it.
struct Voice {
  enum class Role { kWaiting, kPlaying, kLeaving, kDone };

  Voice(VoiceId voice_id, unsigned voice_number, Blocks& blocks)
      : id(voice_id), number(voice_number), fifo(blocks) {}

  /// The bands of a track in a planned join, while they do not move as one.
  struct Split {
    RunningFade low, high;
    BandSplit bands;
    std::int64_t at = BandSplit::kPiece;  // the piece's sample that is next, if one was read
    std::array<float, kChannels> last{};  // what the track added to the last sample
  };

  VoiceId id;
  unsigned number;
  bool parked = false;
  bool released = false;

  Fifo fifo;
  Cues cues{};              // places count from the first sample that is not cut
  std::int64_t cut = 0;     // samples before the cue-in
  std::int64_t total = 0;   // samples written, those cut left out
  std::int64_t played = 0;  // samples
  bool ended = false;
  Role role = Role::kWaiting;
  bool told_ready = false;
  bool told_on_air = false;
  bool underrun = false;             // silent until it is ready again
  std::int64_t underrun_length = 0;  // samples of this underrun so far
  bool by_skip = false;              // a skip brought it in
  RunningFade fade{};                // of the mid band, if they are split
  std::unique_ptr<Split> split{};
  bool is_as_rehearsed = false;  // no gain of it was told to move otherwise
  std::int64_t started_at = 0;
  std::array<float, kChannels> last{};  // what it added to the programme's last sample

  bool is_heard() const { return role == Role::kPlaying || role == Role::kLeaving; }
  /// It is copied as it is: nothing fades.
  bool is_plain() const { return !split && fade.left() == 0 && fade.fade.to == 1; }
  bool is_played_out() const { return ended && fifo.size() == 0; }
  /// Its beats, as far as they are known, where it is now or will be left.
  const std::optional<Grid>& grid() const { return ended && cues.last ? cues.last : cues.grid; }
  double gain() const { return fade.gain(); }
  /// Samples until no gain of it moves.
  std::int64_t fade_left() const {
    return split ? std::max({fade.left(), split->low.left(), split->high.left()}) : fade.left();
  }
  /// The next sample with this gain.
  std::array<float, kChannels> front_times(double by) const;

  /// Cues of the track as it was written: what was cut is taken off.
  void describe(const Cues& written);
  /// The track begins so many samples later, no more than are in memory.
  void begin_later(std::int64_t count);
  /// Forgets what was written and not played.
  void flush();

  /// Its gain moves from nothing to 1, beginning now.
  void fade_in(const GainMove& move, const std::optional<BandMoves>& bands);
  /// A new fade begins at the gain of now, so fades may interrupt each other without a step.
  void fade_to(float to, const GainMove& move, const std::optional<BandMoves>& bands = {});

  /// Whether a track whose bands are split lacks the samples of its next piece.
  bool lacks_piece() const;
  /// Reads that piece, once the last one is played.
  void read_piece();
  /// So many samples in which this track does one thing only; `limit` if it is more.
  std::int64_t bound(std::int64_t limit) const;

  /// Adds its next samples, as many as the sum has.
  void add_to(std::span<float> sum);
  /// So many samples of the programme are behind it. An underrun lasts so much longer.
  void move_on(std::int64_t count);
  /// It is silent from here, until it is ready again: what its last sample was, to be let ring out.
  std::array<float, kChannels> begin_underrun();
};

/// What a plan knows of them.
Outgoing outgoing_of(const Voice& voice);
Incoming incoming_of(const Voice& voice);

}  // namespace infinara::sound

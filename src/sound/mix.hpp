// SPDX-License-Identifier: Apache-2.0
// The mixing engine: tracks are written in, in play order and ahead of time; one endless programme
// is read out, in which they follow each other with crossfades. No clock, no threads, no locks.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sound/edit.hpp"
#include "sound/fade.hpp"
#include "sound/fifo.hpp"
#include "sound/frame.hpp"
#include "sound/join.hpp"
#include "sound/ramps.hpp"
#include "sound/trial.hpp"
#include "sound/voice.hpp"

namespace infinara::sound {

enum class VoiceState {
  kFilling,  // waits for its turn and has not enough to start
  kReady,    // waits for its turn and could start
  kPlaying,  // is heard, or fades
  kDone      // was played, cut short, or had nothing to play
};

class Mix {
 public:
  /// An underrun of the track that plays is told once it lasts so long.
  static constexpr std::int64_t kUnderrunTold = kRate / 4;

  struct Settings {
    std::int64_t crossfade = 5 * kRate;      // samples, at most kLongestFade
    std::int64_t skip_fade = kRate * 2 / 5;  // samples, at most kLongestFade
    std::int64_t min_ready = kRate / 5;      // samples a track needs before it starts
    Curve curve = Curve::kSmoothstep;        // of fades that begin from now on
    JoinStyle join = JoinStyle::kPlain;      // of tracks that come to their end
    /// Rather wait for data than play silence or decide without having seen what comes next: the
    /// programme then depends on the tracks alone, not on how fast they are written.
    bool patient = false;
  };

  /// From now on; fades that run keep their length and curve.
  void set(const Settings& settings);
  const Settings& settings() const { return settings_; }

  /// A new track joins the play order: behind all those waiting whose number is not greater.
  VoiceId add(unsigned number);
  /// Nothing more will be written and the id is forgotten. What plays, plays what it has; what
  /// waits is withdrawn without a word.
  void release(VoiceId id);

  /// Appends interleaved stereo to a track. Ignored once it ended.
  void write(VoiceId id, std::span<const std::int16_t> samples);
  /// What is known of the track's music, instead of what was known before. If joins are planned, a
  /// track that waits loses what is before its cue-in, as soon as that is written.
  void describe(VoiceId id, const Cues& cues);
  /// The track has no more samples than were written.
  void end(VoiceId id);
  /// Every track ends, those added later too; parked ones are withdrawn. What was written is still
  /// played, then the programme is finished.
  void close();
  /// Whether more may be written: the track is known, and neither ended nor done.
  bool is_open(VoiceId id) const;
  /// Forgets what was written and not played, and that the track ended.
  void flush(VoiceId id);
  /// How many samples the look-ahead still wants; not positive: the writer should wait. A piece of
  /// any size may be written while it is positive.
  std::int64_t room(VoiceId id) const;
  /// How many samples of the next track are wanted at most before they are played.
  std::int64_t look_ahead() const;

  /// A parked track waits outside the play order, with all it has; unparked it joins the end of it.
  /// False, and nothing happens, if the track is already heard or done.
  bool park(VoiceId id, bool parked);

  /// Fades from what plays to the next track, or to silence if there is none ready. Inside of a
  /// crossfade that the end of a track made, and before its middle, it is this track that goes, and
  /// the one coming in comes at once. Ignored if nothing plays. `length` in samples.
  ///
  /// If joins are planned, a skip waits for the next beat of what plays, where its beats are known;
  /// the next track comes in with its first downbeat there.
  void skip(std::int64_t length);
  void skip() { skip(settings_.skip_fade); }

  /// Fills the front of `out` with the next samples and tells how many (a channel). Less than all
  /// only if patient: a track must be written to, ended, added or released first.
  std::int64_t render(std::span<std::int16_t> out);

  /// Something came to its end, nothing is left, nothing rings: more would be silence. Not so with
  /// tracks parked, nor if all there ever was has been withdrawn.
  bool is_finished() const;

  /// What came about since the last call, in the order in which it did.
  std::vector<Edit> take_edits() { return std::exchange(edits_, {}); }

  std::int64_t position() const { return position_; }
  /// The programme's next sample has this number. What plays began so much later, then, and is told
  /// to be on air once more.
  void set_position(std::int64_t samples);
  /// Calls of render() in which a track that plays had nothing to play though it had not ended.
  std::uint64_t underruns() const { return underruns_; }

  struct Status {
    VoiceState state = VoiceState::kDone;
    bool parked = false;
    std::int64_t played = 0;  // samples
    std::int64_t queued = 0;  // samples
    double gain = 0;          // of the sample that is next
  };
  /// A released or unknown track is done.
  Status status(VoiceId id) const;

  /// As it was before anything was written: every track not released waits again, in the order of
  /// numbers; parked ones stay so.
  void reset();

 private:
  using Role = Voice::Role;

  Voice* find(VoiceId id) const;
  Voice* playing() const;
  Voice* head() const;
  bool is_ready(const Voice& voice) const;
  std::int64_t reach() const;
  std::int64_t wanted_of_next() const;
  std::int64_t capacity(const Voice& voice) const;
  bool is_settled(const Voice& voice) const;

  std::int64_t decide(std::int64_t limit);
  std::int64_t bound_by_voices(std::int64_t limit);
  bool is_as_rehearsed() const;
  void end_rehearsed();
  Join plan(const Voice& now, const Voice& next);
  void cross(Voice& now, Voice& next, const Join& planned);
  void start_from_silence(Voice& next);
  static std::int64_t before_downbeat(const Voice& next);
  bool skips_on_beat(const Voice& now, const Voice* next) const;
  void carry_out_skip(Voice& now, Voice* next, std::int64_t wanted);
  void hurry(Voice& now, std::int64_t wanted);
  void begin_later(Voice& voice, std::int64_t count);
  void start(Voice& voice, const GainMove& in, const std::optional<BandMoves>& bands = {});
  GainMove move_of(std::int64_t length) const { return {length, settings_.curve}; }
  void begin_underrun(Voice& voice);
  void finish(Voice& voice);
  void retire();
  void sweep();
  void tell_ready(Voice& voice);
  void tell_on_air();
  void tell_underrun(const Voice& voice);
  void tell_leaving(const Voice* from, const Voice* to, const Join& join);
  void tell_leaving(const Voice* from, const Voice* to, const GainMove& fade) {
    tell_leaving(from, to, {.leaves = fade, .enters = fade, .fit = Fit::kSkip});
  }

  void sound(std::span<std::int16_t> out);
  void go_over(std::span<float> sum);
  void move_on(std::int64_t count);

  Settings settings_;
  Blocks blocks_;
  std::vector<std::unique_ptr<Voice>> voices_;  // those waiting are in play order
  Trial trial_;
  /// The join that is heard, as long as its tracks do what was rehearsed and nothing else is heard.
  struct Rehearsed {
    std::vector<std::int16_t> sound;
    std::size_t at = 0;  // the value that is next
  };
  std::optional<Rehearsed> rehearsed_;
  /// The next samples of a rehearsal that is no longer followed. What is heard instead is not
  /// limited, so one goes over into the other.
  struct Abandoned {
    std::vector<std::int16_t> sound;
    std::int64_t at = 0;
  };
  std::optional<Abandoned> abandoned_;
  Ramps ramps_;
  std::vector<std::int64_t> pending_advances_;  // skips not carried out yet, samples
  std::vector<Edit> edits_;
  VoiceId last_id_ = 0;
  std::int64_t position_ = 0;
  bool is_moved_ = false;  // by set_position(), since what is on air was told last
  std::uint64_t underruns_ = 0;
  bool any_done_ = false;
  bool closed_ = false;
  bool any_underrun_ = false;  // in this call of render()
  std::array<float, kFrameValues> sum_{};
};

}  // namespace infinara::sound

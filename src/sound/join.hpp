// SPDX-License-Identifier: Apache-2.0
// How one track follows another: where the next one begins, how long both are heard, and how their
// gains move. Pure arithmetic on lengths, all in samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sound/fade.hpp"

namespace infinara::sound {

/// A fade shorter than this would click (8 ms): instead of it the tracks are joined end to start,
/// and the step between them is smoothed by a ramp of this length.
inline constexpr std::int64_t kRamp = 384;

/// How joins are made.
enum class JoinStyle {
  kPlain,   // as long as the crossfade, whatever the music does
  kPlanned  // on the bars of the music, as far as they are known
};

/// What people call it, such as "planned".
const char* name_of(JoinStyle style);

/// Where the beats of a track are, if its tempo does not move. Samples from its first.
struct Grid {
  double first_downbeat = 0;
  double beat = 0;  // from one to the next
  unsigned beats_per_bar = 4;
  double bar() const { return beat * beats_per_bar; }
  friend bool operator==(const Grid&, const Grid&) = default;
};

/// Its first downbeat, or the one whole bars before it that is nearest to the track's begin.
double first_line_of(const Grid& grid);

/// Samples from this place to the nearest beat at or after it; less than half a sample is none.
std::int64_t until_beat(const Grid& grid, std::int64_t place);

/// What is known of a track's music.
struct Cues {
  std::optional<Grid> grid{};
  std::optional<std::int64_t> out{};     // sample at which its last bar is over; else its end
  std::optional<std::uint16_t> scale{};  // the notes of its key: bit 0 is C, bit 11 B
  std::optional<Grid> last{};            // of its last minute, if that is another
  std::int64_t in = 0;                   // sample at which a planned join enters it
  friend bool operator==(const Cues&, const Cues&) = default;
};

/// What a plan knows of the track that plays.
struct Outgoing {
  std::int64_t remaining = 0;  // samples that are to be played
  std::int64_t total = 0;      // samples in all
  Cues cues{};
  std::int64_t cut = 0;  // samples before these that were left out when it came in
  friend bool operator==(const Outgoing&, const Outgoing&) = default;
};

/// What a plan knows of the track that comes.
struct Incoming {
  std::optional<std::int64_t> total;  // samples; nullopt if its end is not known yet
  Cues cues{};
  friend bool operator==(const Incoming&, const Incoming&) = default;
};

struct JoinSettings {
  std::int64_t crossfade = 0;  // samples; a planned join is no longer
  Curve curve = Curve::kSmoothstep;
  JoinStyle style = JoinStyle::kPlain;
  friend bool operator==(const JoinSettings&, const JoinSettings&) = default;
};

/// A gain on its way from 0 to 1 or back, `delay` samples later: all at once if the length is 0.
struct GainMove {
  std::int64_t length = 0;  // samples
  Curve curve = Curve::kSmoothstep;
  std::int64_t delay = 0;  // samples
  friend bool operator==(const GainMove&, const GainMove&) = default;
};

/// The sample of a fade-in with which its track is on air.
constexpr std::int64_t middle_of(const GainMove& in) {
  return in.delay + (in.length + 1) / 2;
}

/// How the low and the high band of a track move where they do not move as the rest.
struct BandMoves {
  GainMove low;
  GainMove high;
  friend bool operator==(const BandMoves&, const BandMoves&) = default;
};

/// Which bars of two tracks a planned join takes.
struct Cut {
  unsigned early = 0;  // bars of the outgoing track after the join that are left out
  unsigned late = 0;   // bars of the incoming one before it, likewise; its pickup too, if any
  unsigned bars = 8;   // that it lasts, at most
  friend bool operator==(const Cut&, const Cut&) = default;
};

/// What a join is made for, the best first.
enum class Fit {
  kBars,    // whole bars of both tracks, side by side
  kTempo,   // tempi or bars of three and four differ: a few bars of the outgoing track
  kKey,     // the keys rub: likewise
  kNoGrid,  // the beats of one of them are not known: likewise where those of the outgoing one are
  kLate,    // no whole bar is left, or none fits: lengths alone decide
  kPlain,   // lengths alone are to decide
  kSkip     // a skip
};

/// As messages say it, such as "no-grid".
const char* name_of(Fit fit);
std::optional<Fit> fit_of(std::string_view name);

/// The incoming track's first sample that is not left out is heard `start` samples from now.
struct Join {
  std::int64_t start = 0;
  GainMove leaves;  // of the outgoing track, down
  GainMove enters;  // of the incoming track, up
  Fit fit = Fit::kPlain;
  unsigned bars = 0;  // of the outgoing track; 0: the join is not made of bars
  double beat = 0;    // samples from one of its beats to the next; 0: not known
  std::optional<BandMoves> leaving_bands{};
  std::optional<BandMoves> entering_bands{};
  std::int64_t late = 0;  // samples of the incoming track that are left out
  friend bool operator==(const Join&, const Join&) = default;
};

/// The share of a planned join in which each gain moves, if the level allows it: where they cross,
/// two unlike tracks are as loud as one. With a share of 1 the gains sum to 1.
inline constexpr double kOpenShare = 0.78;

/// The join at the natural end of a track. A plain one is as long as the crossfade that is set, but
/// takes no more than half of either track. If it should have begun already (the next track came
/// late, the crossfade grew) it begins now, over what remains.
///
/// A planned one ends with the outgoing track's last bar and begins eight, four, two or one bars
/// before, on a downbeat of both; each gain moves by 3t²-2t³. Bars run side by side while tempi are
/// the same, or double, within 10 ms over the join, and the keys share six of seven notes; else the
/// join takes at most six seconds. Without a grid, or where no bar fits, it is a plain one. A cut
/// moves it by whole bars; bars of an incoming track without a grid cannot be left out.
Join plan_join(const Outgoing& outgoing, const Incoming& incoming, const JoinSettings& settings,
               const Cut& cut = {});

/// The same join with gains that move over this share of it, the outgoing one later.
Join with_share(Join join, double share);

/// The length of the fade that a skip makes now: as wanted, but no longer than what remains of the
/// track (nullopt: its end is not known yet) or than half of the next one, and never a click.
/// 0: the track is so near its end that it may as well end by itself.
std::int64_t plan_skip(std::int64_t wanted, std::optional<std::int64_t> remaining,
                       std::optional<std::int64_t> next_total);

}  // namespace infinara::sound

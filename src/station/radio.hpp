// SPDX-License-Identifier: Apache-2.0
// The radio as the API sees it: what is heard now, and what may be wished for.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "music/ranges.hpp"
#include "music/track.hpp"
#include "music/when.hpp"
#include "onair/message.hpp"

namespace infinara::station {

/// An output position: samples of the programme at 48 kHz, from its beginning.
using Samples = std::int64_t;

struct Blend {
  std::uint64_t from = 0;  // track ids; 0 is silence
  std::uint64_t to = 0;
  double remaining = 0;  // seconds
  Samples begin = 0;
  Samples end = 0;
  Samples on_air = 0;  // where `to` will be on air, if no skip comes between; 0 if it is silence
  std::string plan{};  // in words; empty for a plain crossfade
};

/// Where each fact of a Now became true; 0 if there is no such fact.
struct Positions {
  Samples on_air = 0;
  Samples start = 0;      // where the first sample of the track on air was heard
  Samples genre = 0;      // where the walk came to dj_genre
  Samples dwell_end = 0;  // and where it means to go on
  Samples next = 0;       // where `next` was told
};

/// How a client finds the output position that it plays.
struct Clock {
  std::string programme{};  // names what positions count in
  Samples output = 0;       // has gone out
  struct Rtp {
    std::uint32_t timestamp = 0;  // of the newest packet of every WebRTC session
    Samples position = 0;         // of the first sample decoded for it
  };
  std::optional<Rtp> rtp{};           // nothing while there is no sound for WebRTC
  std::optional<Samples> listener{};  // of the first sample that the listener decodes
};

/// One moment of the programme. `on_air` is what sounds at `position` of the output, not what the
/// DJ thinks of next.
struct Now {
  std::optional<music::Track> on_air;
  double position = 0;  // seconds of `on_air` that have been heard
  std::optional<music::Track> next;
  unsigned ready = 0;               // tracks that wait beside the one on air
  std::string dj_genre;             // where the walk is
  double dwell_remaining = 0;       // seconds; 0 when it is over or Auto-DJ is off
  std::optional<onair::Join> join;  // the last that was measured
  std::optional<Blend> blend;
  unsigned listeners = 0;                // by HTTP
  unsigned peers = 0;                    // by WebRTC
  bool has_webrtc = true;                // whether it can be heard so
  std::vector<onair::Server> servers{};  // of the generator that has its music made elsewhere
  Positions positions{};
};

/// What can be changed while the radio plays.
struct PlaySettings {
  int track_duration = 0;  // seconds, of tracks ordered from now on; 0: drawn for each
  double crossfade = 18;   // seconds; from the next fade on
  bool auto_dj = true;
};

/// What a generator with a GPU is asked for, 0 being what suits its model; the house band needs
/// none of it.
struct Generation {
  std::string audio_format;
  int inference_steps = 0;
  double guidance_scale = 0;
  double shift = 0;
};

/// A listener's wish for a genre.
struct Wish {
  std::string genre;
  music::When when = music::When::kQueue;
  std::optional<Samples> expected{};  // where it is heard, about; nothing if that is not known
};

/// The pipeline is another one, and positions begin anew.
struct NewProgramme {};

/// What a Radio tells as soon as it knows it. Messages may be ahead of the output.
using RadioEvent = std::variant<onair::Message, Wish, PlaySettings, NewProgramme>;

/// To the nearest.
Samples samples_of(onair::Position position);

struct Health {
  bool good = false;
  std::string reason;   // why not
  double position = 0;  // seconds of programme put out
};

/// One listener. Its address is not among the fields: the API is open to every site.
struct Listening {
  std::string agent;
  double since = 0;  // seconds that it has listened
  double lag = 0;    // seconds of sound that it should have and has not
  double bytes = 0;  // sent to it
};

/// One stream and its listeners.
struct Stream {
  std::string_view path;
  std::string type{};  // media type
  int bitrate = 0;     // kbit/s; 0: not known
  unsigned listeners = 0;
  unsigned most_listeners = 0;  // at a time
  double joined = 0;            // since it is on air
  double dropped = 0;           // of those, disconnected: too far behind, or the host is gone
  double dropped_behind = 0;    // of those again, too far behind
  double bytes_sent = 0;        // to all of those
  double delay = 0;             // seconds that a listener hears it later than it is made
  std::vector<Listening> list;  // at most 100 of them; empty unless asked for
};

/// Of streams(): counts alone, or their listeners one by one as well.
enum class Detail { kSums, kEachListener };

using music::When;

/// What an operator counts. It begins anew with a new process only, but for the two last, which do
/// with a new pipeline too.
struct Counters {
  double pipelines = 0;                      // that were started
  double tracks = 0;                         // that came on air
  double fades = 0;                          // that were begun
  double joins = 0;                          // that were measured; the following are sums
  double join_dips = 0;                      // dB below the quieter side
  double join_basses = 0;                    // seconds of both basses
  double join_beats = 0;                     // joins with beats on both sides
  double join_beats_apart = 0;               // seconds between those
  double join_keys = 0;                      // joins of two known keys
  double join_fifths = 0;                    // between those
  double refused = 0;                        // HTTP listeners, since the station was full
  double momentary = -100;                   // LUFS of the last 0.4 s that went out (EBU R 128)
  double short_term = -100;                  // of the last 3 s
  double integrated = -100;                  // of all, gated
  double rms = 0;                            // dBFS, of the last second that went out
  double peak = 0;                           // likewise
  double silence = 0;                        // seconds below -60 dBFS that went out
  std::map<std::string, bool> generators{};  // those that have failed: whether they deliver again
  double underruns = 0;
  double late_frames = 0;
};

class Radio {
 public:
  virtual ~Radio() = default;
  /// What the station is called.
  virtual std::string name() = 0;
  virtual Now now() = 0;
  virtual std::vector<Stream> streams(Detail detail) = 0;
  /// Another number whenever now(), streams(), play_settings() or generation() says something else
  /// than before; what moves on all the time, such as positions, counts ten times a second.
  virtual std::uint64_t revision() = 0;
  virtual PlaySettings play_settings() = 0;
  /// Of PlaySettings::track_duration.
  virtual music::Range<int> track_durations() = 0;
  virtual Generation generation() = 0;
  virtual void change_settings(const PlaySettings& play_settings) = 0;
  /// `genre` is one of music::kGenres.
  virtual void change_genre(const std::string& genre, When when) = 0;
  virtual void skip() = 0;
  virtual Health health() = 0;
  virtual Counters counters() = 0;
  /// `listener`: what an HTTP listener gave as its key (`?listener=`); may be empty.
  virtual Clock clock(std::string_view listener) = 0;
  /// `observer` is called with each event from now on, until the next call; null ends it.
  virtual void observe(std::function<void(const RadioEvent&)> observer) = 0;
};

}  // namespace infinara::station

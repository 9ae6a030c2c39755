// SPDX-License-Identifier: Apache-2.0
// What the radio says of itself, as values and as GstStructures: mooddj posts them as element
// messages, the station reads them. Writer and reader are this one file.
//
// Every message carries the output position at which it becomes true: nanoseconds since the
// mixer's first sample, the same count as the PTS of the buffers.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gstpp/ref.hpp"
#include "music/track.hpp"

namespace infinara::onair {

using Position = std::uint64_t;  // nanoseconds

/// `track` passes half gain at `position` and is from then on what a listener would name. Its title
/// and artist are those that go out with the sound as tags.
struct OnAir {
  Position position = 0;
  Position start = 0;  // where its first sample was heard
  music::Track track{};
  bool operator==(const OnAir&) const = default;
};

/// A crossfade is heard from `position` to `end`. An id of 0 is silence.
struct Fade {
  Position position = 0;
  Position end = 0;
  Position on_air = 0;  // where `to` will be on air, if no skip comes between; 0 if it is silence
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::string plan{};  // in words; empty for a plain crossfade
  bool operator==(const Fade&) const = default;
};

/// What the join of two tracks turned out to be, measured in the programme around it.
struct Join {
  Position position = 0;  // its end
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  double dip = 0;           // dB: its quietest 400 ms against the quieter side
  double rise = 0;          // dB: its loudest 400 ms against the louder side
  double basses = 0;        // seconds in which both basses are let through
  double beats_apart = -1;  // ms; -1: a side has no beat, or their tempi differ
  int fifths = -1;          // between the keys, on the circle of fifths; -1: not known
  bool operator==(const Join&) const = default;
};

/// Where the walk is now, and until when it means to stay.
struct GenreDecided {
  Position position = 0;
  std::string genre;
  std::string reason;      // "start", "dwell", "listener", "settings"
  Position dwell_end = 0;  // 0: stays until told otherwise
  bool operator==(const GenreDecided&) const = default;
};

/// What comes after the track on air, and how many tracks stand ready in all. The id 0 says that
/// none is ready.
struct Next {
  Position position = 0;
  music::Track track{};
  unsigned ready = 0;
  bool operator==(const Next&) const = default;
};

/// A generator stopped delivering, or delivers again.
struct Generator {
  Position position = 0;
  std::string name;
  bool up = true;
  std::string reason;
  bool operator==(const Generator&) const = default;
};

/// One order that a server of a generator works on.
struct Job {
  std::string genre{};
  double progress = 0;  // 0 … 1, as the server estimates
  std::string stage{};
  double age = 0;      // seconds
  bool wanted = true;  // somebody still waits for it
  bool operator==(const Job&) const = default;
};

/// One server of a generator that has its music made elsewhere.
struct Server {
  std::string url{};
  std::string state{};   // HEALTHY, LOADING, BUSY, SUSPECT, NEEDS_KEY or DOWN
  std::string reason{};  // empty when healthy
  std::string model{};
  unsigned running = 0;  // everybody's orders
  unsigned waiting = 0;
  double seconds_per_second = 0;  // of work for one of music, as measured; 0: not yet
  std::string last_error{};
  std::string note{};       // what its operator should know though it works
  std::string delivery{};   // how its tracks come: volume or HTTP; empty: none came yet
  std::vector<Job> jobs{};  // ours
  bool operator==(const Server&) const = default;
};

/// All servers of a generator.
struct Servers {
  Position position = 0;
  std::vector<Server> servers;
  bool operator==(const Servers&) const = default;
};

/// One line from a generator, for the station's log.
struct Remark {
  Position position = 0;
  std::string text;
  bool operator==(const Remark&) const = default;
};

using Message = std::variant<OnAir, Fade, Join, GenreDecided, Next, Generator, Servers, Remark>;

gstpp::Structure to_structure(const Message& message);

/// Nothing, if the structure is no message or lacks a field.
std::optional<Message> from_structure(const GstStructure* structure);

/// Posts it as an element message of `source`. Any thread; hold no lock.
void post(GstElement* source, const Message& message);

/// The message in an element message, if there is one.
std::optional<Message> read(GstMessage* message);

}  // namespace infinara::onair

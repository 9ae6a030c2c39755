// SPDX-License-Identifier: Apache-2.0
// Tracks to play in tests of the mixing engine, and a programme that plays them and keeps what came
// out.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sound/frame.hpp"
#include "sound/mix.hpp"

namespace infinara::sound {

using Samples = std::vector<std::int16_t>;  // interleaved stereo

/// `length` in samples. Ends and begins wherever the wave happens to be.
Samples sine(std::int64_t length, double hertz, double amplitude, double phase = 0);

Samples noise(std::int64_t length, unsigned seed, int amplitude = 32'767);

Samples level(std::int64_t length, std::int16_t value);

/// The largest step from one sample of a channel to its next, the silence before included.
int largest_step(const Samples& samples, bool from_silence = false);

/// An edit with the names of the tracks: `voice` is the one that it is of, and of a fade (kLeaves)
/// the one that comes in while `other` goes; "" is silence.
struct TrackEdit {
  Edit::What what;
  VoiceId id;
  std::string voice;
  std::string other;
  std::int64_t position;
  std::int64_t until;
  std::int64_t enters;
  std::int64_t began;
  std::int64_t played;
  bool complete;
};

/// An engine with its writers: before each frame they write what there is room for.
struct TestProgramme {
  struct Track {
    VoiceId id;
    unsigned number;
    std::string name;
    Samples samples;
    std::size_t buffer;       // samples in a buffer
    std::size_t written = 0;  // values
    bool ended = false;
    std::int64_t available = INT64_MAX;  // samples that the source has made so far
  };

  Mix mix;
  std::vector<Track> tracks;
  Samples out;
  std::vector<TrackEdit> edits;

  explicit TestProgramme(const Mix::Settings& settings) { mix.set(settings); }

  Track& add(const std::string& name, Samples samples, std::size_t buffer = 1024);
  Track& track(const std::string& name) { return *std::ranges::find(tracks, name, &Track::name); }

  /// One buffer, or the end. False: nothing to do for this writer now.
  bool write(Track& track);

  void write_all();

  /// One frame of a live programme.
  void frame();
  /// A track that a fade brings in enters where the fade has said.
  void check_foresight(const Edit& enters) const;
  void take_edits();
  void frames(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) frame();
  }
  void run_to(std::int64_t samples) {
    while (mix.position() < samples) frame();
  }
  void run_out();

  std::vector<TrackEdit> told(Edit::What what) const;
  TrackEdit told(Edit::What what, const std::string& voice) const;
};

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// Tracks to play in tests of the mixing engine, and a programme that plays them and keeps what came
// out.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <numbers>
#include <optional>
#include <random>
#include <ranges>
#include <string>
#include <vector>

#include "sound/frame.hpp"
#include "sound/mix.hpp"

namespace infinara::sound {

using Samples = std::vector<std::int16_t>;  // interleaved stereo

/// `length` in samples. Ends and begins wherever the wave happens to be.
inline Samples sine(std::int64_t length, double hertz, double amplitude, double phase = 0) {
  Samples samples;
  samples.reserve(static_cast<std::size_t>(length) * 2);
  const auto turn = std::polar(1.0, 2 * std::numbers::pi * hertz / kRate);
  auto pointer = std::polar(amplitude, phase);
  for (std::int64_t i = 0; i < length; ++i, pointer *= turn) {
    const auto x = static_cast<std::int16_t>(std::lround(pointer.imag()));
    samples.push_back(x);
    samples.push_back(static_cast<std::int16_t>(-x));
  }
  return samples;
}

inline Samples noise(std::int64_t length, unsigned seed, int amplitude = 32'767) {
  std::mt19937 rng(seed);
  Samples samples(static_cast<std::size_t>(length) * 2);
  for (auto& x : samples)
    x = static_cast<std::int16_t>(
        static_cast<int>(rng() % (2U * static_cast<unsigned>(amplitude) + 1)) - amplitude);
  return samples;
}

inline Samples level(std::int64_t length, std::int16_t value) {
  return Samples(static_cast<std::size_t>(length) * 2, value);
}

/// The largest step from one sample of a channel to its next, the silence before included.
inline int largest_step(const Samples& samples, bool from_silence = false) {
  int largest = 0;
  for (std::size_t k = from_silence ? 0 : 2; k < samples.size(); ++k)
    largest = std::max(largest, std::abs(samples[k] - (k < 2 ? 0 : samples[k - 2])));
  return largest;
}

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

  Track& add(const std::string& name, Samples samples, std::size_t buffer = 1024) {
    const auto number = static_cast<unsigned>(tracks.size());
    tracks.push_back({mix.add(number), number, name, std::move(samples), buffer});
    return tracks.back();
  }
  Track& track(const std::string& name) { return *std::ranges::find(tracks, name, &Track::name); }

  /// One buffer, or the end. False: nothing to do for this writer now.
  bool write(Track& track) {
    if (track.ended || mix.room(track.id) <= 0) return false;
    const auto made = static_cast<std::size_t>(std::min<std::int64_t>(
        track.available, static_cast<std::int64_t>(track.samples.size()) / 2));
    const auto count = std::min(track.buffer * 2, made * 2 - track.written);
    if (count > 0) {
      mix.write(track.id, std::span(track.samples).subspan(track.written, count));
      track.written += count;
      return true;
    }
    if (track.written < track.samples.size()) return false;
    mix.end(track.id);
    track.ended = true;
    return true;
  }

  void write_all() {
    for (auto& track : tracks)
      while (write(track)) {
      }
  }

  /// One frame of a live programme.
  void frame() {
    write_all();
    Samples frame(kFrameValues);
    ASSERT_EQ(mix.render(frame), kFrame);
    out.insert(out.end(), frame.begin(), frame.end());
    take_edits();
  }
  /// A track that a fade brings in enters where the fade has said.
  void check_foresight(const Edit& enters) const {
    const auto& name = std::ranges::find(tracks, *enters.track, &Track::number)->name;
    for (const auto& one : edits | std::views::reverse) {
      if (one.what == Edit::What::kEnters && one.id == enters.voice) return;  // it was told before
      if (one.what != Edit::What::kLeaves || one.voice != name) continue;
      EXPECT_EQ(one.enters, enters.at) << name;
      return;
    }
  }
  void take_edits() {
    const auto name = [this](std::optional<unsigned> number) {
      return number ? std::ranges::find(tracks, *number, &Track::number)->name : "";
    };
    for (const Edit& one : mix.take_edits()) {
      if (one.what == Edit::What::kEnters) check_foresight(one);
      const bool leaves = one.what == Edit::What::kLeaves;
      edits.push_back({.what = one.what,
                       .id = one.voice,
                       .voice = name(leaves ? one.next : one.track),
                       .other = leaves ? name(one.track) : "",
                       .position = one.at,
                       .until = leaves ? one.at + one.fade.length : 0,
                       .enters = one.enters,
                       .began = one.began,
                       .played = one.played,
                       .complete = one.complete});
    }
  }
  void frames(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) frame();
  }
  void run_to(std::int64_t samples) {
    while (mix.position() < samples) frame();
  }
  void run_out() {
    for (int i = 0; i < 60'000 && !mix.is_finished(); ++i) frame();
    ASSERT_TRUE(mix.is_finished());
  }

  std::vector<TrackEdit> told(Edit::What what) const {
    std::vector<TrackEdit> found;
    for (const auto& one : edits)
      if (one.what == what) found.push_back(one);
    return found;
  }
  TrackEdit told(Edit::What what, const std::string& voice) const {
    for (const auto& one : edits)
      if (one.what == what && one.voice == voice) return one;
    ADD_FAILURE() << "not told of " << voice;
    return {};
  }
};

}  // namespace infinara::sound

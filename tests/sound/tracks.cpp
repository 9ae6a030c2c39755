// SPDX-License-Identifier: Apache-2.0
#include "sound/tracks.hpp"

#include <cmath>
#include <complex>
#include <cstdlib>
#include <numbers>
#include <optional>
#include <random>

namespace infinara::sound {

Samples sine(std::int64_t length, double hertz, double amplitude, double phase) {
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

Samples noise(std::int64_t length, unsigned seed, int amplitude) {
  std::mt19937 rng(seed);
  Samples samples(static_cast<std::size_t>(length) * 2);
  for (auto& x : samples)
    x = static_cast<std::int16_t>(
        static_cast<int>(rng() % (2U * static_cast<unsigned>(amplitude) + 1)) - amplitude);
  return samples;
}

Samples level(std::int64_t length, std::int16_t value) {
  return Samples(static_cast<std::size_t>(length) * 2, value);
}

int largest_step(const Samples& samples, bool from_silence) {
  int largest = 0;
  for (std::size_t k = from_silence ? 0 : 2; k < samples.size(); ++k)
    largest = std::max(largest, std::abs(samples[k] - (k < 2 ? 0 : samples[k - 2])));
  return largest;
}

TestProgramme::Track& TestProgramme::add(const std::string& name, Samples samples,
                                         std::size_t buffer) {
  const auto number = static_cast<unsigned>(tracks.size());
  tracks.push_back({mix.add(number), number, name, std::move(samples), buffer});
  return tracks.back();
}

bool TestProgramme::write(Track& track) {
  if (track.ended || mix.room(track.id) <= 0) return false;
  const auto made = static_cast<std::size_t>(
      std::min<std::int64_t>(track.available, static_cast<std::int64_t>(track.samples.size()) / 2));
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

void TestProgramme::write_all() {
  for (auto& track : tracks)
    while (write(track)) {
    }
}

void TestProgramme::frame() {
  write_all();
  Samples frame(kFrameValues);
  ASSERT_EQ(mix.render(frame), kFrame);
  out.insert(out.end(), frame.begin(), frame.end());
  take_edits();
}

void TestProgramme::check_foresight(const Edit& enters) const {
  const auto& name = std::ranges::find(tracks, *enters.track, &Track::number)->name;
  for (auto one = edits.rbegin(); one != edits.rend(); ++one) {
    if (one->what == Edit::What::kEnters && one->id == enters.voice) return;  // it was told before
    if (one->what != Edit::What::kLeaves || one->voice != name) continue;
    EXPECT_EQ(one->enters, enters.at) << name;
    return;
  }
}

void TestProgramme::take_edits() {
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

void TestProgramme::run_out() {
  for (int i = 0; i < 60'000 && !mix.is_finished(); ++i) frame();
  ASSERT_TRUE(mix.is_finished());
}

std::vector<TrackEdit> TestProgramme::told(Edit::What what) const {
  std::vector<TrackEdit> found;
  for (const auto& one : edits)
    if (one.what == what) found.push_back(one);
  return found;
}

TrackEdit TestProgramme::told(Edit::What what, const std::string& voice) const {
  for (const auto& one : edits)
    if (one.what == what && one.voice == voice) return one;
  ADD_FAILURE() << "not told of " << voice;
  return {};
}

}  // namespace infinara::sound

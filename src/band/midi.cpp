// SPDX-License-Identifier: Apache-2.0
#include "band/midi.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace infinara::band {

namespace {

constexpr int kDrumChannel = 9;

std::string big_endian(std::uint32_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i));
  return text;
}

/// Seven bits a byte, all but the last with the highest bit set.
std::string variable(std::uint32_t number) {
  std::string text(1, static_cast<char>(number & 0x7F));
  while ((number >>= 7) != 0) text.insert(text.begin(), static_cast<char>(0x80 | (number & 0x7F)));
  return text;
}

std::string chunk(std::string_view kind, const std::string& content) {
  std::string text(kind);
  text += big_endian(static_cast<std::uint32_t>(content.size()), 4);
  return text + content;
}

std::string short_message(int kind, int channel, int first, int second = -1) {
  std::string text{static_cast<char>(kind | channel), static_cast<char>(first)};
  if (second >= 0) text += static_cast<char>(second);
  return text;
}

/// One track, whose events may be added in any order.
class Track {
 public:
  void meta(int tick, int kind, std::string_view content) {
    std::string text{static_cast<char>(0xFF), static_cast<char>(kind)};
    text += variable(static_cast<std::uint32_t>(content.size()));
    add(tick, 1, text.append(content));
  }
  void name(std::string_view name) { meta(0, 0x03, name); }
  void program(int channel, int program) { add(0, 1, short_message(0xC0, channel, program)); }
  void pan(int channel, double pan) {
    add(0, 1, short_message(0xB0, channel, 10, static_cast<int>(std::lround(64 + 63 * pan))));
  }
  void note(int channel, int tick, int end, int key, int velocity) {
    add(tick, 2, short_message(0x90, channel, key, velocity));
    add(end, 0, short_message(0x80, channel, key, 64));
  }
  std::string bytes() {
    std::ranges::stable_sort(events_, [](const Event& a, const Event& b) {
      return a.tick != b.tick ? a.tick < b.tick : a.place < b.place;
    });
    std::string content;
    int last = 0;
    for (const Event& event : events_) {
      content += variable(static_cast<std::uint32_t>(event.tick - last)) + event.bytes;
      last = event.tick;
    }
    content += variable(0) + std::string("\xFF\x2F\0", 3);
    return chunk("MTrk", content);
  }

 private:
  struct Event {
    int tick;
    int place;  // among those of the same tick: ends of notes first, then what is no note
    std::string bytes;
  };
  void add(int tick, int place, std::string bytes) {
    events_.push_back({tick, place, std::move(bytes)});
  }
  std::vector<Event> events_;
};

/// What General MIDI has that is nearest to our own voices.
int stand_in_program(Role role) {
  switch (role) {
    case Role::kBass:
    case Role::kWalk:
      return 38;  // synth bass
    case Role::kLead:
    case Role::kDouble:
    case Role::kSolo:
      return 80;  // square lead
    case Role::kArp:
      return 81;  // saw lead
    case Role::kComp:
      return 90;  // polysynth
    case Role::kRiser:
    case Role::kImpact:
    case Role::kFall:
      return 97;  // sound track
    default:
      return 89;  // warm pad
  }
}

std::string conductor(const Score& score) {
  Track track;
  track.name(score.sheet->genre + " in " + key_name(score.key));
  const auto tempo = [&](int tick, double slowing) {
    const auto micros = static_cast<std::uint32_t>(std::lround(60e6 / score.bpm * (1 + slowing)));
    track.meta(tick, 0x51, big_endian(micros, 3));
  };
  tempo(0, 0);
  constexpr int kEighth = 2 * kStep;  // of a ritardando has one tempo, that of its middle
  for (int tick = score.slow_tick; tick < score.end_tick; tick += kEighth) {
    const int middle = tick + kEighth / 2;
    tempo(tick, score.slowing_at(middle));
  }
  if (score.slow_tick < score.end_tick) tempo(score.end_tick, 0);
  const music::BeatGrid grid = score.beats();
  const double quarters = grid.beats_per_bar * kStep * 4.0 / score.bar_ticks();
  const auto unit = static_cast<unsigned>(std::lround(4 * quarters));  // 4: quarters, 8: eighths
  track.meta(
      0, 0x58,
      std::string{static_cast<char>(grid.beats_per_bar), static_cast<char>(std::countr_zero(unit)),
                  static_cast<char>(6 * score.sheet->beat_steps()),  // clocks, 24 a quarter
                  8});
  track.meta(0, 0x59,
             std::string{static_cast<char>(music::signature(score.key)),
                         static_cast<char>(is_minor(score.key.mode) ? 1 : 0)});
  for (const Section& section : score.sections)
    track.meta(section.first_bar * score.bar_ticks(), 0x06, section.name);
  for (const ChordSpan& span : score.chords) track.meta(span.tick, 0x01, span.chord.name);
  return track.bytes();
}

/// Where a note ends: before its pitch is struck again. Of two strokes at once the second one
/// stays, and the first ends where it begins.
int end_of(const std::vector<Note>& notes, std::size_t index) {
  const Note& note = notes[index];
  int end = note.tick + std::max(1, note.length);
  for (std::size_t i = index + 1; i < notes.size() && notes[i].tick < end; ++i)
    if (notes[i].pitch == note.pitch) end = notes[i].tick;
  return end;
}

}  // namespace

std::string to_midi(const Score& score) {
  std::vector<std::string> tracks{conductor(score)};
  int channel = 0;
  for (const Part& part : score.parts) {
    if (part.notes.empty()) continue;
    Track track;
    track.name(part.sheet->name);
    track.program(channel, part.sheet->program >= 0 ? part.sheet->program
                                                    : stand_in_program(part.sheet->role));
    track.pan(channel, part.sheet->pan);
    for (std::size_t i = 0; i < part.notes.size(); ++i) {
      const Note& note = part.notes[i];
      const int end = end_of(part.notes, i);
      if (end > note.tick) track.note(channel, note.tick, end, note.pitch, note.velocity);
    }
    tracks.push_back(track.bytes());
    if (++channel == kDrumChannel) ++channel;
  }
  if (!score.hits.empty()) {
    Track drums;
    drums.name("drums");
    drums.program(kDrumChannel, std::max(0, score.sheet->drums.program));
    for (const Hit& hit : score.hits)
      drums.note(kDrumChannel, hit.tick, hit.tick + kStep / 2,
                 kDrumKeys[static_cast<std::size_t>(hit.drum)], hit.velocity);
    tracks.push_back(drums.bytes());
  }
  std::string file =
      chunk("MThd", big_endian(1, 2) + big_endian(static_cast<std::uint32_t>(tracks.size()), 2) +
                        big_endian(4 * kStep, 2));
  for (const std::string& track : tracks) file += track;
  return file;
}

}  // namespace infinara::band

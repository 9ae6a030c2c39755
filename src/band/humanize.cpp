// SPDX-License-Identifier: Apache-2.0
#include "band/humanize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "band/block.hpp"
#include "music/random.hpp"

namespace infinara::band {

namespace {

double swung(const Score& score, int tick) {
  const int unit = score.sheet->swing_unit;
  if (unit == 0) return tick;
  const int pair = unit == 8 ? 4 * kStep : 2 * kStep;
  const double in = static_cast<double>(tick % pair) / pair;
  const double s = score.swing;
  const double moved = in < 0.5 ? in * 2 * s : s + (in - 0.5) * 2 * (1 - s);
  return tick - tick % pair + moved * pair;
}

/// How far a player is off: a slow drift with a quick shake on top.
class Hands {
 public:
  Hands(music::Random random, double ms, double late_ms)
      : random_(random), ms_(ms), late_(late_ms) {}
  double seconds() {
    drift_ = 0.9 * drift_ + 0.35 * random_.normal();
    return (late_ + ms_ * (0.6 * drift_ + 0.5 * random_.normal())) / 1000;
  }
  int velocity(double spread) {
    return static_cast<int>(std::lround(spread * random_.normal() * 0.6));
  }

 private:
  music::Random random_;
  double ms_, late_, drift_ = 0;
};

}  // namespace

std::vector<Event> perform(const Score& score, std::uint32_t seed) {
  std::vector<Event> events;
  const auto block_of = [&](double seconds) {
    return static_cast<std::uint32_t>(std::max(0L, std::lround(seconds * sound::kRate / kBlock)));
  };
  const auto velocity_of = [](int v) { return static_cast<std::uint8_t>(std::clamp(v, 1, 127)); };
  for (std::size_t p = 0; p < score.parts.size(); ++p) {
    const Part& part = score.parts[p];
    Hands hands(music::Random(seed, "hands " + part.sheet->name), score.sheet->human_ms,
                part.sheet->late);
    std::array<std::size_t, 128> sounding;  // the event that ends a pitch
    sounding.fill(static_cast<std::size_t>(-1));
    int chord_tick = -1;
    double offset = 0;
    for (const Note& note : part.notes) {
      if (note.tick != chord_tick) offset = hands.seconds();  // the tones of a chord stay together
      chord_tick = note.tick;
      const double begin = score.seconds_at(swung(score, note.tick)) + offset +
                           note.strum * part.sheet->strum / 1000;
      const double end = score.seconds_at(swung(score, note.tick + note.length)) + offset;
      const std::uint32_t on = block_of(begin);
      const auto pitch = static_cast<std::uint8_t>(std::clamp(note.pitch, 0, 127));
      if (const auto before = sounding[pitch]; before < events.size())
        events[before].block = std::min(events[before].block, on);
      events.push_back({on, true, static_cast<std::uint8_t>(p), pitch,
                        velocity_of(note.velocity + hands.velocity(score.sheet->human_velocity))});
      sounding[pitch] = events.size();
      events.push_back(
          {std::max(on + 8, block_of(end)), false, static_cast<std::uint8_t>(p), pitch, 0});
    }
  }
  Hands hands(music::Random(seed, "hands drums"), score.sheet->human_ms * 0.6, 0);
  for (const Hit& hit : score.hits) {
    double at = score.seconds_at(swung(score, hit.tick));
    if (hit.drum != Drum::kKick) at += hands.seconds();
    if (hit.drum == Drum::kSnare || hit.drum == Drum::kRim || hit.drum == Drum::kClap)
      at += score.sheet->snare_late_ms / 1000;
    events.push_back(
        {block_of(at), true, kDrums, static_cast<std::uint8_t>(hit.drum),
         velocity_of(hit.velocity + hands.velocity(score.sheet->human_velocity * 0.8))});
  }
  std::ranges::stable_sort(events, {},
                           [](const Event& e) { return std::tuple(e.block, e.on, e.part); });
  return events;
}

}  // namespace infinara::band

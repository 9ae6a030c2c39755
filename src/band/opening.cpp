// SPDX-License-Identifier: Apache-2.0
#include "band/opening.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "band/parts.hpp"

namespace infinara::band {

namespace {

constexpr double kAllAtOnce = 0.4;   // how often
constexpr double kLongestBar = 2.6;  // seconds; a longer one leaves room for silence

/// The part waits for `tick`: what it would have begun before is left out, what sounds on into it
/// begins there.
void wait(Part& part, int tick) {
  std::vector<Note> kept;
  for (Note note : part.notes) {
    const int end = note.tick + note.length;
    if (note.tick < tick) {
      if (end - tick < 4 * kStep) continue;
      note.length = end - tick;
      note.tick = tick;
    }
    kept.push_back(note);
  }
  std::ranges::stable_sort(kept, {}, &Note::tick);
  part.notes = std::move(kept);
}

bool sounds_before(const Part& part, int tick) {
  return std::ranges::any_of(part.notes, [tick](const Note& note) { return note.tick < tick; });
}

}  // namespace

void open_up(Score& score, music::Random& random) {
  if (score.sections.size() < 4 || score.sections.front().bars < 4) return;
  const bool is_slow = score.bar_ticks() * score.seconds_per_tick() > kLongestBar;
  const int entry = (is_slow ? 1 : 2) * score.bar_ticks();
  if (random.chance(kAllAtOnce)) return;
  if (std::ranges::none_of(score.hits, [&](const Hit& hit) { return hit.tick < entry; })) return;
  std::vector<std::size_t> able;  // to be alone with the drums
  for (std::size_t i = 0; i < score.parts.size(); ++i) {
    const Role role = score.parts[i].sheet->role;
    if (!is_tune(role) && role != Role::kRiser && role != Role::kImpact && role != Role::kFall &&
        sounds_before(score.parts[i], score.bar_ticks()))
      able.push_back(i);
  }
  if (able.size() < 2) return;
  const std::size_t first = random.pick(able);
  for (std::size_t i = 0; i < score.parts.size(); ++i) {
    const bool is_bed = is_slow && score.parts[i].sheet->role == Role::kPad;
    if (i != first && !is_bed) wait(score.parts[i], entry);
  }
}

}  // namespace infinara::band

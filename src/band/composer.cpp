// SPDX-License-Identifier: Apache-2.0
#include "band/composer.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "band/arranger.hpp"
#include "band/drummer.hpp"
#include "band/groove.hpp"
#include "band/harmony.hpp"
#include "band/lineup.hpp"
#include "band/opening.hpp"
#include "band/parts.hpp"
#include "music/random.hpp"

namespace infinara::band {

namespace {

/// Lowers all velocities in sections of low energy and raises them in sections of high energy.
/// Pitches and velocities stay within MIDI's range.
void add_dynamics(Score& score) {
  constexpr double kVelocityPerEnergy = 20, kUsual = 0.65;
  const auto more = [&](int tick) {
    return static_cast<int>(
        std::lround((score.section_at(tick).energy - kUsual) * kVelocityPerEnergy));
  };
  for (Part& part : score.parts)
    for (Note& note : part.notes) {
      note.pitch = std::clamp(note.pitch, 0, 127);  // a sheet may ask for intervals beyond MIDI
      note.velocity = std::clamp(note.velocity + more(note.tick), 1, 127);
    }
  for (Hit& hit : score.hits) hit.velocity = std::clamp(hit.velocity + more(hit.tick), 1, 127);
}

/// A tune for each theme, over the chords of the first section that has room for all of it.
Tunes make_tunes(const Score& score, music::Random& random) {
  const auto& parts = score.sheet->parts;
  const bool penta =
      std::ranges::any_of(parts, [](const auto& p) { return p.role == Role::kLead && p.penta; });
  Tunes tunes;
  for (std::size_t t = 0; t < tunes.size(); ++t) {
    const Theme theme = make_theme(*score.sheet, random);
    const Section* place = nullptr;
    for (const Section& section : score.sections)
      if (section.theme == static_cast<char>('A' + t) &&
          (place == nullptr || (place->bars < 8 && section.bars >= 8)))
        place = &section;
    const bool five = penta && random.chance(0.5);  // some pass through all seven notes
    // C and D go on from the motifs of A and B, mostly.
    const Melody* other =
        t >= 2 && random.chance(0.9) && !tunes[t - 2].tones.empty() ? &tunes[t - 2] : nullptr;
    if (place != nullptr) tunes[t] = sing(theme, score, place->first_bar, five, other);
  }
  return tunes;
}

/// An order for major or minor gets one of the sheet's modes with that third, mostly the plain one;
/// an order for another mode mostly that one, if the sheet has it.
Mode mode_within(const Sheet& sheet, Mode ordered, music::Random& random) {
  if (std::ranges::find(sheet.modes, ordered, &std::pair<Mode, double>::first) == sheet.modes.end())
    ordered = plain(Key{0, ordered}).mode;
  std::vector<Mode> modes{ordered};
  std::vector<double> weights{1};
  for (const auto& [mode, weight] : sheet.modes) {
    if (is_minor(mode) != is_minor(ordered)) continue;
    if (mode == ordered) {
      weights[0] += weight;
    } else {
      modes.push_back(mode);
      weights.push_back(0.25 * weight);
    }
  }
  return modes[random.weighted(weights)];
}

}  // namespace

Score compose(const Sheet& sheet, const ComposeRequest& request) {
  Score score;
  music::Random players(request.seed, "line-up");
  music::Random metres(request.seed, "metre");
  auto own = std::make_shared<Sheet>(line_up(in_its_metre(sheet, metres), players));
  music::Random grooves(request.seed, "grooves");
  make_grooves(*own, grooves);
  score.sheet = own.get();
  score.own = std::move(own);
  music::Random random(request.seed, "plan");
  if (request.key != nullptr) {
    score.key = {request.key->tonic, mode_within(sheet, request.key->mode, random)};
  } else {
    std::vector<double> weights;
    for (const auto& mode : sheet.modes) weights.push_back(mode.second);
    score.key.mode = sheet.modes[random.weighted(weights)].first;
    score.key.tonic = sheet.tonics.empty() ? random.between(0, 11) : random.pick(sheet.tonics);
  }
  score.swing = sheet.swing_low + (sheet.swing_high - sheet.swing_low) * random.uniform32();
  music::Random tempo(request.seed, "tempo");
  fit_tempo(score, request, tempo);
  music::Random form(request.seed, "form");
  fit_form(score, request, form);
  music::Random chords(request.seed, "chords");
  lay_chords(score, chords);

  music::Random tune(request.seed, "tune");
  const Tunes tunes = make_tunes(score, tune);
  for (const PartSheet& part : score.sheet->parts)
    if (std::ranges::any_of(score.sections, [&](const Section& s) { return plays_in(part, s); }))
      score.parts.push_back({&part, {}});
  for (std::size_t i = 0; i < score.parts.size(); ++i) play_part(score, i, tunes, request.seed);
  make_room(score);
  if (sheet.harmony.strict > 0) part_ways(score);
  play_drums(score, request.seed);
  music::Random opening(request.seed, "opening");
  open_up(score, opening);
  add_dynamics(score);
  return score;
}

}  // namespace infinara::band

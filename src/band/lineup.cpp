// SPDX-License-Identifier: Apache-2.0
#include "band/lineup.hpp"

#include <algorithm>
#include <utility>

namespace infinara::band {

namespace {

PartSheet hire(const PartSheet& part, music::Random& random) {
  const auto which = random.below(static_cast<std::uint32_t>(part.others.size() + 1));
  PartSheet player = which == 0 ? part : part.others[which - 1];
  player.others.clear();
  if (player.rows.empty()) player.rows = part.rows;
  player.late += 2.5 * random.normal();  // some push, some drag
  player.pan = std::clamp(player.pan + 0.05 * random.normal(), -0.8, 0.8);
  player.reverb *= 0.75 + 0.5 * random.uniform32();
  return player;
}

DrumSheet set_up(const DrumSheet& drums, music::Random& random) {
  const auto which = random.below(static_cast<std::uint32_t>(drums.others.size() + 1));
  DrumSheet kit = which == 0 ? drums : drums.others[which - 1];
  kit.others.clear();
  kit.rows = drums.rows;
  kit.fills = drums.fills;
  return kit;
}

}  // namespace

Sheet in_its_metre(const Sheet& sheet, music::Random& random) {
  Sheet track = sheet;
  track.metres.clear();
  double place = random.uniform32();
  for (const MetreSheet& metre : sheet.metres) {
    if ((place -= metre.share) >= 0) continue;
    track.beats = metre.beats;
    track.compound = metre.compound;
    track.cells = metre.cells;
    for (PartSheet& part : track.parts)
      for (const auto& [name, rows] : metre.rows)
        if (name == part.name) part.rows = rows;
    track.drums.rows = metre.drum_rows;
    track.drums.fills = metre.fills;
    break;
  }
  return track;
}

Sheet line_up(const Sheet& sheet, music::Random& random) {
  Sheet track = sheet;
  for (std::size_t i = track.shapes.size(); i > 1; --i)
    std::swap(track.shapes[i - 1], track.shapes[random.below(static_cast<std::uint32_t>(i))]);
  track.parts.clear();
  for (const PartSheet& part : sheet.parts) {
    const bool comes = random.chance(part.chance);
    PartSheet player =
        hire(part, random);  // drawn in any case: a part left out must not change the next
    if (comes) track.parts.push_back(std::move(player));
  }
  if (track.parts.empty()) track.parts.push_back(hire(sheet.parts.front(), random));
  track.drums = set_up(sheet.drums, random);
  const auto room = random.below(static_cast<std::uint32_t>(sheet.rooms.size() + 1));
  if (room > 0) track.effects = sheet.rooms[room - 1];
  track.effects.reverb_seconds =
      std::clamp(track.effects.reverb_seconds * (0.85 + 0.3 * random.uniform32()), 0.1, 12.0);
  if (random.chance(0.5)) {  // the stage seen from the other side
    for (PartSheet& part : track.parts) part.pan = -part.pan;
  }
  track.rooms.clear();
  return track;
}

}  // namespace infinara::band

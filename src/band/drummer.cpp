// SPDX-License-Identifier: Apache-2.0
#include "band/drummer.hpp"

#include <algorithm>
#include <array>

#include "music/random.hpp"

namespace infinara::band {

namespace {

/// Of each drum the row that it plays in a section, or null.
using Rows = std::array<const Row*, kDrumNames.size()>;

class Drummer {
 public:
  Drummer(Score& score, std::uint32_t seed)
      : score_(score),
        sheet_(score.sheet->drums),
        random_(seed, "drums"),
        builds_(seed, "builds"),
        steps_(score.sheet->steps()),
        bar_(steps_ * kStep) {}

  void play() {
    bool plays = false;
    for (std::size_t s = 0; s < score_.sections.size(); ++s) {
      const Section& section = score_.sections[s];
      const Rows rows = rows_for(section.energy);
      const bool played = plays;
      plays = std::ranges::any_of(rows, [](const Row* row) { return row != nullptr; });
      if (!plays) continue;
      const bool rises =
          s == 1 || (s > 0 && (!played || score_.sections[s - 1].energy < section.energy));
      if (section.energy >= 0.6 && section.bars > 0 && rises && random_.chance(sheet_.crash))
        hit(section.first_bar * bar_, Drum::kCrash, 'x');
      const int built = bars_of_build(s);
      for (int b = 0; b < section.bars - built; ++b) play_bar(section, b, rows);
      if (built > 0) build(section, built, rows);
    }
    if (plays) end();
    std::ranges::stable_sort(score_.hits, {}, &Hit::tick);
    keep_two_hands();
  }

 private:
  void hit(int tick, Drum drum, char c) {
    if (c == '.') return;
    const int velocity = sheet_.velocity + (c == 'X' ? 14 : c == 'o' ? -36 : -4);
    score_.hits.push_back({tick, drum, std::clamp(velocity, 1, 127)});
  }

  /// Among those that begin at or below the energy the highest, random among equals.
  Rows rows_for(double energy) {
    Rows rows{};
    for (std::size_t d = 0; d < rows.size(); ++d) {
      std::vector<const Row*> best;
      for (const auto& [drum, row] : sheet_.rows) {
        if (static_cast<std::size_t>(drum) != d || row.energy > energy) continue;
        if (!best.empty() && row.energy < best.front()->energy) continue;
        if (!best.empty() && row.energy > best.front()->energy) best.clear();
        best.push_back(&row);
      }
      if (!best.empty()) rows[d] = random_.pick(best);
    }
    return rows;
  }

  void play_bar(const Section& section, int b, const Rows& rows) {
    const Fill* fill = fill_for(section, b);
    int fill_from = steps_;
    if (fill != nullptr)
      for (const auto& [drum, row] : fill->rows)
        if (const auto at = row.steps.find_first_not_of('.'); at != row.steps.npos)
          fill_from = std::min(fill_from, static_cast<int>(at));
    const int first = (section.first_bar + b) * bar_;
    for (std::size_t d = 0; d < rows.size(); ++d) {
      if (rows[d] == nullptr) continue;
      const auto drum = static_cast<Drum>(d);
      const std::string& steps = rows[d]->steps;
      const bool through = keeps_time(drum) || drum == Drum::kKick;  // the time goes on in a fill
      for (int i = 0; i < (through ? steps_ : fill_from); ++i)
        hit(first + i * kStep, drum,
            steps[static_cast<std::size_t>(b * steps_ + i) % steps.size()]);
    }
    if (fill == nullptr) return;
    for (const auto& [drum, row] : fill->rows)
      for (int i = 0; i < steps_; ++i) {
        char c = row.steps[static_cast<std::size_t>(i)];
        if (c == 'x' && i % 2 != 0 && random_.chance(0.2)) c = 'o';
        hit(first + i * kStep, drum, c);
      }
  }

  /// How many of the last bars of a section lead up to one that is much livelier; 0: none.
  int bars_of_build(std::size_t s) {
    constexpr double kMuch = 0.2 - 1e-9;  // of energy; the sheets write hundredths
    if (s + 2 >= score_.sections.size() || !builds_.chance(sheet_.build)) return 0;
    const Section& section = score_.sections[s];
    if (score_.sections[s + 1].energy - section.energy < kMuch || section.bars < 4) return 0;
    return section.bars >= 8 && builds_.chance(0.5) ? 4 : 2;
  }

  /// A roll of beats, eighths and sixteenths that grows; in its last bar the kick is silent.
  void build(const Section& section, int bars, const Rows& rows) {
    const int before = section.bars - bars, count = bars * steps_;
    const int first = (section.first_bar + before) * bar_, beat = score_.sheet->beat_steps();
    const bool kicks = rows[static_cast<std::size_t>(Drum::kKick)] != nullptr;
    for (int i = 0; i < count; ++i) {
      const int pace = i < count / 2 ? beat : i < count * 3 / 4 ? 2 : 1;
      const int velocity = sheet_.velocity - 40 + 44 * i / count + (i % beat == 0 ? 6 : 0);
      if (i % pace == 0)
        score_.hits.push_back({first + i * kStep, Drum::kSnare, std::clamp(velocity, 1, 127)});
      if (kicks && i < count - steps_ && i % beat == 0) hit(first + i * kStep, Drum::kKick, 'x');
      for (const Drum drum : {Drum::kHat, Drum::kShaker})
        if (const Row* row = rows[static_cast<std::size_t>(drum)]; row != nullptr)
          hit(first + i * kStep, drum,
              row->steps[static_cast<std::size_t>(before * steps_ + i) % row->steps.size()]);
    }
  }

  static bool keeps_time(Drum drum) {
    return drum == Drum::kHat || drum == Drum::kRide || drum == Drum::kShaker;
  }

  /// Which drums two hands keep of a stroke that needs three: the lowest rank stays first. -1: no
  /// hand of the drummer plays it (kick, clap, shaker, tambourine, cowbell, congas).
  static int rank(Drum drum) {
    switch (drum) {
      case Drum::kCrash:
        return 0;
      case Drum::kSnare:
      case Drum::kBrush:
        return 1;
      case Drum::kTomLow:
      case Drum::kTomMid:
      case Drum::kTomHigh:
        return 2;
      case Drum::kRim:
        return 3;
      case Drum::kRide:
      case Drum::kOpen:
        return 4;
      case Drum::kHat:
        return 5;
      default:
        return -1;
    }
  }

  /// One stroke of a drum at a time, one cymbal that keeps the time, and two hands in all.
  void keep_two_hands() {
    std::vector<Hit> kept;
    for (std::size_t from = 0, to; from < score_.hits.size(); from = to) {
      to = from;
      while (to < score_.hits.size() && score_.hits[to].tick == score_.hits[from].tick) ++to;
      std::stable_sort(score_.hits.begin() + static_cast<std::ptrdiff_t>(from),
                       score_.hits.begin() + static_cast<std::ptrdiff_t>(to),
                       [](const Hit& a, const Hit& b) { return rank(a.drum) < rank(b.drum); });
      int hands = 0;
      bool cymbal = false;
      for (std::size_t i = from; i < to; ++i) {
        const Hit& hit = score_.hits[i];
        const bool twice = std::any_of(score_.hits.begin() + static_cast<std::ptrdiff_t>(from),
                                       score_.hits.begin() + static_cast<std::ptrdiff_t>(i),
                                       [&](const Hit& before) { return before.drum == hit.drum; });
        const bool by_hand = rank(hit.drum) >= 0, time = rank(hit.drum) >= 4;
        if (twice || (by_hand && hands == 2) || (time && cymbal)) continue;
        hands += by_hand;
        cymbal = cymbal || time || hit.drum == Drum::kCrash;
        kept.push_back(hit);
      }
    }
    score_.hits = std::move(kept);
  }

  /// Most last bars of a section have one, and some in the middle of a long one.
  const Fill* fill_for(const Section& section, int b) {
    const bool last = b + 1 == section.bars && section.bars >= 2;
    const bool middle = section.bars >= 8 && b % 4 == 3 && !last;
    if (sheet_.fills.empty()) return nullptr;
    const bool fills = (last && random_.chance(section.energy > 0.45 ? 0.95 : 0.6)) ||
                       (middle && random_.chance(0.3));
    return fills ? &random_.pick(sheet_.fills) : nullptr;
  }

  void end() {
    if (score_.ending == Ending::kCold &&
        sheet_.rows.end() != std::ranges::find(sheet_.rows, Drum::kSnare, &DrumRow::drum)) {
      hit(score_.end_tick, Drum::kKick, 'x');
      return hit(score_.end_tick, Drum::kSnare, 'x');
    }
    if (std::ranges::any_of(sheet_.rows, [](const DrumRow& r) { return r.drum == Drum::kKick; }))
      hit(score_.end_tick, Drum::kKick, 'x');
    const bool loud = score_.sections.back().energy >= 0.5 && random_.chance(sheet_.crash);
    hit(score_.end_tick, loud ? Drum::kCrash : Drum::kRide, loud ? 'x' : 'o');
  }

  Score& score_;
  const DrumSheet& sheet_;
  music::Random random_;
  music::Random builds_;
  const int steps_;  // in a bar
  const int bar_;    // ticks
};

}  // namespace

void play_drums(Score& score, std::uint32_t seed) {
  if (!score.sheet->drums.rows.empty()) Drummer(score, seed).play();
}

}  // namespace infinara::band

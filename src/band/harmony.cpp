// SPDX-License-Identifier: Apache-2.0
#include "band/harmony.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

namespace infinara::band {

namespace {

using Bar = std::vector<Chord>;
using Changes = std::vector<Bar>;

enum class Function { kTonic, kSubdominant, kDominant };

/// What a chord does in its key, told by its root.
Function function_of(const Chord& chord, bool minor) {
  switch (chord.root) {
    case 0:
    case 9:
      return Function::kTonic;
    case 3:
      return minor ? Function::kTonic : Function::kSubdominant;
    case 4:
      return minor ? Function::kDominant : Function::kTonic;
    case 7:
    case 10:
    case 11:
    case 1:
      return Function::kDominant;
    default:
      return Function::kSubdominant;
  }
}

/// Whether tonal music likes to go from one to the other; songs also step back from V to IV.
double liking(Function from, Function to) {
  if (from == Function::kDominant && to == Function::kSubdominant) return 0.25;
  if (from == to) return 0.4;
  return 1;
}

/// The chords of a mode and what follows what, as the sheet's progressions have it.
class Vocabulary {
 public:
  Vocabulary(const Sheet& sheet, Mode mode) : minor_(is_minor(mode)) {
    for (const Progression& p : sheet.progressions) {
      if (p.mode != mode) continue;
      std::vector<std::size_t> line;
      for (const Bar& bar : p.bars)
        for (const Chord& chord : bar) line.push_back(place_of(chord));
      for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] != line[(i + 1) % line.size()])
          follows_[{line[i], line[(i + 1) % line.size()]}] += i + 1 < line.size() ? 1 : 0.5;
      starts_[p.theme].push_back(line.front());
    }
    for (const Progression& p : sheet.borrowed)
      if (p.mode == mode)
        for (const Bar& bar : p.bars)
          for (const Chord& chord : bar) borrowed_.push_back(place_of(chord));
  }

  const Chord& chord(std::size_t i) const { return chords_[i]; }
  std::size_t start(char theme, music::Random& random) const {
    return random.pick(starts_.at(theme));
  }
  /// What comes after `last`; `home` weighs what leads back to a chord. Borrowed chords are rare.
  std::size_t next(std::size_t last, const std::size_t* home, double borrow,
                   music::Random& random) const {
    std::vector<double> weights(chords_.size());
    for (std::size_t i = 0; i < chords_.size(); ++i) {
      weights[i] = step(last, i);
      if (i == last) weights[i] = 0.15;
      if (home != nullptr) weights[i] *= 0.15 + step(i, *home);
      if (std::ranges::find(borrowed_, i) != borrowed_.end()) weights[i] *= borrow;
    }
    return random.weighted(weights);
  }
  /// A chord that leads from one to the other, neither of both.
  std::size_t between(std::size_t from, std::size_t to, music::Random& random) const {
    std::vector<double> weights(chords_.size());
    for (std::size_t i = 0; i < chords_.size(); ++i)
      weights[i] = i == from || i == to || chords_[i].root == chords_[from].root
                       ? 0
                       : step(from, i) * step(i, to);
    const bool none = std::ranges::all_of(weights, [](double w) { return w == 0; });
    return none ? from : random.weighted(weights);
  }
  /// Another chord with the same function, or the chord itself.
  std::size_t instead(std::size_t of, music::Random& random) const {
    std::vector<double> weights(chords_.size());
    for (std::size_t i = 0; i < chords_.size(); ++i)
      weights[i] = i != of && function_of(chords_[i], minor_) == function_of(chords_[of], minor_) &&
                           std::ranges::find(borrowed_, i) == borrowed_.end()
                       ? 1
                       : 0;
    return std::ranges::all_of(weights, [](double w) { return w == 0; }) ? of
                                                                         : random.weighted(weights);
  }
  std::size_t place_of(const Chord& chord) {
    const auto found = std::ranges::find(chords_, chord.name, &Chord::name);
    if (found != chords_.end()) return static_cast<std::size_t>(found - chords_.begin());
    chords_.push_back(chord);
    return chords_.size() - 1;
  }

 private:
  double step(std::size_t from, std::size_t to) const {
    const auto known = follows_.find({from, to});
    return 0.3 * liking(function_of(chords_[from], minor_), function_of(chords_[to], minor_)) +
           (known == follows_.end() ? 0 : known->second);
  }

  bool minor_;
  std::vector<Chord> chords_;
  std::map<std::pair<std::size_t, std::size_t>, double> follows_;
  std::map<char, std::vector<std::size_t>> starts_;
  std::vector<std::size_t> borrowed_;
};

class Harmonist {
 public:
  Harmonist(Score& score, music::Random& random)
      : score_(score),
        sheet_(*score.sheet),
        random_(random),
        words_(sheet_, score.key.mode),
        minor_(is_minor(score.key.mode)),
        bar_(sheet_.steps() * kStep) {}

  void lay() {
    std::array<Changes, 4> themes;
    for (std::size_t t = 0; t < themes.size(); ++t) {
      themes[t] = changes(t % 2 == 0 ? 'A' : 'B');
      if (t >= 2 && names(themes[t]) == names(themes[t - 2])) themes[t] = changed(themes[t]);
    }
    std::array<int, 4> heard{};
    for (std::size_t s = 0; s < score_.sections.size(); ++s) {
      const Section& section = score_.sections[s];
      const auto theme = static_cast<std::size_t>(section.theme - 'A');
      Changes bars = spread(themes[theme], section.bars);
      if (heard[theme]++ > 0 && random_.chance(sheet_.harmony.reharmonise)) bars = changed(bars);
      finish(bars, s, themes);
      write(bars, section);
    }
    end(themes);
  }

 private:
  /// Whether a bar has room for two steps of the changes; of three beats the first has two.
  bool has_halves() const { return sheet_.beats % 2 == 0 || sheet_.beats == 3; }

  static std::string names(const Changes& changes) {
    std::string all;
    for (const Bar& bar : changes)
      for (const Chord& chord : bar) all += chord.name + " ";
    return all;
  }

  /// The changes of a theme: written ones, a little changed, or invented ones.
  Changes changes(char theme) {
    std::vector<const Progression*> fitting;
    for (const auto& p : sheet_.progressions)
      if (p.mode == score_.key.mode && p.theme == theme) fitting.push_back(&p);
    const Progression& written = *random_.pick(fitting);
    Changes bars = written.bars;
    if (random_.chance(sheet_.harmony.invent))
      bars = invented(theme, bars.size() < 4 ? 4 : bars.size(), bars.size() < 4);
    else if (random_.chance(0.5))
      bars = changed(bars);
    return bars;
  }

  /// A walk through the vocabulary that leads home at its end; `slow` where the sheet's changes
  /// are.
  Changes invented(char theme, std::size_t count, bool slow) {
    const std::size_t first = words_.start(theme, random_);
    Changes bars{{words_.chord(first)}};
    std::size_t last = first;
    const bool halved = random_.chance(slow ? 0.7 : sheet_.harmony.hold);
    for (std::size_t i = 1; i < count; ++i) {
      const bool stays = halved && i % 2 != 0 && i + 1 < count;
      const std::size_t next = stays ? last
                                     : words_.next(last, i + 1 == count ? &first : nullptr,
                                                   sheet_.harmony.borrow, random_);
      Bar bar{words_.chord(next)};
      last = next;
      if (!stays && random_.chance(sheet_.harmony.split) && has_halves()) {
        const std::size_t more = i + 1 == count ? words_.between(last, first, random_)
                                                : words_.next(last, nullptr, 0, random_);
        if (more != last) bar.push_back(words_.chord(more));
        last = more;
      }
      bars.push_back(bar);
    }
    return bars;
  }

  /// One bar, not the first, says the same with another chord, or goes on in two steps.
  Changes changed(Changes bars) {
    if (bars.size() < 2) return bars;
    const auto i = 1 + random_.below(static_cast<std::uint32_t>(bars.size() - 1));
    Bar& bar = bars[i];
    const std::size_t here = words_.place_of(bar.back());
    if (bar.size() == 1 && has_halves() && random_.chance(sheet_.harmony.split)) {
      const std::size_t after = words_.place_of(bars[(i + 1) % bars.size()].front());
      const std::size_t more = words_.between(here, after, random_);
      if (more != here) bar.push_back(words_.chord(more));
    } else {
      bar.back() = words_.chord(words_.instead(here, random_));
    }
    return bars;
  }

  /// Over so many bars; where they come round, the second time ends otherwise now and then.
  Changes spread(const Changes& changes, int count) {
    Changes bars;
    Changes again = changes;
    if (random_.chance(0.4)) again = changed(again);
    for (int b = 0; b < count; ++b) {
      const auto size = static_cast<int>(changes.size());
      const Changes& from = b / size % 2 == 0 ? changes : again;
      bars.push_back(from[static_cast<std::size_t>(b % size)]);
    }
    return bars;
  }

  /// The last bar of a section leads to what comes: a ii-V home, a dominant, or as it is.
  void finish(Changes& bars, std::size_t s, const std::array<Changes, 4>& themes) {
    if (s + 1 == score_.sections.size() || bars.size() < 4) return;
    const Chord& coming =
        themes[static_cast<std::size_t>(score_.sections[s + 1].theme - 'A')].front().front();
    if (coming.root == 0 && random_.chance(sheet_.substitution) && has_halves()) {
      bars.back() = {*parse_chord(minor_ ? "iim7b5" : "ii9"),
                     *parse_chord(minor_ ? "V7b9" : "V13")};
    } else if (random_.chance(sheet_.harmony.cadence)) {
      const std::size_t to = words_.place_of(coming);
      const std::size_t from = words_.place_of(bars[bars.size() - 2].back());
      bars.back() = {words_.chord(words_.between(from, to, random_))};
    }
  }

  void write(const Changes& bars, const Section& section) {
    const bool pedal =
        section.written <= 0.6 && section.bars >= 4 && random_.chance(sheet_.harmony.pedal);
    for (int b = 0; b < section.bars; ++b) {
      const Bar& bar = bars[static_cast<std::size_t>(b)];
      // Chords share their bar by whole beats, the longer ones first: of two in three beats the
      // first has two. Of more chords than beats the first ones come, one a beat.
      const int beats = sheet_.steps() / sheet_.beat_steps();
      const int size = std::min(static_cast<int>(bar.size()), beats);
      const auto begin = [&](int c) { return (c * beats + size - 1) / size * bar_ / beats; };
      for (int c = 0; c < size; ++c) {
        const int tick = (section.first_bar + b) * bar_ + begin(c);
        const int length = begin(c + 1) - begin(c);
        Chord chord = bar[static_cast<std::size_t>(c)];
        if (pedal && chord.root != 0 && chord.bass == 0) {  // over the tonic
          chord.bass = 12 - chord.root;
          chord.name += minor_ ? "/i" : "/I";
        }
        score_.chords.push_back({tick, length, chord});
      }
    }
  }

  void end(const std::array<Changes, 4>& themes) {
    Chord home = *parse_chord(minor_ ? "i" : "I");
    for (const Changes* changes : {&themes[3], &themes[2], &themes[1], &themes[0]})
      for (const auto& bar : *changes)
        for (const auto& chord : bar)
          if (chord.root == 0 && chord.bass == 0 && chord.tones.size() > 1 &&
              (chord.tones[1] == 3) == minor_ &&
              std::ranges::find(chord.tones, 10) == chord.tones.end())
            home = chord;
    const int ring = static_cast<int>(score_.ring_seconds / score_.seconds_per_tick());
    score_.chords.push_back({score_.end_tick, std::max(1, ring), home});
  }

  Score& score_;
  const Sheet& sheet_;
  music::Random& random_;
  Vocabulary words_;
  bool minor_;
  int bar_;
};

}  // namespace

void lay_chords(Score& score, music::Random& random) {
  Harmonist(score, random).lay();
}

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "band/parts.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "band/voicing.hpp"

namespace infinara::band {

bool is_tune(Role role) {
  return role == Role::kLead || role == Role::kSolo || role == Role::kDouble ||
         role == Role::kCounter;
}

bool plays_in(const PartSheet& part, const Section& section) {
  const double energy = is_tune(part.role) ? section.written : section.energy;
  if (energy < part.from || energy > part.to) return false;
  return part.in.empty() || std::ranges::find(part.in, section.name) != part.in.end();
}

namespace {

int accent(char step) {
  return step == 'X' ? 10 : step == 'o' ? -22 : 0;
}

/// The row for an energy: among those that begin at or below it the highest, random among equals.
const Row* row_for(const std::vector<Row>& rows, double energy, music::Random& random) {
  std::vector<const Row*> best;
  for (const Row& row : rows) {
    if (row.energy > energy) continue;
    if (!best.empty() && row.energy > best.front()->energy) best.clear();
    if (best.empty() || row.energy == best.front()->energy) best.push_back(&row);
  }
  if (best.empty()) return rows.empty() ? nullptr : &rows.front();
  return random.pick(best);
}

class Player {
 public:
  Player(Score& score, std::size_t index, const Tunes& tunes, std::uint32_t seed)
      : score_(score),
        part_(*score.parts[index].sheet),
        notes_(score.parts[index].notes),
        index_(index),
        tunes_(tunes),
        seed_(seed),
        random_(seed, "part " + part_.name),
        voicer_(part_, score.key.tonic),
        bar_(score.bar_ticks()),
        beat_(score.sheet->beat_steps() * kStep) {}

  void play() {
    for (std::size_t s = 0; s < score_.sections.size(); ++s) {
      const Section& section = score_.sections[s];
      if (section.bars > 0 && plays_in(part_, section)) play_section(section, s);
    }
    if (plays_in(part_, score_.sections.back())) end();
    std::ranges::stable_sort(notes_, {}, &Note::tick);
  }

 private:
  void play_section(const Section& section, std::size_t s) {
    switch (part_.role) {
      case Role::kComp:
      case Role::kArp:
      case Role::kBass:
        return rows(section);
      case Role::kPad:
        return hold_chords(section, false);
      case Role::kDrone:
        return hold_chords(section, true);
      case Role::kWalk:
        return walking(section);
      case Role::kLead:
      case Role::kSolo: {
        const Melody& melody = tunes_[static_cast<std::size_t>(section.theme - 'A')];
        if (part_.role == Role::kSolo)
          return add(play_solo(melody, score_, part_, section, random_));
        int returns = 0;
        for (std::size_t before = 0; before < s; ++before)
          returns += score_.sections[before].theme == section.theme;
        // Leads that play the tune together vary it alike.
        music::Random together(seed_, "return " + std::to_string(s));
        return add(play_melody(melody, score_, part_, section, returns, together));
      }
      case Role::kDouble:
        return doubling(section);
      case Role::kCounter:
        return guide_tones(section);
      case Role::kRiser: {
        if (s + 1 == score_.sections.size() || section.bars < 4 ||
            score_.sections[s + 1].energy < section.energy + 0.12)
          return;
        const int bars = bar_ * score_.seconds_per_tick() > 2.2 ? 1 : 2;
        const int end = (section.first_bar + section.bars) * bar_;
        const int length = static_cast<int>(bars * bar_ * std::min(1.0, part_.legato));
        notes_.push_back(
            {end - length, length, nearest(score_.key.tonic, 60, 54, 66), part_.velocity, 0});
        return;
      }
      case Role::kFall:
        if (s == 0 || score_.sections[s - 1].energy < section.energy + 0.18) return;
        notes_.push_back({section.first_bar * bar_, bar_ * 2, 60, part_.velocity, 0});
        return;
      case Role::kImpact: {
        if (s > 0 && score_.sections[s - 1].energy > section.energy) return;
        const int root = score_.key.tonic;
        notes_.push_back({section.first_bar * bar_, bar_ * 2,
                          nearest(root, part_.low + 6, part_.low, part_.high), part_.velocity, 0});
        return;
      }
    }
  }

  void add(const std::vector<Note>& more) { notes_.insert(notes_.end(), more.begin(), more.end()); }

  std::size_t chord_index(int tick) const {
    return static_cast<std::size_t>(&score_.chord_at(tick) - score_.chords.data());
  }
  const std::vector<int>& voicing(std::size_t chord) {
    if (chord != voiced_) {
      voiced_ = chord;
      voicer_.next(score_.chords[chord].chord);
    }
    return voicer_.last();
  }

  void rows(const Section& section) {
    const Row* row = row_for(part_.rows, section.energy, random_);
    const std::string& steps = row->steps;
    const int count = section.bars * score_.sheet->steps();
    const auto at = [&](int step) { return steps[static_cast<std::size_t>(step) % steps.size()]; };
    for (int step = 0; step < count; ++step) {
      const char c = at(step);
      if (c == '.' || c == '-') continue;
      int end = step + 1;
      while (end < count && at(end) == '-') ++end;
      const int tick = section.first_bar * bar_ + step * kStep;
      int stop = section.first_bar * bar_ + end * kStep;
      std::size_t chord = chord_index(tick);
      const int change = score_.chords[chord].tick + score_.chords[chord].length;
      // A stroke shortly before the change, with none on it, belongs to the new chord: a push.
      const bool pushed = at(end) == '.' || at(end) == '-' || stop > change;
      if (part_.role == Role::kComp && stop >= change && change - tick <= 2 * kStep && pushed &&
          chord + 2 < score_.chords.size())
        ++chord;
      int from = tick;
      while (from < stop) {
        const int border = score_.chords[chord].tick + score_.chords[chord].length;
        const int until = std::min(stop, std::max(border, from + 1));
        if (until - from >= kStep || from == tick)
          strike(c, from, until - from, chord, from != tick);
        from = until;
        if (chord + 2 < score_.chords.size())
          ++chord;
        else
          break;
      }
    }
  }

  void strike(char c, int tick, int length, std::size_t chord, bool again) {
    const int played = std::max(kStep / 2, static_cast<int>(length * part_.legato));
    if (part_.role == Role::kBass) {
      notes_.push_back({tick, c == 'o' ? kStep / 2 : played, bass_pitch(c, chord),
                        part_.velocity + accent(c) + (tick % bar_ == 0 ? 6 : 0), 0});
      return;
    }
    const auto& tones = voicing(chord);
    if (part_.role == Role::kArp) {
      const int i = c - '1', n = static_cast<int>(tones.size());
      const int pitch = tones[static_cast<std::size_t>(i % n)] + 12 * (i / n);
      notes_.push_back({tick, played, pitch, part_.velocity + (tick % beat_ == 0 ? 7 : 0), 0});
      return;
    }
    const int velocity = part_.velocity + accent(c) - (again ? 6 : 0);
    const bool up =
        part_.rooted && (tick / (2 * kStep)) % 2 != 0;  // guitars strum up on the off-beat eighths
    const int n = static_cast<int>(tones.size());
    for (int i = 0; i < n; ++i) {
      if (part_.strum > 0 && up && i == 0 && n > 3) continue;
      notes_.push_back({tick, played, tones[static_cast<std::size_t>(i)],
                        velocity + (i + 1 == n ? 4 : 0) - (i > 0 && i + 1 < n ? 3 : 0),
                        part_.strum > 0 ? (up ? n - 1 - i : i) : 0});
    }
  }

  int root_of(const Chord& chord) const {
    const int pc = (score_.key.tonic + chord.root + chord.bass) % 12;
    return nearest(pc, part_.low + 5, part_.low, part_.high);
  }

  /// By octaves into the part's range.
  int fold(int pitch) const {
    while (pitch > part_.high) pitch -= 12;
    while (pitch < part_.low) pitch += 12;
    return pitch;
  }

  int bass_pitch(char c, std::size_t index) const {
    const Chord& chord = score_.chords[index].chord;
    const int root = root_of(chord);
    const int base = root - chord.bass;  // intervals count from the root
    const auto& t = chord.tones;
    switch (c) {
      case '3':
        return fold(base + (t.size() > 2 ? t[1] : 12));
      case '5':
        return fold(base + (t.size() > 2 ? t[2] : t[1]));
      case '7':
        return fold(base + (t.size() > 3 ? t[3] : 12));
      case '8':
        return fold(root + 12);
      case 'a': {
        const auto next = std::min(index + 1, score_.chords.size() - 1);
        const int target = root_of(score_.chords[next].chord);
        const PitchSet scale = scale_of(score_.key.mode);
        return fold(walk(scale, score_.key.tonic, target, target > root ? -1 : 1));
      }
      default:
        return root;
    }
  }

  void hold_chords(const Section& section, bool root_only) {
    const int begin = section.first_bar * bar_, stop = begin + section.bars * bar_;
    for (std::size_t i = chord_index(begin);
         i + 1 < score_.chords.size() && score_.chords[i].tick < stop;) {
      std::size_t next = i + 1;
      while (next + 1 < score_.chords.size() && score_.chords[next].tick < stop &&
             score_.chords[next].chord.name == score_.chords[i].chord.name)
        ++next;
      const int tick = score_.chords[i].tick;
      const int length = std::min(score_.chords[next].tick, stop) - tick;
      if (root_only) {
        notes_.push_back({tick, length, root_of(score_.chords[i].chord), part_.velocity, 0});
      } else {
        int order = 0;
        for (const int pitch : voicing(i))
          notes_.push_back({tick, length, pitch, part_.velocity, order++});
      }
      i = next;
    }
  }

  /// Quarter notes, or halves where it is quiet: the root, then steps that arrive next to the
  /// coming root.
  void walking(const Section& section) {
    const int beat = 4 * kStep, begin = section.first_bar * bar_;
    // A track begins and ends in four: a programme joins tracks there.
    const bool at_edge = section.first_bar == 0 || &section == &score_.sections.back();
    const double two = at_edge ? 0 : std::max(0.0, 0.9 - 1.5 * section.energy);
    const double skips = 0.04 + 0.16 * std::max(0.0, section.energy - 0.3);
    int last = -1;
    for (int tick = begin; tick < begin + section.bars * bar_; tick += beat) {
      const std::size_t index = chord_index(tick);
      const ChordSpan& span = score_.chords[index];
      const Chord& chord = span.chord;
      const auto next = std::min(index + 1, score_.chords.size() - 1);
      const Chord& coming = score_.chords[next].chord;
      const int target = nearest((score_.key.tonic + coming.root + coming.bass) % 12,
                                 last < 0 ? part_.low + 10 : last, part_.low, part_.high);
      const int left = (span.tick + span.length - tick) / beat;  // beats up to the change
      int pitch;
      if (tick == span.tick) {
        pitch = root_of(chord);
        if (last >= 0 && std::abs(pitch - last) > 7 && pitch + 12 <= part_.high && pitch < last)
          pitch += 12;
      } else if (left == 1) {
        const int side = last > target ? 1 : -1;
        pitch = random_.chance(0.6) ? target + side
                                    : walk(scale_over(scale_of(score_.key.mode), chord),
                                           score_.key.tonic, target, side);
        if (random_.chance(0.2)) pitch = nearest((target + 7) % 12, last, part_.low, part_.high);
      } else {
        const int way = target > last ? 1 : target < last ? -1 : random_.chance(0.5) ? 1 : -1;
        pitch =
            left == 2 && random_.chance(0.55)
                ? nearest_in(tones_of(chord), score_.key.tonic, last + 4 * way)
                : walk(scale_over(scale_of(score_.key.mode), chord), score_.key.tonic, last, way);
        if (pitch == last) pitch = walk(tones_of(chord), score_.key.tonic, last, way);
      }
      pitch = fold(pitch);
      const int accented = tick % (2 * beat) != 0 ? 4 : 0;  // two and four lean forward
      // In a quiet section the bass is in two now and then: a half note, or a dotted one with its
      // answer.
      const bool in_two = left >= 2 && (tick - begin) % (2 * beat) == 0 && random_.chance(two);
      const bool dotted = in_two && random_.chance(0.4);
      const int length = dotted ? beat * 3 / 2 : in_two ? 2 * beat : beat;
      notes_.push_back(
          {tick, static_cast<int>(length * part_.legato), pitch, part_.velocity + accented, 0});
      if (dotted) {
        notes_.push_back({tick + length, kStep, pitch, part_.velocity - 12, 0});
      } else if (!in_two && left != 1 && random_.chance(skips)) {  // a skipped eighth
        notes_.push_back({tick + beat / 2, kStep, pitch, part_.velocity - 18, 0});
      } else if (left == 1 && random_.chance(skips)) {  // the root comes an eighth after its step
        const int up = fold(target + (pitch > target ? -1 : 1));
        notes_.push_back({tick + beat / 2, kStep, up, part_.velocity - 10, 0});
      }
      if (in_two) tick += beat;
      last = pitch;
    }
  }

  /// The lead again, a third or sixth below, where it is slow enough to be heard.
  void doubling(const Section& section) {
    const int begin = section.first_bar * bar_, stop = begin + section.bars * bar_;
    for (std::size_t p = 0; p < index_; ++p) {
      if (score_.parts[p].sheet->role != Role::kLead) continue;
      for (const Note& lead : score_.parts[p].notes) {
        if (lead.tick < begin || lead.tick >= stop || lead.length < 2 * kStep) continue;
        const Chord& chord = score_.chord_at(lead.tick).chord;
        int pitch = nearest_in(tones_of(chord), score_.key.tonic, lead.pitch - 3);
        if (lead.pitch - pitch < 2) pitch = walk(tones_of(chord), score_.key.tonic, pitch, -1);
        notes_.push_back({lead.tick, lead.length, fold(pitch), part_.velocity, 0});
      }
    }
  }

  /// One long tone a chord, third or seventh or ninth, that moves as little as it can.
  void guide_tones(const Section& section) {
    const int begin = section.first_bar * bar_, stop = begin + section.bars * bar_;
    int last = (part_.low + part_.high) / 2;
    for (std::size_t i = chord_index(begin);
         i + 1 < score_.chords.size() && score_.chords[i].tick < stop; ++i) {
      const ChordSpan& span = score_.chords[i];
      int best = 0, least = 99;
      for (std::size_t t = 1; t < span.chord.tones.size(); ++t) {
        const int pitch = nearest((score_.key.tonic + span.chord.root + span.chord.tones[t]) % 12,
                                  last, part_.low, part_.high);
        const int cost = 2 * std::abs(pitch - last) + (t == 2 ? 3 : 0) + random_.between(0, 2);
        if (cost < least) least = cost, best = pitch;
      }
      const bool late = span.length >= bar_ && random_.chance(0.3);
      const int tick = span.tick + (late ? 4 * kStep : 0);
      int length = span.tick + span.length - tick;
      if (length >= bar_ * 3 / 4 && i + 2 < score_.chords.size() && random_.chance(0.3)) {
        length -= 4 * kStep;  // a passing tone on the last beat
        const int passing = walk(scale_over(scale_of(score_.key.mode), span.chord),
                                 score_.key.tonic, best, random_.chance(0.5) ? 1 : -1);
        notes_.push_back({tick + length, 4 * kStep, passing, part_.velocity - 6, 0});
      }
      notes_.push_back({tick, length, best, part_.velocity, 0});
      last = best;
    }
    if (section.energy >= 0.5) answer(section);
  }

  /// Where the lead rests, this part answers with the head of the tune, and leaves its long tone.
  void answer(const Section& section) {
    const int begin = section.first_bar * bar_, stop = begin + section.bars * bar_;
    const auto& tones = tunes_[static_cast<std::size_t>(section.theme - 'A')].tones;
    int silent = begin;
    bool led = false;
    const auto reply = [&](int from, int until) {
      from = (from + 2 * kStep - 1) / (2 * kStep) * (2 * kStep);
      if (until - from < 6 * kStep || tones.size() < 3 || !random_.chance(0.6)) return;
      int tick = from,
          last = nearest(tones[0].pitch % 12, (part_.low + part_.high) / 2, part_.low, part_.high);
      std::vector<Note> said;
      for (std::size_t i = 0; i < std::min<std::size_t>(4, tones.size()); ++i) {
        const int length = std::clamp(tones[i].length, kStep, 4 * kStep);
        if (tick + length > until) break;
        const Chord& chord = score_.chord_at(tick).chord;
        const PitchSet scale = scale_over(scale_of(score_.key.mode), chord);
        if (i > 0) last += tones[i].pitch - tones[i - 1].pitch;
        last = fold(nearest_in(tones[i].strong ? tones_of(chord) : scale, score_.key.tonic, last));
        said.push_back({tick, length, last, part_.velocity + 6, 0});
        tick += length;
      }
      if (said.size() < 2) return;
      for (Note& note : notes_)
        if (note.tick < from && note.tick + note.length > from) note.length = from - note.tick;
      std::erase_if(notes_, [&](const Note& n) { return n.tick >= from && n.tick < tick; });
      add(said);
    };
    std::vector<const Note*> line;
    for (std::size_t p = 0; p < score_.parts.size(); ++p)
      if (score_.parts[p].sheet->role == Role::kLead)
        for (const Note& note : score_.parts[p].notes)
          if (note.tick >= begin && note.tick < stop) line.push_back(&note);
    std::ranges::stable_sort(line, {}, [](const Note* n) { return n->tick; });
    for (const Note* note : line) {
      if (led) reply(silent, note->tick);
      led = true;
      silent = std::max(silent, note->tick + note->length);
    }
    if (led) reply(silent, stop);
  }

  void end() {
    const ChordSpan& span = score_.chords.back();
    const int tick = span.tick, length = span.length;
    const std::size_t index = score_.chords.size() - 1;
    const auto one = [&](int pitch) { notes_.push_back({tick, length, pitch, part_.velocity, 0}); };
    switch (part_.role) {
      case Role::kComp:
      case Role::kPad:
      case Role::kArp: {
        int order = 0;
        for (const int pitch : voicing(index))
          notes_.push_back({tick, length, pitch, part_.velocity - 2, order++});
        return;
      }
      case Role::kBass:
      case Role::kWalk:
      case Role::kDrone:
        return one(root_of(span.chord));
      case Role::kLead:
      case Role::kSolo:
      case Role::kCounter: {
        const int near = notes_.empty() ? (part_.low + part_.high) / 2 : notes_.back().pitch;
        return one(
            nearest((score_.key.tonic + (random_.chance(0.5) ? 0 : span.chord.tones[1])) % 12, near,
                    part_.low, part_.high));
      }
      default:
        return;
    }
  }

  Score& score_;
  const PartSheet& part_;
  std::vector<Note>& notes_;
  std::size_t index_;
  const Tunes& tunes_;
  std::uint32_t seed_;
  music::Random random_;
  Voicer voicer_;
  std::size_t voiced_ = static_cast<std::size_t>(-1);
  int bar_, beat_;  // ticks
};

/// The lowest tone of leads and solos that sounds between two ticks, or none.
int lowest_tune(const std::vector<Note>& line, int from, int until) {
  int lowest = 128;
  // No tone of a tune is longer than two bars of six beats.
  auto at = std::ranges::lower_bound(line, from - 2 * 24 * kStep, {}, &Note::tick);
  for (; at != line.end() && at->tick < until; ++at)
    if (at->tick + at->length > from) lowest = std::min(lowest, at->pitch);
  return lowest;
}

}  // namespace

void make_room(Score& score) {
  std::vector<Note> line;
  for (const Part& part : score.parts)
    if (part.sheet->role == Role::kLead || part.sheet->role == Role::kSolo)
      line.insert(line.end(), part.notes.begin(), part.notes.end());
  std::ranges::stable_sort(line, {}, &Note::tick);
  for (Part& part : score.parts) {
    const Role role = part.sheet->role;
    if (role != Role::kComp && role != Role::kPad && role != Role::kArp && role != Role::kCounter)
      continue;
    std::vector<Note> kept;
    std::size_t stroke = 0;  // where the strokes of the tick begin
    for (const Note& written : part.notes) {
      Note note = written;
      if (note.tick >= score.end_tick) {
        kept.push_back(note);
        continue;
      }
      if (kept.empty() || kept.back().tick != note.tick) stroke = kept.size();
      const int tune = lowest_tune(line, note.tick, note.tick + note.length);
      while (note.pitch >= tune && note.pitch - 12 >= part.sheet->low - 6) note.pitch -= 12;
      const auto same = [&](const Note& other) { return other.pitch == note.pitch; };
      const bool there =
          std::any_of(kept.begin() + static_cast<std::ptrdiff_t>(stroke), kept.end(), same);
      if (note.pitch >= tune || there) {
        if (kept.size() > stroke || role == Role::kArp || there) continue;  // others are left
      }
      kept.push_back(note);
    }
    part.notes = std::move(kept);
  }
}

void part_ways(Score& score) {
  std::map<int, int> tune;  // by tick; of several at once the highest
  std::map<int, std::pair<Note*, const PartSheet*>> bass;  // the lowest
  for (Part& part : score.parts)
    for (Note& note : part.notes) {
      if (note.tick >= score.end_tick) continue;
      const Role role = part.sheet->role;
      if (role == Role::kLead || role == Role::kSolo) {
        const auto at = tune.try_emplace(note.tick, note.pitch).first;
        at->second = std::max(at->second, note.pitch);
      } else if (role == Role::kBass || role == Role::kWalk) {
        const auto at = bass.try_emplace(note.tick, &note, part.sheet).first;
        if (note.pitch < at->second.first->pitch) at->second = {&note, part.sheet};
      }
    }
  int last_bass = -1, last_tune = -1;
  for (const auto& [tick, low] : bass) {
    const auto high = tune.find(tick);
    if (high == tune.end()) continue;
    Note& note = *low.first;
    const auto parallel = [&](int pitch) {
      const int before = (last_tune - last_bass) % 12, now = (high->second - pitch) % 12;
      return last_bass >= 0 && pitch != last_bass && high->second != last_tune && before == now &&
             (now == 0 || now == 7) && (pitch > last_bass) == (high->second > last_tune);
    };
    if (parallel(note.pitch)) {
      const Chord& chord = score.chord_at(tick).chord;
      for (const std::size_t t : {1U, 2U, 0U}) {
        if (t >= chord.tones.size()) continue;
        const int other = nearest((score.key.tonic + chord.root + chord.tones[t]) % 12, note.pitch,
                                  low.second->low, low.second->high);
        if (parallel(other)) continue;
        note.pitch = other;
        break;
      }
    }
    last_bass = note.pitch;
    last_tune = high->second;
  }
}

void play_part(Score& score, std::size_t index, const Tunes& tunes, std::uint32_t seed) {
  Player(score, index, tunes, seed).play();
}

}  // namespace infinara::band

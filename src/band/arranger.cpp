// SPDX-License-Identifier: Apache-2.0
#include "band/arranger.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "band/form_tags.hpp"

namespace infinara::band {

namespace {

constexpr double kCutOff = 0.25;       // seconds that a last chord lasts which does not ring
constexpr double kShortestFaded = 60;  // seconds
constexpr double kShortestSlow = 30;   // seconds
constexpr double kFade = 8;            // seconds, about
constexpr int kSlowBars = 2;           // of a ritardando

/// The cost of so many bars; whole fours cost nothing.
double cost_of(int bars) {
  return bars % 4 == 0 ? 0 : bars % 2 == 0 ? 0.8 : 2.5;
}

/// An exact length: a tempo near `bpm` at which whole bars fill it, and the `more` bars that a
/// ritardando takes.
void fill(Score& score, const ComposeRequest& request, double bpm, double hold, double more) {
  const int beats = score.sheet->beats;
  const double room = request.duration - kTail - hold;
  const auto bpm_for = [&](int bars) { return (bars + more) * beats * 60.0 / room; };
  int bars = static_cast<int>(std::floor(room * bpm / 60 / beats - more));
  if (request.bpm <= 0 && room > 0) {
    int best = 0;
    double least = 1e9;
    for (int n = std::max(1, bars - 6); n <= bars + 6; ++n) {
      if (bpm_for(n) < request.bpm_low || bpm_for(n) > request.bpm_high) continue;
      const double cost = std::abs(bpm_for(n) / bpm - 1) * 30 + cost_of(n);
      if (cost < least) {
        least = cost;
        best = n;
      }
    }
    if (best > 0) {
      bars = best;
      bpm = bpm_for(best);
    }
  }
  score.bars = std::max(0, bars);
  score.bpm = bpm;
  score.duration = request.duration;
}

/// A length that is a wish: the tempo stays, and whole fours of bars come near. False if none do.
bool approach(Score& score, const ComposeRequest& request, double bpm, double hold, double more) {
  const double bar = score.sheet->beats * 60.0 / bpm;
  hold += more * bar;
  const int wished = static_cast<int>(std::floor((request.duration - kTail - hold) / bar));
  int best = 0;
  double least = 1e9;
  for (int n = std::max(1, wished - 6); n <= wished + 6; ++n) {
    const double off = std::abs((n * bar + hold + kTail) / request.duration - 1);
    const double cost = off * 10 + cost_of(n);
    if (off > request.tolerance || cost >= least) continue;
    least = cost;
    best = n;
  }
  if (best == 0) return false;
  score.bars = best;
  score.bpm = bpm;
  score.duration = std::ceil((best * bar + hold + kTail) * 100) / 100;
  return true;
}

/// How many bars a fade lasts.
int faded_bars(const Score& score) {
  const double bar = score.bar_ticks() * score.seconds_per_tick();
  int bars = 2;
  while (bars < 8 && bars * bar * 1.5 < kFade) bars *= 2;
  return bars;
}

}  // namespace

void fit_tempo(Score& score, const ComposeRequest& request, music::Random& random) {
  music::Random endings(request.seed, "ending");
  const EdgeSheet& edges = score.sheet->edges;
  const double weights[] = {edges.ring, edges.cold,
                            request.duration < kShortestFaded ? 0 : edges.fade};
  score.ending = static_cast<Ending>(endings.weighted(weights));
  double place = random.uniform32();  // in the genre's range
  if (request.energy >= 0) place = (place + request.energy) / 2;
  const double drawn = request.bpm_low + (request.bpm_high - request.bpm_low) * place;
  const double bpm = request.bpm > 0 ? request.bpm : std::round(drawn * 10) / 10;
  // A last chord that rings sounds for two beats or so.
  const double ring = std::clamp(120.0 / bpm, 1.0, 1.8) + 0.4 * random.uniform32();
  const double hold = score.ending == Ending::kRing ? ring : kCutOff;
  const bool slows = score.ending == Ending::kRing && request.duration >= kShortestSlow &&
                     endings.chance(edges.ritardando);
  const double more = slows ? kSlowing * kSlowBars / 2 : 0;
  if (request.tolerance <= 0 || !approach(score, request, bpm, hold, more))
    fill(score, request, bpm, hold, more);
  score.end_tick = score.bars * score.bar_ticks();
  score.slow_tick =
      score.end_tick - (slows ? std::min(kSlowBars, score.bars) * score.bar_ticks() : 0);
  score.ring_seconds = std::max(0.1, score.duration - kTail - score.seconds_at(score.end_tick));
  // At an exact length and an ordered tempo time may be left, which a last chord fills.
  if (score.ring_seconds > 2 * kCutOff) score.ending = Ending::kRing;
  score.leave_tick = score.slow_tick;
  if (score.ending == Ending::kFade) score.leave_tick -= faded_bars(score) * score.bar_ticks();
}

namespace {

using Form = std::vector<SectionSheet>;

int bars_of(const Form& form) {
  int bars = 0;
  for (const auto& section : form) bars += section.bars;
  return bars;
}

/// The livelier of them.
const SectionSheet& peak_of(const Form& shape) {
  return *std::max_element(shape.begin() + 1, shape.end() - 1,
                           [](const auto& a, const auto& b) { return a.energy < b.energy; });
}

/// The form of a short track: one to three sections.
Form small_form(const Form& shape, int bars) {
  const auto with = [](SectionSheet section, int length) {
    section.bars = length;
    return section;
  };
  if (bars < 8) return {with(bars < 2 ? shape.back() : shape[1], bars)};
  if (bars < 12) return {with(shape[1], bars - 4), with(shape.back(), 4)};
  return {with(shape[1], 4), with(peak_of(shape), bars - 8), with(shape.back(), 4)};
}

/// Adds rounds of the other shapes, whose tunes change by turns, until there are enough bars.
void lengthen(Form& form, const std::vector<Form>& shapes, int bars) {
  for (std::size_t round = 1; bars_of(form) < bars; ++round) {
    const Form& shape = shapes[round % shapes.size()];
    for (std::size_t i = 1; i + 1 < shape.size() && bars_of(form) < bars; ++i) {
      SectionSheet section = shape[i];
      if (round % 2 != 0 && section.theme < 'C')
        section.theme = static_cast<char>(section.theme + 2);
      form.insert(form.end() - 1, section);
    }
  }
}

/// Halves sections and leaves some out until no more than `bars` are left, or nothing can go.
void shorten(Form& form, int bars, music::Random& random) {
  for (int excess; (excess = bars_of(form) - bars) > 0;) {
    std::vector<std::size_t> halved, dropped;
    for (std::size_t i = 0; i < form.size(); ++i)
      if (form[i].bars >= 8 && form[i].bars % 8 == 0 && form[i].bars / 2 <= excess)
        halved.push_back(i);
    for (std::size_t i = 2; i + 1 < form.size() && form.size() > 4; ++i)
      if (form[i].bars <= excess) dropped.push_back(i);
    const bool drop = !dropped.empty() && (halved.empty() || (excess >= 16 && random.chance(0.5)));
    if (drop) {
      form.erase(form.begin() + static_cast<std::ptrdiff_t>(random.pick(dropped)));
    } else if (!halved.empty()) {
      form[random.pick(halved)].bars /= 2;
    } else {
      return;
    }
  }
}

/// Exactly `bars`: what is left over is taken from the longest or given to the end.
void settle(Form& form, int bars) {
  while (bars_of(form) > bars) {
    auto longest = std::ranges::max_element(form, {}, &SectionSheet::bars);
    const int excess = std::min(bars_of(form) - bars, longest->bars - 1);
    if (excess <= 0) {
      form.pop_back();
      continue;
    }
    longest->bars -= excess;
  }
  int missing = bars - bars_of(form);
  for (std::size_t i = 1; i + 1 < form.size() && missing >= 4; ++i)
    if (form[i].bars == 4) form[i].bars += 4, missing -= 4;
  form.back().bars += missing;
}

/// Lifts intro and outro to the groove, as far as the sheet says: a programme joins tracks there.
void lift_edges(Form& form, double lift) {
  if (form.size() < 3) return;
  std::vector<double> energies;  // one for each bar between
  for (std::size_t i = 1; i + 1 < form.size(); ++i)
    energies.insert(energies.end(), static_cast<std::size_t>(form[i].bars), form[i].energy);
  std::ranges::sort(energies);
  const double groove = energies[energies.size() / 2];
  const auto raise = [&](SectionSheet& edge, const SectionSheet& beside) {
    edge.energy += lift * std::max(0.0, std::min(groove, beside.energy) - edge.energy);
  };
  raise(form.front(), form[1]);
  raise(form.back(), form[form.size() - 2]);
}

/// The form that is ordered, stretched or squeezed to the bars: whole fours of bars if there are
/// enough.
Form ordered_form(const Sheet& sheet, const std::vector<Tag>& tags, int bars) {
  if (static_cast<int>(tags.size()) > bars)
    throw OrderError("form has " + std::to_string(tags.size()) + " sections, the duration leaves " +
                     std::to_string(bars) + " bars");
  Form form;
  for (const Tag tag : tags) form.push_back(section_for(tag, sheet));
  const int count = static_cast<int>(form.size());
  const int unit = bars >= 4 * count ? 4 : bars >= 2 * count ? 2 : 1;
  const int units = bars / unit, written = std::max(1, bars_of(form));
  int given = 0;
  std::vector<double> wanted;
  for (SectionSheet& section : form) {
    wanted.push_back(static_cast<double>(section.bars) * units / written);
    section.bars = std::max(1, static_cast<int>(wanted.back()));
    given += section.bars;
  }
  // What is left or lacking goes where the length is furthest from what was wanted.
  for (; given != units; given += given < units ? 1 : -1) {
    std::size_t which = 0;
    double most = -1e9;
    for (std::size_t i = 0; i < form.size(); ++i) {
      if (given > units && form[i].bars < 2) continue;
      const double lacks = (wanted[i] - form[i].bars) * (given < units ? 1 : -1);
      if (lacks > most) most = lacks, which = i;
    }
    form[which].bars += given < units ? 1 : -1;
  }
  for (SectionSheet& section : form) section.bars *= unit;
  form.back().bars += bars - units * unit;
  return form;
}

/// Raises or lowers the energies until their mean is what the order says: .3 at 0, .9 at 1. Their
/// order stays, and none leaves 0 … 1.
void set_energy(Form& form, double energy) {
  double mean = 0;
  for (const SectionSheet& section : form) mean += section.energy * section.bars / bars_of(form);
  const double wanted = 0.3 + 0.6 * energy;
  for (SectionSheet& section : form)
    section.energy = wanted > mean ? 1 - (1 - section.energy) * (1 - wanted) / (1 - mean)
                                   : section.energy * wanted / mean;
}

/// A breakdown leads to a return of the liveliest, never to the end.
void bring_home(Form& form) {
  if (form.size() < 4) return;
  const double peak = std::ranges::max_element(form, {}, &SectionSheet::energy)->energy;
  SectionSheet& last = form[form.size() - 2];
  if (last.energy > 0.55 || last.energy >= peak - 0.2) return;
  const int bars = last.bars;
  last = peak_of(form);
  last.bars = bars;
}

}  // namespace

void fit_form(Score& score, const ComposeRequest& request, music::Random& random) {
  const auto& shapes = score.sheet->shapes;
  const Form& shape = shapes.front();
  Form form;
  if (!request.form.empty()) {
    form = ordered_form(*score.sheet, request.form, score.bars);
  } else if (score.bars < 16) {
    form = small_form(shape, score.bars);
  } else {
    form = shape;
    lengthen(form, shapes, score.bars - 3);
    shorten(form, score.bars, random);
    settle(form, score.bars);
    bring_home(form);
  }
  if (request.energy >= 0 && bars_of(form) > 0) set_energy(form, request.energy);
  const Form written = form;
  lift_edges(form, score.sheet->edges.lift);
  int at = 0;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const SectionSheet& from = form[i];
    score.sections.push_back(
        {from.name, from.theme, at, from.bars, from.energy, written[i].energy});
    at += from.bars;
  }
}

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "sound/join.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "sound/frame.hpp"

namespace infinara::sound {
namespace {

constexpr double kDrift = 0.010 * kRate;    // of bars side by side, over a join
constexpr double kShortJoin = 6.0 * kRate;  // of tracks whose bars or keys do not fit
constexpr std::array kBarCounts = {8U, 4U, 2U, 1U};

Join plan_plain(const Outgoing& outgoing, const Incoming& incoming, const JoinSettings& settings) {
  auto length = std::min(settings.crossfade, outgoing.total / 2);
  if (incoming.total) length = std::min(length, *incoming.total / 2);
  const auto start = std::max<std::int64_t>(outgoing.remaining - length, 0);
  length = std::min(length, outgoing.remaining);
  if (length < kRamp) return {outgoing.remaining, {0, settings.curve}, {0, settings.curve}};
  return {start, {length, settings.curve}, {length, settings.curve}};
}

/// How far bars drift apart over so many samples: of the same tempo, or one of them doubled.
double drift(const Grid& one, const Grid& other, double samples) {
  double least = 1;
  for (const double times : {1.0, 2.0, 0.5})
    least = std::min(least, std::abs(other.beat * times / one.beat - 1));
  return least * samples;
}

/// Whether so many samples are whole bars of it.
bool is_whole(const Grid& grid, double samples) {
  const double bars = samples / grid.bar();
  return std::abs(bars - std::round(bars)) < 0.01;
}

bool keys_fit(const Cues& one, const Cues& other) {
  return !one.scale || !other.scale ||
         std::popcount(static_cast<unsigned>(*one.scale & *other.scale)) >= 6;
}

struct Named {
  Fit fit;
  const char* name;
};
constexpr std::array<Named, 7> kFits{{{Fit::kBars, "bars"},
                                      {Fit::kTempo, "tempo"},
                                      {Fit::kKey, "key"},
                                      {Fit::kNoGrid, "no-grid"},
                                      {Fit::kLate, "late"},
                                      {Fit::kPlain, "plain"},
                                      {Fit::kSkip, "skip"}}};

}  // namespace

double first_line_of(const Grid& grid) {
  return grid.first_downbeat - std::floor(grid.first_downbeat / grid.bar()) * grid.bar();
}

std::int64_t until_beat(const Grid& grid, std::int64_t place) {
  const double from = static_cast<double>(place) - 0.5;
  const double beats = std::ceil((from - grid.first_downbeat) / grid.beat);
  return std::max(std::llround(grid.first_downbeat + beats * grid.beat) - place, 0LL);
}

const char* name_of(JoinStyle style) {
  return style == JoinStyle::kPlain ? "plain" : "planned";
}

const char* name_of(Fit fit) {
  return std::ranges::find(kFits, fit, &Named::fit)->name;
}

std::optional<Fit> fit_of(std::string_view name) {
  const auto* found = std::ranges::find(kFits, name, &Named::name);
  return found == kFits.end() ? std::nullopt : std::optional(found->fit);
}

Join plan_join(const Outgoing& outgoing, const Incoming& incoming, const JoinSettings& settings,
               const Cut& cut) {
  Join plain = plan_plain(outgoing, incoming, settings);
  if (settings.style == JoinStyle::kPlain) return plain;
  const auto& grid = outgoing.cues.last ? outgoing.cues.last : outgoing.cues.grid;
  const auto& next = incoming.cues.grid;
  plain.fit = grid ? Fit::kLate : Fit::kNoGrid;
  if (!grid) return plain;

  // The bar line at which it ends, from here. A hundredth of a bar is rounding.
  const auto played = static_cast<double>(outgoing.total - outgoing.remaining);
  const auto out = std::min(outgoing.cues.out.value_or(outgoing.total), outgoing.total);
  const double bar = grid->bar();
  const double lines =
      std::floor((static_cast<double>(out) - grid->first_downbeat) / bar + 0.01) - cut.early;
  const auto end = std::min(std::llround(grid->first_downbeat + lines * bar - played),
                            static_cast<long long>(outgoing.remaining));

  const double pickup = next ? first_line_of(*next) : 0;
  const auto late = next && cut.late > 0 ? std::llround(pickup + cut.late * next->bar()) : 0LL;
  const double lead = late > 0 ? 0 : pickup;
  auto longest = static_cast<double>(std::min(settings.crossfade, outgoing.total / 2));
  if (incoming.total) {
    const auto half = (*incoming.total - late) / 2;
    longest = std::min(longest, static_cast<double>(half));
  }
  longest = std::min(longest, static_cast<double>(end)) - lead;
  const bool fits = keys_fit(outgoing.cues, incoming.cues);
  for (const unsigned bars : kBarCounts) {
    const double length = bars * bar;
    if (bars > cut.bars || length > longest + 1) continue;  // a bar is no whole number of samples
    const bool side_by_side =
        next && (next->beats_per_bar == grid->beats_per_bar || is_whole(*next, length));
    const bool in_step = side_by_side && drift(*grid, *next, length) <= kDrift;
    if ((!in_step || !fits) && length > kShortJoin) continue;
    const auto start = std::max(end - std::llround(length + lead), 0LL);
    const auto whole = end - start;
    Join join{.start = start,
              .leaves = {whole, Curve::kSmoothstep},
              .enters = {whole, Curve::kSmoothstep},
              .fit = !next      ? Fit::kNoGrid
                     : !in_step ? Fit::kTempo
                     : !fits    ? Fit::kKey
                                : Fit::kBars,
              .bars = bars,
              .beat = grid->beat,
              .late = late};
    return with_share(join, kOpenShare);
  }
  return plain;
}

Join with_share(Join join, double share) {
  const auto all = join.leaves.delay + join.leaves.length;
  const auto moves = std::llround(share * static_cast<double>(all));
  join.leaves.length = join.enters.length = moves;
  join.leaves.delay = all - moves;
  if (join.leaving_bands) join.leaving_bands->high = join.leaves;
  if (join.entering_bands) join.entering_bands->high = join.enters;
  return join;
}

std::int64_t plan_skip(std::int64_t wanted, std::optional<std::int64_t> remaining,
                       std::optional<std::int64_t> next_total) {
  auto length = wanted;
  if (next_total) length = std::min(length, *next_total / 2);
  length = std::max(length, kRamp);
  if (remaining) length = std::min(length, *remaining);
  return length < kRamp ? 0 : length;
}

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "sound/voice.hpp"

#include <cstddef>
#include <utility>

namespace infinara::sound {
namespace {

/// The same counted from a sample that is so much later.
Cues earlier(Cues cues, std::int64_t by) {
  if (cues.grid) cues.grid->first_downbeat -= static_cast<double>(by);
  if (cues.last) cues.last->first_downbeat -= static_cast<double>(by);
  if (cues.out) *cues.out -= by;
  cues.in = std::max<std::int64_t>(cues.in - by, 0);
  return cues;
}

std::array<float, kChannels> times(std::span<const std::int16_t> samples, double gain) {
  return {static_cast<float>(samples[0] * gain), static_cast<float>(samples[1] * gain)};
}

}  // namespace

std::array<float, kChannels> Voice::front_times(double by) const {
  return times(fifo.front(), by);
}

void Voice::describe(const Cues& written) {
  cues = earlier(written, cut);
}

void Voice::begin_later(std::int64_t count) {
  count = std::min(count, fifo.size());
  for (auto left = count; left > 0;) {
    const auto piece = std::min(left, static_cast<std::int64_t>(fifo.front().size()) / kChannels);
    fifo.drop(piece);
    left -= piece;
  }
  cut += count;
  total -= count;
  cues = earlier(cues, count);
}

void Voice::flush() {
  total -= fifo.size();
  fifo.clear();
  split.reset();
  is_as_rehearsed = false;
}

void Voice::fade_in(const GainMove& move, const std::optional<BandMoves>& bands) {
  fade = {{move.curve, move.length > 0 ? 0.0F : 1.0F, 1, move.length}, 0};
  if (!bands) return;
  fade = {{move.curve, 0, 0, 0}, 0};
  fade_to(1, move, bands);
}

void Voice::fade_to(float to, const GainMove& move, const std::optional<BandMoves>& bands) {
  constexpr double kInaudible = 1.0 / 65536;
  if (const bool high_apart = bands && bands->high != move;
      bands && (!split || (high_apart && !split->bands.has_high()))) {
    const RunningFade low = split ? split->low : fade, high = split ? split->high : fade;
    split = std::make_unique<Split>(Split{low, high, BandSplit(high_apart)});
  }
  const auto turn = [to](RunningFade& running, const GainMove& by) {
    const auto from = static_cast<float>(running.gain());
    const bool is_audible = to != 0 || from >= kInaudible;
    running = {{by.curve, from, to, is_audible ? by.length : 0}, is_audible ? -by.delay : 0};
  };
  is_as_rehearsed = false;
  turn(fade, move);
  if (!split) return;
  turn(split->low, bands ? bands->low : move);
  turn(split->high, bands ? bands->high : move);
}

bool Voice::lacks_piece() const {
  return split && split->at == BandSplit::kPiece && !ended &&
         fifo.size() < BandSplit::kPiece + BandSplit::kAhead;
}

void Voice::read_piece() {
  if (!split || split->at < BandSplit::kPiece) return;
  split->bands.next(fifo, 0);
  split->at = 0;
}

std::int64_t Voice::bound(std::int64_t limit) const {
  if (fade_left() > 0) limit = std::min(limit, fade_left());
  if (!told_on_air && role == Role::kPlaying)
    limit = std::min(limit, (fade.fade.length + 1) / 2 - fade.at);
  if (split && split->at < BandSplit::kPiece)
    limit = std::min(limit, BandSplit::kPiece - split->at);
  if (!underrun)
    limit = std::min(limit, static_cast<std::int64_t>(fifo.front().size()) / kChannels);
  return limit;
}

void Voice::add_to(std::span<float> sum) {
  if (!split) return add_faded(sum, fifo.front().first(sum.size()), fade.fade, fade.at);
  const auto end = sum.last(kChannels);
  const std::array before = {end[0], end[1]};
  split->bands.add(sum, split->at, split->low, fade, split->high);
  split->last = {end[0] - before[0], end[1] - before[1]};
}

void Voice::move_on(std::int64_t count) {
  const bool is_read = split && split->at < BandSplit::kPiece;
  fade.at += count;
  if (split) {
    split->low.at += count;
    split->high.at += count;
    if (is_read) split->at += count;
  }
  if (underrun) {
    underrun_length += count;
    return;
  }
  const auto at = static_cast<std::size_t>(count - 1) * kChannels;
  last = is_read ? split->last : times(fifo.front().subspan(at), fade.fade.gain(fade.at - 1));
  if (split && fade_left() == 0) split.reset();
  fifo.drop(count);
  played += count;
}

std::array<float, kChannels> Voice::begin_underrun() {
  split.reset();
  is_as_rehearsed = false;
  underrun = true;
  underrun_length = 0;
  return std::exchange(last, {});
}

Outgoing outgoing_of(const Voice& voice) {
  return {voice.fifo.size(), voice.total, voice.cues, voice.cut};
}

Incoming incoming_of(const Voice& voice) {
  return {voice.ended ? std::optional(voice.total) : std::nullopt, voice.cues};
}

}  // namespace infinara::sound

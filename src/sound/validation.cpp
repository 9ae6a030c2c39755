// SPDX-License-Identifier: Apache-2.0
#include "sound/validation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace infinara::sound {
namespace {

constexpr double kWindow = 0.1;         // seconds
constexpr double kShortestTrack = 3;    // seconds of music, whatever was ordered
constexpr double kLeastLoud = -42;      // LUFS; to raise more than that raises noise
constexpr double kMostOffset = 0.03;    // of full scale
constexpr double kMostClipped = 0.08;   // of all samples
constexpr double kLeastCrest = 2.5;     // dB; a sine has 3.01, what is cut flat less
constexpr double kLimitWithin = 1;      // seconds by which a cut may miss its limit
constexpr double kMostLonger = 0.25;    // of the order, or
constexpr double kMostLongerFlat = 10;  // seconds, if that is more: how much longer a track may be
constexpr double kRinging = 0.05;       // seconds
constexpr double kLeastPeak = -90;      // dBFS, the smallest step of 16 bits
constexpr int kLowestRate = 16000;      // samples a second
constexpr int kHighestRate = 192000;

Validation refused(const char* reason) {
  Validation validation;
  validation.reason = reason;
  return validation;
}

template <typename First, typename... Rest>
Validation refused(const char* format, First first, Rest... rest) {
  char text[320];
  std::snprintf(text, sizeof text, format, first, rest...);
  return refused(text);
}

/// The first and last window that can be heard, and the longest run between them that cannot.
struct Silences {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t longest = 0;
  std::size_t longest_at = 0;
  bool all = true;
};

Silences silences_in(const std::vector<float>& levels, double below) {
  Silences out;
  std::size_t run = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (static_cast<double>(levels[i]) < below) {
      ++run;
      continue;
    }
    if (out.all) {
      out.first = i;
    } else if (run > out.longest) {
      out.longest = run;
      out.longest_at = i - run;
    }
    out.all = false;
    out.last = i;
    run = 0;
  }
  return out;
}

}  // namespace

Validation validate(const Measurements& measured, const Expected& expected) {
  if (!measured.to_the_end)
    return refused("cannot be decoded to its end (%.1f s could)", measured.seconds);
  if (measured.not_numbers > 0)
    return refused("has %llu samples that are no numbers",
                   static_cast<unsigned long long>(measured.not_numbers));
  if (measured.rate < kLowestRate || measured.rate > kHighestRate)
    return refused("has %d samples a second", measured.rate);
  if (measured.channels < 1 || measured.channels > 2)
    return refused("has %d channels", measured.channels);
  double ordered = expected.seconds;
  for (const double limit : expected.limits)
    if (limit < expected.seconds && std::abs(measured.seconds - limit) <= kLimitWithin)
      ordered = limit;
  const double least = std::max(ordered * (1 - expected.tolerance), kShortestTrack);
  if (measured.seconds < least)
    return refused("is %.1f s long, %.1f s were ordered", measured.seconds,
                   std::max(expected.seconds, kShortestTrack));
  if (expected.seconds > 0 &&
      measured.seconds >
          expected.seconds + std::max(expected.seconds * kMostLonger, kMostLongerFlat))
    return refused("is %.1f s long, %.1f s were ordered", measured.seconds, expected.seconds);
  if (measured.peak < kLeastPeak) return refused("is silent");
  if (!(measured.loudness >= kLeastLoud))
    return refused("is as quiet as %.0f LUFS", std::max(-120.0, measured.loudness));
  if (measured.clipped > kMostClipped)
    return refused("is clipped in %.0f %% of its samples", 100 * measured.clipped);
  if (measured.offset > kMostOffset)
    return refused("has a DC offset of %.0f %% of full scale", 100 * measured.offset);
  if (measured.peak - measured.rms < kLeastCrest)
    return refused("is crushed: its peaks are %.1f dB above its mean",
                   measured.peak - measured.rms);
  for (const Measure& measure : measured.measures)
    if (measure.severity >= 1) return refused("%s", measure.reason.c_str());

  Validation validation;
  validation.gain_db = kTargetLufs - measured.loudness;
  const Silences silences = silences_in(measured.levels, kSilenceDb - validation.gain_db);
  if (silences.all) return refused("is silent");
  const double longest = static_cast<double>(silences.longest) * kWindow;
  // Silence that fills n windows may be nearly n + 2 long; seen from other windows, n + 1.
  if (longest + kWindow > kLongestSilence + kWindow / 2)
    return refused("is silent for %.1f s from %.1f s on", longest,
                   static_cast<double>(silences.longest_at) * kWindow);
  // Windows of 100 ms miss what is silent in parts of two; a codec rings a little into a gap.
  if (measured.gap > kLongestSilence - kRinging)
    return refused("is silent for %.2f s from %.2f s on", measured.gap, measured.gap_at);
  const double end = std::min(measured.seconds, static_cast<double>(silences.last + 1) * kWindow);
  validation.head = static_cast<double>(silences.first) * kWindow;
  validation.tail = measured.seconds - end;
  // What is left has to be most of the order: a track that is half silence is no track.
  const double kept = end - validation.head;
  const double wanted = ordered > 0 ? ordered : measured.seconds;
  if (kept < wanted * (1 - 2 * expected.tolerance) || kept < kShortestTrack)
    return refused("has %.1f s of music, %.1f s were ordered", kept, wanted);
  validation.fades = own_fades_of(
      std::span(measured.levels).subspan(silences.first, silences.last + 1 - silences.first));
  validation.ok = true;
  return validation;
}

}  // namespace infinara::sound

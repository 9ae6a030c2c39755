// SPDX-License-Identifier: Apache-2.0
// The faults that a generated track can have, put into good audio, and good audio that comes close
// to them. Everything is stereo and follows from its arguments.
#pragma once

#include <cstdint>
#include <functional>

#include "support/audio_maker.hpp"

namespace support {

/// f(value, seconds, channel) for each sample.
Pcm mapped(Pcm pcm, const std::function<double(double, double, int)>& f);
/// As loud as `rms` (of full scale), all of it.
Pcm at_rms(Pcm pcm, double rms);
Pcm mixed(Pcm a, const Pcm& b, double gain_of_b = 1);
/// `with` stands in for `pcm` between two times.
Pcm replaced(Pcm pcm, double from, double to, const Pcm& with);

// Noise.
enum class Noise { kWhite, kPink, kBrown, kBand };  // kBand: 300 to 3000 Hz
Pcm noise(Noise kind, double seconds, double rms, std::uint64_t seed);
/// What a wrongly set sampler makes of music: its outline in time and in `bands` bands, filled with
/// noise.
Pcm garbled(const Pcm& music, int bands, std::uint64_t seed);

/// From `from` until `to` the `period` seconds before `from` again and again (or the first ones).
Pcm looped(Pcm pcm, double from, double to, double period);

Pcm tone(double seconds, double hertz, double level);
Pcm chord(double seconds, double level);
/// A whistle of feedback that wanders a little.
Pcm squeal(double seconds, double hertz, double level, std::uint64_t seed);
Pcm siren(double seconds, double low, double high, double period, double level);

/// Silence of `length` seconds, each `every`; `channel` -1 is both.
Pcm dropouts(Pcm pcm, double every, double length, int channel = -1);
/// `count` pulses of `width` samples, spread evenly.
Pcm clicks(Pcm pcm, int count, double height, int width);
/// The value for a while, as a converter makes it of NaN.
Pcm stuck(Pcm pcm, double from, double length, double value);
/// Raised until this share of the samples is cut off; then scaled to `peak`.
Pcm clipped(Pcm pcm, double share, double peak);

/// An organ-like drone that changes slowly, a new one for each seed.
Pcm drone(double seconds, std::uint64_t seed);
/// One instrument alone: 0 a flute, 1 a plucked string, 2 a piano with rests, 3 a bowed string,
/// 4 a sine lead.
Pcm solo(int instrument, double seconds, std::uint64_t seed);
/// Noise that rises in level and colour over `seconds`, up to `rms`.
Pcm riser(double seconds, double rms, std::uint64_t seed);
/// Crackle and hiss of a record.
Pcm vinyl(double seconds, std::uint64_t seed);

}  // namespace support

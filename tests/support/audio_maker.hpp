// SPDX-License-Identifier: Apache-2.0
// Music and its damaged kin, made from a seed, and the files they are written to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Interleaved samples; full scale is 1.
struct Pcm {
  int rate = 48000;
  int channels = 2;
  std::vector<float> samples;

  std::size_t frames() const { return samples.size() / static_cast<std::size_t>(channels); }
  double seconds() const { return static_cast<double>(frames()) / rate; }
};

struct Tune {
  double seconds = 30;
  int bpm = 92;
  std::string key = "A minor";
  std::uint64_t seed = 1;
  double level = 0.5;       // the highest sample, about
  std::string prompt = "";  // what it is to sound like, for a musician who reads
  bool operator==(const Tune&) const = default;
};

/// A bass, a chord and a plucked line over four chords of the key: plainly music by its numbers.
Pcm make_music(const Tune& tune);
/// White noise with this RMS.
Pcm make_noise(double seconds, double rms, std::uint64_t seed);
Pcm make_silence(double seconds);
/// `pcm` in another form; by linear interpolation and by the mean of the channels.
Pcm converted(const Pcm& pcm, int rate, int channels);

/// `format`: mp3 (128 kbit/s), mp3-vbr (without a Xing header), flac, flac24, wav (16 bit), wav32
/// (float), ogg (Vorbis) or opus (in Ogg).
/// Throws std::invalid_argument for any other.
std::string encoded(const Pcm& pcm, std::string_view format);

}  // namespace support

// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_tracks.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "support/acestep_words.hpp"
#include "text/ascii.hpp"

namespace support {
namespace {

constexpr double kLongest = 480;  // seconds; what a card of 24 GB makes of more

Pcm with_fault(Pcm pcm, Fault fault) {
  std::vector<float>& s = pcm.samples;
  const auto silence = [&](double from, double to) {
    const auto at = [&](double seconds) {
      return static_cast<std::ptrdiff_t>(std::clamp(seconds, 0.0, pcm.seconds()) * pcm.rate) *
             pcm.channels;
    };
    std::fill(s.begin() + at(from), s.begin() + at(to), 0.0F);
  };
  const double length = pcm.seconds();
  switch (fault) {
    case Fault::kHalfSilent:
      silence(length / 2, length);
      break;
    case Fault::kHole:
      silence(length / 2 - 1.5, length / 2 + 1.5);
      break;
    case Fault::kQuiet:
      for (float& x : s) x *= 0.00056F;
      break;
    case Fault::kShort:
      s.resize(std::min<std::size_t>(s.size(), 9600));
      break;
    case Fault::kHalfLength:
      s.resize(s.size() / 4 * 2);
      break;
    case Fault::kClipped:
      for (float& x : s) x = std::clamp(x * 100, -1.0F, 1.0F);
      break;
    case Fault::kOffset:
      for (float& x : s) x = x / 2 + 0.5F;
      break;
    case Fault::kNanSamples:
      for (std::size_t i = s.size() / 3; i < s.size() / 3 + 2000 && i < s.size(); ++i) s[i] = NAN;
      break;
    case Fault::kGarbled:
      pcm = make_noise(length, 0.1, 7);
      break;
    case Fault::kLoop: {
      const auto second = std::min(s.size(), static_cast<std::size_t>(pcm.rate * pcm.channels));
      const std::size_t from = s.size() / 2 - s.size() / 2 % second;
      const std::vector<float> part(
          s.begin() + static_cast<std::ptrdiff_t>(std::min(from, s.size() - second)),
          s.begin() + static_cast<std::ptrdiff_t>(std::min(from, s.size() - second) + second));
      for (std::size_t i = 0; i < s.size(); ++i) s[i] = part[i % second];
      break;
    }
    case Fault::kDeadAir:
      silence(0, 1.5);
      silence(length - 2, length);
      break;
    default:
      break;
  }
  return pcm;
}

std::string zip_like() {
  std::string bytes = "PK\x03\x04\x14";
  std::mt19937 rng(7);
  while (bytes.size() < 200000) bytes += static_cast<char>(rng());
  return bytes;
}

// A second of silence for each second, as AAC-LC in ADTS frames of 48 kHz stereo.
std::string silent_aac(double seconds) {
  const std::string frame("\xff\xf1\x4c\x80\x01\xbf\xfc\x21\x10\x04\x60\x8c\x1c", 13);
  std::string bytes;
  for (int i = 0; i < seconds * 48000 / 1024; ++i) bytes += frame;
  return bytes;
}

}  // namespace

bool heeds_seed(const Asked& asked, Dialect dialect) {
  return dialect == Dialect::kLater && !asked.use_random_seed && asked.seed >= 0;
}

std::string track_of(const Asked& asked, Fault fault, std::uint64_t seed,
                     const DoubleSettings& settings) {
  if (fault == Fault::kForeign) return zip_like();
  Tune tune;
  tune.prompt = asked.prompt;
  tune.seconds = asked.duration && *asked.duration > 0 ? std::min(*asked.duration, kLongest) : 20;
  tune.bpm = asked.bpm && *asked.bpm > 0 ? *asked.bpm : 92;
  if (fault == Fault::kOffTempo) tune.bpm = tune.bpm * 93 / 100;
  if (fault == Fault::kAac) return silent_aac(tune.seconds);
  if (!asked.key.empty()) tune.key = asked.key;
  tune.seed = heeds_seed(asked, settings.dialect) ? static_cast<std::uint64_t>(asked.seed) : seed;
  const Pcm pcm = with_fault(settings.musician ? settings.musician(tune) : make_music(tune), fault);
  std::string format = infinara::text::lowered(extension_for(asked.audio_format, settings.dialect));
  if (fault == Fault::kWrongExtension) format = format == "flac" ? "mp3" : "flac";
  if (fault == Fault::kOpus) format = "opus";
  if (fault == Fault::kWav32 || fault == Fault::kNanSamples || asked.audio_format == "wav32")
    format = "wav32";
  std::string bytes = encoded(pcm, format);
  if (fault == Fault::kTruncated) bytes.resize(bytes.size() * 6 / 10);
  return bytes;
}

}  // namespace support

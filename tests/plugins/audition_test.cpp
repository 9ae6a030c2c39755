// SPDX-License-Identifier: Apache-2.0
// The audition against a corpus that is made here: no damaged file may pass, no good one may fail.
#include "audition/audition.hpp"

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <numbers>
#include <random>
#include <tuple>

#include "music/genre.hpp"
#include "support/audio_maker.hpp"
#include "support/band_musician.hpp"

namespace {

using infinara::audition;
using infinara::AuditionReport;
using support::encoded;
using support::Pcm;

constexpr double kSeconds = 12;
const std::string kFormats[] = {"mp3", "flac", "wav", "wav32", "ogg", "opus"};

Pcm music(std::uint64_t seed = 1, double seconds = kSeconds, double level = 0.5) {
  static std::map<std::tuple<std::uint64_t, double, double>, Pcm> made;
  const auto known = made.find({seed, seconds, level});
  if (known != made.end()) return known->second;
  constexpr const char* kKeys[] = {"A minor", "C major", "F# minor", "Eb major"};
  return made[{seed, seconds, level}] = support::make_music(
             {seconds, static_cast<int>(70 + 17 * (seed % 5)), kKeys[seed % 4], seed, level});
}

namespace music_words = infinara::music;

AuditionReport hear(const std::string& bytes, double seconds = kSeconds) {
  return audition(std::as_bytes(std::span(bytes)), {seconds});
}

Pcm changed(Pcm pcm, const std::function<float(float, double seconds)>& change) {
  for (std::size_t i = 0; i < pcm.samples.size(); ++i) {
    const std::size_t frame = i / 2;
    pcm.samples[i] = change(pcm.samples[i], static_cast<double>(frame) / pcm.rate);
  }
  return pcm;
}

Pcm silent_between(Pcm pcm, double from, double to) {
  return changed(std::move(pcm), [=](float x, double t) { return t >= from && t < to ? 0 : x; });
}

Pcm times(Pcm pcm, double factor) {
  return changed(std::move(pcm), [=](float x, double) { return x * static_cast<float>(factor); });
}

Pcm clamped(Pcm pcm) {
  return changed(std::move(pcm), [](float x, double) { return std::clamp(x, -1.0F, 1.0F); });
}

Pcm tone(double hertz, double level) {
  return changed(support::make_silence(kSeconds), [=](float, double t) {
    return static_cast<float>(level * std::sin(2 * std::numbers::pi * hertz * t));
  });
}

std::string cut(std::string bytes, double share) {
  bytes.resize(static_cast<std::size_t>(static_cast<double>(bytes.size()) * share));
  return bytes;
}

std::string scrambled(std::string bytes, double from, double to) {
  std::mt19937 rng(5);
  const auto size = static_cast<double>(bytes.size());
  for (auto i = static_cast<std::size_t>(from * size); i < static_cast<std::size_t>(to * size); ++i)
    bytes[i] = static_cast<char>(rng());
  return bytes;
}

std::string id3(std::size_t size, const std::string& bytes) {
  std::string tag = "ID3\x04";
  tag += std::string(2, '\0');
  for (const int shift : {21, 14, 7, 0}) tag += static_cast<char>(size >> shift & 0x7F);
  tag += "TIT2";
  tag.resize(10 + size, '\0');
  return tag + bytes;
}

/// The four bytes at `at` are replaced, as headers of WAV have numbers.
std::string patched(std::string bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  return bytes;
}

/// What the house band plays in this genre.
const Pcm& band(std::string_view genre) {
  static std::map<std::string, Pcm, std::less<>> played;
  const auto known = played.find(genre);
  if (known != played.end()) return known->second;
  support::Tune tune;
  tune.seconds = kSeconds;
  tune.prompt = genre;
  const music_words::Genre& row = *music_words::find_genre(genre);
  tune.bpm = (row.bpm_low + row.bpm_high) / 2;
  return played[std::string(genre)] = support::house_band(tune);
}

struct File {
  std::string name;
  std::string bytes;
  double seconds = kSeconds;  // as ordered
};

std::vector<File> good_files() {
  std::vector<File> files;
  std::uint64_t seed = 0;
  for (const std::string& format : kFormats) {
    for (int i = 0; i < 3; ++i, ++seed)
      files.push_back(
          {"music " + std::to_string(seed) + ", " + format, encoded(music(seed), format)});
    Pcm late = silent_between(music(seed), 0, 1);
    late = silent_between(std::move(late), kSeconds - 1.2, kSeconds);
    files.push_back({"dead air at both ends, " + format, encoded(late, format)});
    files.push_back(
        {"far too loud, but whole, " + format, encoded(clamped(times(music(seed), 2.5)), format)});
    files.push_back({"soft, " + format, encoded(music(seed, kSeconds, 0.03), format)});
  }
  const std::string formats[] = {"mp3", "flac", "wav", "ogg", "mp3-vbr", "flac24", "wav32", "opus"};
  std::size_t next = 0;
  for (const auto& genre : music_words::kGenres) {
    for (int i = 0; i < 3; ++i) {
      const std::string& format = formats[next++ % std::size(formats)];
      files.push_back(
          {"band, " + std::string(genre.name) + ", " + format, encoded(band(genre.name), format)});
    }
    next += 2;
  }
  files.push_back(
      {"band, ambient, 22 dB down, flac", encoded(times(band("ambient"), 0.08), "flac")});
  files.push_back(
      {"band, classical, 20 dB down, mp3", encoded(times(band("classical"), 0.1), "mp3")});
  for (const std::string format : {"mp3", "mp3-vbr", "flac", "ogg"})
    files.push_back({"band, jazz, mono at 44100 Hz, " + format,
                     encoded(support::converted(band("jazz"), 44100, 1), format)});
  files.push_back({"ID3v2 of 200 kB before MP3", id3(200000, encoded(music(7), "mp3"))});
  files.push_back({"two ID3v2 before FLAC", id3(300, id3(4000, encoded(music(7), "flac")))});
  files.push_back({"ID3v1 behind MP3", encoded(music(7), "mp3") + "TAG" + std::string(125, ' ')});
  files.push_back({"a rest of 0.5 s, wav", encoded(silent_between(music(8), 6, 6.5), "wav")});
  files.push_back({"5 % shorter, mp3", encoded(music(8, kSeconds * 0.95), "mp3")});
  files.push_back({"10 % longer, flac", encoded(music(8, kSeconds * 1.1), "flac")});
  files.push_back({"any length, mp3", encoded(music(8), "mp3"), 0});
  files.push_back({"mono, wav", encoded(support::converted(music(9), 48000, 1), "wav")});
  files.push_back({"mono, mp3", encoded(support::converted(music(9), 48000, 1), "mp3")});
  files.push_back({"44100 Hz, flac", encoded(support::converted(music(9), 44100, 2), "flac")});
  files.push_back({"22050 Hz, wav", encoded(support::converted(music(9), 22050, 2), "wav")});
  files.push_back({"96000 Hz, wav32", encoded(support::converted(music(9), 96000, 2), "wav32")});
  files.push_back(
      {"fades in and out, ogg",
       encoded(changed(music(10),
                       [](float x, double t) {
                         return x * static_cast<float>(std::min({1.0, t / 2, (kSeconds - t) / 2}));
                       }),
               "ogg")});
  files.push_back({"floats beyond full scale, wav32", encoded(times(music(11), 3), "wav32")});
  return files;
}

std::vector<File> bad_files() {
  std::vector<File> files;
  for (const std::string& format : kFormats) {
    files.push_back({"silence, " + format, encoded(support::make_silence(kSeconds), format)});
    files.push_back(
        {"second half silent, " + format, encoded(silent_between(music(2), 6, 12), format)});
    files.push_back(
        {"first half silent, " + format, encoded(silent_between(music(2), 0, 6), format)});
    files.push_back({"hole of 3 s, " + format, encoded(silent_between(music(2), 4, 7), format)});
    files.push_back(
        {"hole of 0.9 s, " + format, encoded(silent_between(music(2), 4, 4.9), format)});
    files.push_back({"0.1 s, " + format, encoded(music(2, 0.1), format)});
    files.push_back({"half as long, " + format, encoded(music(2, kSeconds / 2), format)});
    files.push_back({"65 dB too quiet, " + format, encoded(times(music(2), 0.00056), format)});
    files.push_back({"cut at 60 %, " + format, cut(encoded(music(2), format), 0.6)});
    files.push_back({"cut in the header, " + format, encoded(music(2), format).substr(0, 30)});
    files.push_back(
        {"clipped to a buzz, " + format, encoded(clamped(times(music(2), 60)), format)});
    for (const double level : {0.1, 0.5, 0.99})
      files.push_back({"a pure tone, " + std::to_string(level).substr(0, 4) + ", " + format,
                       encoded(tone(440, level), format)});
    if (format == "opus") continue;  // it leaves direct current out by itself
    files.push_back(
        {"direct current, " + format,
         encoded(changed(music(2), [](float x, double) { return x / 2 + 0.4F; }), format)});
  }
  for (const std::string format : {"mp3", "mp3-vbr", "flac", "wav", "ogg"}) {
    const Pcm& rock = band("rock");
    files.push_back({"band, second half silent, " + format,
                     encoded(silent_between(rock, kSeconds / 2, kSeconds), format)});
    files.push_back(
        {"band, hole of 0.9 s, " + format, encoded(silent_between(rock, 5, 5.9), format)});
    files.push_back({"band, cut at 70 %, " + format, cut(encoded(rock, format), 0.7)});
  }
  for (const std::string format : {"mp3", "flac", "ogg", "opus"})
    files.push_back({"a third of the bytes scrambled, " + format,
                     scrambled(encoded(music(3), format), 0.3, 0.63)});
  files.push_back({"noise of rain, flac", encoded(support::make_noise(kSeconds, 0.1, 3), "flac")});
  const Pcm whole = music(4);
  const auto with = [&](float odd, std::size_t count) {
    Pcm pcm = whole;
    for (std::size_t i = 100000; i < 100000 + count; ++i) pcm.samples[i] = odd;
    return pcm;
  };
  files.push_back({"one NaN", encoded(with(std::numeric_limits<float>::quiet_NaN(), 1), "wav32")});
  files.push_back(
      {"NaN all over", encoded(with(std::numeric_limits<float>::quiet_NaN(), 900000), "wav32")});
  files.push_back({"infinity", encoded(with(std::numeric_limits<float>::infinity(), 5), "wav32")});
  files.push_back({"five times as long", encoded(music(4, kSeconds * 5), "flac")});
  files.push_back({"empty", ""});
  files.push_back({"one byte", std::string(1, '\0')});
  files.push_back(
      {"HTML", "<!DOCTYPE html><html><body>" + std::string(50000, 'x') + "</body></html>"});
  files.push_back({"JSON", R"({"detail":"Audio file not found"})"});
  files.push_back({"ZIP", std::string("PK\x03\x04") + std::string(9000, 'q')});
  files.push_back({"zeros", std::string(500000, '\0')});
  files.push_back({"noise", scrambled(std::string(500000, 'x'), 0, 1)});
  files.push_back({"nothing but ID3", id3(60000, "")});
  files.push_back({"ID3 that claims 256 MB", "ID3\x04" + std::string(2, '\0') + "\x7F\x7F\x7F\x7F" +
                                                 encoded(music(4), "mp3")});
  files.push_back(
      {"PNG", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) + std::string(5000, '\x22')});
  files.push_back(
      {"MIDI", std::string("MThd\0\0\0\6\0\1\0\1\1\xe0MTrk", 18) + std::string(2000, '\x40')});
  files.push_back({"a playlist", "#EXTM3U\n#EXTINF:1,x\nfile:///etc/passwd\n"});
  files.push_back({"ADTS AAC", [] {
                     std::string bytes;
                     while (bytes.size() < 100000)
                       bytes += "\xff\xf1\x4c\x80\x19\x1f\xfc" + std::string(193, '\x21');
                     return bytes;
                   }()});
  const std::string wav = encoded(music(5), "wav");
  files.push_back({"WAV, 256 channels", patched(wav, 20, 1 | 256U << 16)});
  files.push_back({"WAV, 6 channels", encoded(
                                          [] {
                                            Pcm pcm = music(5);
                                            pcm.channels = 6;
                                            return pcm;
                                          }(),
                                          "wav")});
  files.push_back({"WAV, no channels", patched(wav, 20, 1)});
  files.push_back({"WAV, 1 Hz", patched(wav, 24, 1)});
  files.push_back({"WAV, 4 GHz", patched(wav, 24, 4000000000U)});
  files.push_back({"WAV, of MP3", patched(wav, 20, 0x55 | 2U << 16)});
  files.push_back({"WAV, unknown coding", patched(wav, 20, 0x7777 | 2U << 16)});
  files.push_back({"WAV, 10 hours by its header, 2 s long",
                   patched(wav.substr(0, 44 + 384000), 40, 4000000000U)});
  files.push_back(
      {"AVI by RIFF", std::string("RIFF\x10\x10\0\0AVI LIST", 16) + std::string(9000, '\3')});
  files.push_back({"MP3 at 8000 Hz", encoded(support::converted(music(5), 8000, 1), "mp3")});
  return files;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

int rejected_or_passed(const std::vector<File>& files, bool expected) {
  int wrong = 0;
  for (const File& file : files) {
    const double begin = cpu_seconds();
    const AuditionReport report = hear(file.bytes, file.seconds);
    const double took = cpu_seconds() - begin;
    std::printf("%-9s %-42s %6.2f s %6.1f LUFS %6.1f dBTP %+6.1f dB  -%.1f -%.1f s  %4.0f ms  %s\n",
                report.ok ? "passes" : "refused", file.name.c_str(), report.duration,
                report.loudness_lufs, report.true_peak_dbtp, report.gain_db, report.head_silence,
                report.tail_silence, 1000 * took, report.reason.c_str());
    EXPECT_EQ(report.ok, expected) << file.name << ": " << report.reason;
    EXPECT_EQ(report.reason.empty(), report.ok) << file.name;
    wrong += report.ok != expected;
  }
  return wrong;
}

}  // namespace

TEST(Audition, LetsNoBadFilePass) {
  const std::vector<File> files = bad_files();
  EXPECT_GE(files.size(), 30U);
  EXPECT_EQ(rejected_or_passed(files, false), 0);
}

TEST(Audition, LetsEachGoodFilePass) {
  const std::vector<File> files = good_files();
  EXPECT_GE(files.size(), 30U);
  EXPECT_EQ(rejected_or_passed(files, true), 0);
}

TEST(Audition, FindsDeadAirToTheTenthOfASecond) {
  Pcm pcm = silent_between(music(1), 0, 1.5);
  pcm = silent_between(std::move(pcm), kSeconds - 0.8, kSeconds);
  const AuditionReport report = hear(encoded(pcm, "flac"));
  ASSERT_TRUE(report.ok) << report.reason;
  EXPECT_NEAR(report.head_silence, 1.5, 0.11);
  EXPECT_NEAR(report.tail_silence, 0.8, 0.11);
  EXPECT_NEAR(report.duration, kSeconds, 0.01);
  EXPECT_EQ(report.media_type, "audio/x-flac");
}

TEST(Audition, MeasuresLoudnessAsAnyCodecGivesIt) {
  const Pcm pcm = music(1);
  const double exact = hear(encoded(pcm, "wav32")).loudness_lufs;
  for (const std::string& format : kFormats)
    EXPECT_NEAR(hear(encoded(pcm, format)).loudness_lufs, exact, 0.6) << format;
  EXPECT_NEAR(hear(encoded(times(pcm, 0.5), "wav")).loudness_lufs, exact - 6.02, 0.1);
  EXPECT_NEAR(hear(encoded(support::converted(pcm, 48000, 1), "wav")).loudness_lufs, exact, 2.5)
      << "one channel is heard from both sides";
}

TEST(Audition, EndsSoonWhenItIsCancelled) {
  const std::string bytes = encoded(music(1, 60), "flac");
  const std::atomic<bool> cancel = true;
  const double begin = cpu_seconds();
  const AuditionReport report = audition(std::as_bytes(std::span(bytes)), {60}, &cancel);
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.reason, "was not heard to its end");
  EXPECT_LT(cpu_seconds() - begin, 0.5);
}

TEST(Audition, SurvivesAnyDamage) {
  // Whatever is flipped, it returns; under a sanitizer this is where a decoder would be caught.
  for (const std::string& format : kFormats) {
    const std::string whole = encoded(music(6, 4), format);
    std::mt19937 rng(11);
    for (int round = 0; round < 12; ++round) {
      std::string bytes = whole;
      for (int i = 0; i < 40; ++i) bytes[rng() % bytes.size()] = static_cast<char>(rng());
      if (round % 3 == 0) bytes.resize(rng() % bytes.size());
      hear(bytes, 4);
    }
  }
}

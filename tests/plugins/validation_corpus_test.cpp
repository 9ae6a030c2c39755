// SPDX-License-Identifier: Apache-2.0
// The audition against tracks with one defect each, and against good ones that come close. Prints
// a table with each measure; fails where a margin is thin. With INFINARA_CORPUS=long 30 of each
// defect and 150 good ones, from seeds that the limits were not chosen with; else some of each.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "audition/audition.hpp"
#include "band/band.hpp"
#include "music/genre.hpp"
#include "support/audio_maker.hpp"
#include "support/damage.hpp"

namespace {

using infinara::audition;
using infinara::AuditionReport;
using infinara::sound::Defect;
using infinara::sound::Measure;
using support::Noise;
using support::Pcm;

constexpr double kMargin = 1.3;
constexpr double kSeconds = 16;
constexpr Defect kGood = static_cast<Defect>(-1);

bool is_long() {
  return std::getenv("INFINARA_CORPUS") != nullptr;
}

Pcm band(std::string_view genre, std::uint32_t seed, std::string_view only = "") {
  infinara::band::BandOrder order;
  order.genre = genre;
  order.seed = seed;
  order.duration = kSeconds;
  order.only = only;
  infinara::band::Band players(order);
  Pcm pcm = support::make_silence(kSeconds);
  std::vector<std::int16_t> block(2 * 4800);
  std::size_t at = 0;
  while (const std::size_t got = players.render(block))
    for (std::size_t i = 0; i < 2 * got && at < pcm.samples.size(); ++i, ++at)
      pcm.samples[at] = static_cast<float>(block[i]) / 32768;
  return pcm;
}

struct Case {
  std::string name;
  Defect expected = kGood;
  std::string format;
  std::function<Pcm()> make;
  double severity = 0;  // of the expected defect, or the worst
  std::string line{};
  std::string fault{};
};

Pcm faded(Pcm pcm, double in, double out) {
  return support::mapped(std::move(pcm), [=](double x, double t, int) {
    return x * std::min({1.0, in > 0 ? t / in : 1, out > 0 ? (kSeconds - t) / out : 1});
  });
}

Pcm mono(Pcm pcm) {
  for (std::size_t i = 0; i + 1 < pcm.samples.size(); i += 2)
    pcm.samples[i] = pcm.samples[i + 1] = (pcm.samples[i] + pcm.samples[i + 1]) / 2;
  return pcm;
}

Pcm limited(Pcm pcm, double drive) {
  return support::mapped(std::move(pcm), [=](double x, double, int) {
    return 0.89 * std::tanh(drive * x) / std::tanh(drive);
  });
}

Pcm with_rests(Pcm pcm, double every, double length) {
  return support::mapped(std::move(pcm), [=](double x, double t, int) {
    const double into = std::fmod(t + 1, every) - (every - length);
    return into < 0 ? x : x * std::exp(-into / 0.05);
  });
}

Pcm riser_over(Pcm pcm, double from, double length, std::uint64_t seed) {
  const Pcm rise = support::riser(length, 0.2, seed);
  const auto at = static_cast<std::size_t>(from * 48000) * 2;
  for (std::size_t i = 0; i < rise.samples.size() && at + i < pcm.samples.size(); ++i)
    pcm.samples[at + i] += rise.samples[i];
  return pcm;
}

Pcm with_quiet_intro(Pcm pcm) {
  return support::mapped(std::move(pcm),
                         [](double x, double t, int) { return t < 6 ? 0.05 * x : x; });
}

Pcm left_only(Pcm pcm, int silent) {
  return support::mapped(std::move(pcm),
                         [=](double x, double, int c) { return c == silent ? 0 : x; });
}

Pcm inverted(Pcm pcm, double gain = -1) {
  for (std::size_t i = 0; i + 1 < pcm.samples.size(); i += 2)
    pcm.samples[i + 1] = static_cast<float>(gain) * pcm.samples[i];
  return pcm;
}

class Corpus {
 public:
  void add(std::string name, Defect expected, std::string format, std::function<Pcm()> make) {
    cases_.push_back({std::move(name), expected, std::move(format), std::move(make)});
  }

  /// Runs all, two at a time, and prints the table. The number of cases with a fault.
  int run() {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < cases_.size(); i = next++) judge(cases_[i]);
    };
    std::thread other(work);
    work();
    other.join();
    int wrong = 0;
    for (const Case& one : cases_) {
      std::printf("%s\n", one.line.c_str());
      if (!one.fault.empty()) ADD_FAILURE() << one.name << ": " << one.fault;
      wrong += one.fault.empty() ? 0 : 1;
    }
    return wrong;
  }

  std::size_t size() const { return cases_.size(); }

 private:
  static void judge(Case& one) {
    Pcm pcm = one.make();
    if (one.format != "wav32")
      for (float& x : pcm.samples) x = std::clamp(x, -1.0F, 1.0F);
    const std::string bytes = support::encoded(pcm, one.format);
    const AuditionReport report = audition(std::as_bytes(std::span(bytes)), {kSeconds});
    const Measure* worst = nullptr;
    const Measure* first = nullptr;
    for (const Measure& measure : report.measures) {
      const bool is_it = measure.defect == one.expected;
      if (one.expected == kGood ? worst == nullptr || measure.severity > worst->severity : is_it)
        worst = &measure;
      if (first == nullptr && measure.severity >= 1) first = &measure;
    }
    one.severity = worst != nullptr ? worst->severity : 0;
    const double margin = one.expected == kGood ? 1 / std::max(one.severity, 0.001) : one.severity;
    char line[400];
    std::snprintf(line, sizeof line, "%-12s %-44s %-8s %-12s %8.3g of %-6.3g margin %5.1f  %s",
                  one.expected == kGood ? "good" : std::string(name_of(one.expected)).c_str(),
                  one.name.c_str(), one.format.c_str(),
                  worst != nullptr ? std::string(name_of(worst->defect)).c_str() : "-",
                  worst != nullptr ? worst->figure : 0, worst != nullptr ? worst->limit : 0, margin,
                  report.reason.c_str());
    one.line = line;
    if (worst == nullptr)
      one.fault = "was not measured: " + report.reason;
    else if (report.ok != (one.expected == kGood))
      one.fault = report.ok ? "passes" : "is refused: " + report.reason;
    else if (margin < kMargin)
      one.fault = "has a thin margin: " + std::to_string(margin);
    else if (one.expected != kGood && (first == nullptr || first->defect != one.expected))
      one.fault = "is refused for another reason: " + report.reason;
  }

  std::vector<Case> cases_;
};

/// A seed that differs between the short corpus and the long one.
std::uint32_t seed_of(int n) {
  return static_cast<std::uint32_t>(n + (is_long() ? 9000 : 500));
}

constexpr const char* kFormats[] = {"flac", "mp3", "opus", "wav", "ogg", "mp3-vbr", "flac24"};
std::string format_of(int n) {
  return kFormats[static_cast<std::size_t>(n) % std::size(kFormats)];
}
/// Without loss, where a codec takes the defect away.
std::string exact_format_of(int n) {
  constexpr const char* kExact[] = {"flac", "wav", "flac24"};
  return kExact[static_cast<std::size_t>(n) % std::size(kExact)];
}

/// Band tracks, made once each.
class Tracks {
 public:
  Pcm operator()(int n) {
    const auto index = static_cast<std::size_t>(n) % infinara::music::kGenreCount;
    std::call_once(made_[index], [&] {
      tracks_[index] = band(infinara::music::kGenres[index].name, seed_of(static_cast<int>(index)));
    });
    return tracks_[index];
  }

 private:
  std::array<std::once_flag, infinara::music::kGenreCount> made_;
  std::array<Pcm, infinara::music::kGenreCount> tracks_;
};

Tracks& tracks() {
  static Tracks all;
  return all;
}

}  // namespace

TEST(ValidationCorpus, RefusesEachDefectForItsReason) {
  Corpus corpus;
  const int count = is_long() ? 30 : 5;
  Tracks& track = tracks();
  // The dense genres where a defect could hide, and the sparse ones where it could be confused.
  for (int n = 0; n < count; ++n) {
    const auto seed = static_cast<std::uint64_t>(seed_of(n));
    const std::string number = std::to_string(n);
    const std::string genre(infinara::music::kGenres[static_cast<std::size_t>(n) % 14].name);
    switch (n % 5) {
      case 0:
        corpus.add("noise, white, " + number, Defect::kNoise, format_of(n),
                   [=] { return support::noise(Noise::kWhite, kSeconds, 0.05 + 0.01 * n, seed); });
        break;
      case 1:
        corpus.add("noise, pink, " + number, Defect::kNoise, format_of(n),
                   [=] { return support::noise(Noise::kPink, kSeconds, 0.15, seed); });
        break;
      case 2:
        corpus.add("noise, brown, " + number, Defect::kNoise, format_of(n),
                   [=] { return support::noise(Noise::kBrown, kSeconds, 0.2, seed); });
        break;
      case 3:
        corpus.add("noise, first half of " + genre, Defect::kNoise, format_of(n), [=, &track] {
          return support::replaced(track(n), 0, kSeconds / 2,
                                   support::noise(Noise::kPink, kSeconds, 0.12, seed));
        });
        break;
      default:
        corpus.add("noise, 6 s of " + genre, Defect::kNoise, format_of(n), [=, &track] {
          return support::replaced(track(n), 6, 12,
                                   support::noise(Noise::kBand, kSeconds, 0.12, seed));
        });
        break;
    }
    corpus.add("garble of " + genre, Defect::kNoise, format_of(n + 1),
               [=, &track] { return support::garbled(track(n), 8 + 4 * (n % 6), seed); });
    constexpr double kPeriods[] = {0.1, 0.2,  1,   4,     0.37, 2.5, 0.75, 5,
                                   9.7, 0.15, 1.5, 7.013, 3,    0.5, 6.1};
    const double period = kPeriods[static_cast<std::size_t>(n) % std::size(kPeriods)];
    const bool is_late = n % 3 == 2 && period <= 1;
    corpus.add("loop of " + std::to_string(period).substr(0, 5) + " s" +
                   (is_late ? " after 7 s of " : " of ") + genre,
               Defect::kLoop, format_of(n + 2), [=, &track] {
                 return support::looped(track(n), is_late ? 3 : 0, kSeconds, period);
               });
    corpus.add("drop-outs in " + genre, Defect::kDropOut, format_of(n + 3), [=, &track] {
      return support::dropouts(track(n), 1 + n % 3, 0.03 + 0.01 * (n % 9), n % 4 == 3 ? n % 2 : -1);
    });
    if (n % 2 == 0) {
      corpus.add("silent channel, " + genre, Defect::kOneSided, format_of(n),
                 [=, &track] { return left_only(track(n), n / 2 % 2); });
    } else {
      corpus.add("right is -left, " + genre, Defect::kOutOfPhase, format_of(n),
                 [=, &track] { return inverted(track(n), n % 4 == 1 ? -1 : -0.7); });
    }
    // Wider ones are smeared by a codec until they are no clicks any more.
    const int width = 1 + n % 5;
    corpus.add("clicks, " + std::to_string(n % 3 == 0 ? 3 : 5 * n + 4) + " in " + genre,
               Defect::kClick, width < 3 ? format_of(n) : exact_format_of(n), [=, &track] {
                 return support::clicks(track(n), n % 3 == 0 ? 3 : 5 * n + 4, 1, width);
               });
    corpus.add("pulse of 40 ms in " + genre, Defect::kPulse, format_of(n + 4), [=, &track] {
      return support::stuck(track(n), 1 + n % 14, 0.04, n % 2 == 0 ? -1 : 0.99);
    });
    corpus.add("clipped, 8 %, " + genre, Defect::kClipped, exact_format_of(n),
               [=, &track] { return support::clipped(track(n), 0.08, n % 2 == 0 ? 1 : 0.89); });
    switch (n % 4) {
      case 0:
        corpus.add("tone of " + std::to_string(60 * (n % 15 + 1)) + " Hz", Defect::kTone,
                   format_of(n), [=] { return support::tone(kSeconds, 60 * (n % 15 + 1), 0.3); });
        break;
      case 1:
        corpus.add("tone in the second half of " + genre, Defect::kTone, format_of(n), [=, &track] {
          return support::replaced(track(n), 4.5, kSeconds,
                                   support::tone(kSeconds, 330 + 10 * n, 0.3));
        });
        break;
      case 2:
        corpus.add("chord that never changes " + number, Defect::kLoop, format_of(n),
                   [=] { return support::chord(kSeconds, 0.2 + 0.01 * n); });
        break;
      default:
        corpus.add("squeal over " + genre, Defect::kWhistle, format_of(n), [=, &track] {
          return support::mixed(track(n), support::squeal(kSeconds, 2000 + 300 * n, 0.6, seed));
        });
        break;
    }
  }
  EXPECT_EQ(corpus.size(), static_cast<std::size_t>(count) * 9);
  EXPECT_EQ(corpus.run(), 0);
}

TEST(ValidationCorpus, LetsGoodTracksPass) {
  Corpus corpus;
  Tracks& track = tracks();
  const int rounds = is_long() ? 3 : 1;
  for (int round = 0; round < rounds; ++round) {
    for (int n = 0; n < 14; ++n) {
      const std::string genre(infinara::music::kGenres[static_cast<std::size_t>(n)].name);
      const auto seed = seed_of(100 * round + n);
      const std::string& format = format_of(n + round);
      if (round == 0) {
        if (is_long())
          corpus.add("band, " + genre, kGood, format, [=, &track] { return track(n); });
        corpus.add("band, " + genre, kGood, format_of(n + 1), [=, &track] { return track(n); });
      } else {
        corpus.add("band, " + genre, kGood, format, [=] {
          return band(infinara::music::kGenres[static_cast<std::size_t>(n)].name, seed);
        });
      }
      if (is_long() || n % 3 == 0)
        corpus.add("mono, " + genre, kGood, format_of(n + 2),
                   [=, &track] { return mono(track(n)); });
      switch (n % 7) {
        case 0:
          corpus.add("quiet intro, " + genre, kGood, format,
                     [=, &track] { return with_quiet_intro(track(n)); });
          break;
        case 1:
          corpus.add("long fades, " + genre, kGood, format,
                     [=, &track] { return faded(track(n), 4, 6); });
          break;
        case 2:
          corpus.add("mastered loud, " + genre, kGood, format,
                     [=, &track] { return limited(track(n), 6); });
          break;
        case 3:
          corpus.add("rests, " + genre, kGood, format,
                     [=, &track] { return with_rests(track(n), 4, 0.5); });
          break;
        case 4:
          corpus.add("clipped in 1 %, " + genre, kGood, format,
                     [=, &track] { return support::clipped(track(n), 0.01, 1); });
          break;
        case 5:
          corpus.add("soft, " + genre, kGood, format, [=, &track] {
            return support::mapped(track(n), [](double x, double, int) { return 0.15 * x; });
          });
          break;
        default:
          corpus.add("a record's crackle, " + genre, kGood, format, [=, &track] {
            return support::mixed(track(n), support::vinyl(kSeconds, seed));
          });
          break;
      }
    }
    for (int n = 0; n < 5; ++n) {
      const auto seed = static_cast<std::uint64_t>(seed_of(100 * round + n));
      const std::string number = std::to_string(n);
      corpus.add("drone " + number, kGood, format_of(n),
                 [=] { return support::drone(kSeconds, seed); });
      constexpr const char* kSolos[] = {"flute", "plucked string", "piano", "bowed string",
                                        "sine lead"};
      corpus.add(std::string("solo, ") + kSolos[n], kGood, format_of(n + 1),
                 [=] { return support::solo(n, kSeconds, seed); });
      // Electronic, drum and bass, synthwave, chillwave, cinematic.
      constexpr int kWithRisers[] = {9, 10, 8, 1, 7};
      corpus.add("riser over band " + number, kGood, format_of(n + 2),
                 [=, &track] { return riser_over(track(kWithRisers[n]), 6, 8, seed); });
      corpus.add("riser alone " + number, kGood, format_of(n + 3), [=, &track] {
        Pcm pcm = track(kWithRisers[n]);
        const auto begin = static_cast<std::size_t>(6 * 48000) * 2;
        const auto end = static_cast<std::size_t>(14 * 48000) * 2;
        for (std::size_t i = begin; i < end; ++i)
          pcm.samples[i] *=
              std::max(0.02F, 1 - static_cast<float>(i - begin) / static_cast<float>(4 * 96000));
        return riser_over(std::move(pcm), 6, 8, seed);
      });
    }
  }
  EXPECT_GE(corpus.size(), is_long() ? 140U : 50U);
  EXPECT_EQ(corpus.run(), 0);
}

TEST(ValidationCorpus, LooksForAllDefectsInLittleTime) {
  const Pcm pcm = tracks()(13);
  infinara::sound::DefectFinder finder(48000, 2);
  timespec begin{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  for (std::size_t i = 0; i + 2048 <= pcm.samples.size(); i += 2048)
    finder.listen(std::span(pcm.samples).subspan(i, 2048));
  const auto measures = finder.measures();
  timespec end{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  const double took = static_cast<double>(end.tv_sec - begin.tv_sec) +
                      1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec);
  std::printf("%zu measures of %.0f s in %.3f s of CPU: %.2f s for three minutes\n",
              measures.size(), kSeconds, took, took * 180 / kSeconds);
}

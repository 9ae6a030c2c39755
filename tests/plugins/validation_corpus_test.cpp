// SPDX-License-Identifier: Apache-2.0
// The audition against tracks with one defect each, and against good ones that come close. Prints
// a table with each measure; fails where a margin is thin. With INFINARA_CORPUS=SEED 30 of each
// defect and 150 good ones, all drawn from that seed on; else some of each. The seed of the test
// validation_corpus_long is one that no limit was chosen with.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
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
  order.tolerance = 0;
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
  std::vector<Measure> measures{};
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
    summarize();
    return wrong;
  }

  std::size_t size() const { return cases_.size(); }

 private:
  /// Of each defect the track that comes closest to its limit: a bad one from above, or a good one
  /// from below.
  void summarize() const {
    std::map<Defect, std::pair<const Case*, const Measure*>> closest;
    for (const Case& one : cases_) {
      for (const Measure& measure : one.measures) {
        if (one.expected != kGood && one.expected != measure.defect) continue;
        auto& [track, found] = closest[measure.defect];
        if (found != nullptr && (one.expected == kGood) == (measure.severity < found->severity))
          continue;
        track = &one;
        found = &measure;
      }
    }
    for (const auto& [defect, found] : closest)
      std::printf("closest: %-12s %-10s %8.3g of %-6.3g at %s: %s\n",
                  std::string(name_of(defect)).c_str(),
                  found.first->expected == kGood ? "good" : "refused", found.second->figure,
                  found.second->limit, found.first->name.c_str(), found.second->reason.c_str());
  }

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
    one.measures = report.measures;
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

std::uint32_t seed_of(int n) {
  return static_cast<std::uint32_t>(n +
                                    (is_long() ? std::atoi(std::getenv("INFINARA_CORPUS")) : 500));
}

/// The numbers of one case.
class Draw {
 public:
  explicit Draw(std::uint32_t seed) : bits_(seed) {}
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(bits_()) / 4294967296.0;
  }
  int whole(int low, int high) { return static_cast<int>(between(low, high + 1)); }

 private:
  std::mt19937 bits_;
};

constexpr const char* kFormats[] = {"flac", "mp3", "opus", "wav", "ogg", "mp3-vbr", "flac24"};
std::string format_of(int n) {
  return kFormats[static_cast<std::size_t>(n) % std::size(kFormats)];
}
/// Without loss, where a codec takes the defect away.
std::string exact_format_of(int n) {
  constexpr const char* kExact[] = {"flac", "wav", "flac24"};
  return kExact[static_cast<std::size_t>(n) % std::size(kExact)];
}

/// Band tracks, made once each, three of a genre.
class Tracks {
 public:
  Pcm operator()(int n) {
    const auto index = static_cast<std::size_t>(n) % kCount;
    std::call_once(made_[index], [&] {
      tracks_[index] = band(infinara::music::kGenres[index % infinara::music::kGenreCount].name,
                            seed_of(static_cast<int>(index)));
    });
    return tracks_[index];
  }

 private:
  static constexpr std::size_t kCount = 3 * infinara::music::kGenreCount;
  std::array<std::once_flag, kCount> made_;
  std::array<Pcm, kCount> tracks_;
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
    Draw draw(seed_of(n));
    const std::string number = std::to_string(n);
    const std::string genre(infinara::music::kGenres[static_cast<std::size_t>(n) % 14].name);
    const double level = draw.between(0.05, 0.3);
    switch (n % 5) {
      case 0:
        corpus.add("noise, white, " + number, Defect::kNoise, format_of(n),
                   [=] { return support::noise(Noise::kWhite, kSeconds, level, seed); });
        break;
      case 1:
        corpus.add("noise, pink, " + number, Defect::kNoise, format_of(n),
                   [=] { return support::noise(Noise::kPink, kSeconds, level, seed); });
        break;
      case 2:
        corpus.add("noise, brown, " + number, Defect::kNoise, format_of(n),
                   [=] { return support::noise(Noise::kBrown, kSeconds, level, seed); });
        break;
      case 3:
        corpus.add("noise, first half of " + genre, Defect::kNoise, format_of(n), [=, &track] {
          return support::replaced(track(n), 0, kSeconds / 2,
                                   support::noise(Noise::kPink, kSeconds, level, seed));
        });
        break;
      default: {
        const double from = draw.between(0, kSeconds - 6);
        corpus.add("noise, 6 s of " + genre, Defect::kNoise, format_of(n), [=, &track] {
          return support::replaced(track(n), from, from + 6,
                                   support::noise(Noise::kBand, kSeconds, level, seed));
        });
        break;
      }
    }
    const int bands = draw.whole(8, 30);
    corpus.add("garble in " + std::to_string(bands) + " bands of " + genre, Defect::kNoise,
               format_of(n + 1), [=, &track] { return support::garbled(track(n), bands, seed); });
    const double period = std::exp(draw.between(std::log(0.1), std::log(9.0)));
    const bool is_late = n % 3 == 2 && period <= 1;
    corpus.add("loop of " + std::to_string(period).substr(0, 5) + " s" +
                   (is_late ? " after 3 s of " : " of ") + genre,
               Defect::kLoop, format_of(n + 2), [=, &track] {
                 return support::looped(track(n), is_late ? 3 : 0, kSeconds, period);
               });
    const double every = draw.between(0.7, 3.5);
    const double silence = draw.between(0.02, 0.2);
    const int channel = n % 4 == 3 ? n / 4 % 2 : -1;
    corpus.add("drop-outs of " + std::to_string(silence).substr(0, 5) + " s each " +
                   std::to_string(every).substr(0, 4) + " s in " + genre,
               Defect::kDropOut, format_of(n + 3),
               [=, &track] { return support::dropouts(track(n), every, silence, channel); });
    if (n % 2 == 0) {
      corpus.add("silent channel, " + genre, Defect::kOneSided, format_of(n),
                 [=, &track] { return left_only(track(n), n / 2 % 2); });
    } else {
      const double gain = n % 4 == 1 ? -1 : draw.between(-1.3, -0.7);
      corpus.add("right is " + std::to_string(gain).substr(0, 5) + " left, " + genre,
                 Defect::kOutOfPhase, format_of(n),
                 [=, &track] { return inverted(track(n), gain); });
    }
    // Wider ones are smeared by a codec until they are no clicks any more.
    const int width = 1 + n % 5;
    const int clicks = n % 3 == 0 ? 3 : draw.whole(4, 150);
    corpus.add(std::to_string(clicks) + " clicks of " + std::to_string(width) + " in " + genre,
               Defect::kClick, width < 3 ? format_of(n) : exact_format_of(n),
               [=, &track] { return support::clicks(track(n), clicks, 1, width); });
    const double stuck_at = draw.between(1, kSeconds - 1);
    corpus.add("pulse of 40 ms in " + genre, Defect::kPulse, format_of(n + 4), [=, &track] {
      return support::stuck(track(n), stuck_at, 0.04, n % 2 == 0 ? -1 : 0.99);
    });
    const double share = draw.between(0.08, 0.15);
    corpus.add("clipped, " + std::to_string(100 * share).substr(0, 4) + " %, " + genre,
               Defect::kClipped, exact_format_of(n),
               [=, &track] { return support::clipped(track(n), share, n % 2 == 0 ? 1 : 0.89); });
    const double hertz = draw.between(60, 900);
    switch (n % 4) {
      case 0:
        corpus.add("tone of " + std::to_string(std::lround(hertz)) + " Hz", Defect::kTone,
                   format_of(n), [=] { return support::tone(kSeconds, hertz, level); });
        break;
      case 1:
        corpus.add("tone in the second half of " + genre, Defect::kTone, format_of(n), [=, &track] {
          return support::replaced(track(n), 4.5, kSeconds, support::tone(kSeconds, hertz, level));
        });
        break;
      case 2:
        corpus.add("chord that never changes " + number, Defect::kLoop, format_of(n),
                   [=] { return support::chord(kSeconds, level); });
        break;
      default: {
        const double whistle = draw.between(2000, 11000);
        corpus.add("squeal at " + std::to_string(std::lround(whistle)) + " Hz over " + genre,
                   Defect::kWhistle, format_of(n), [=, &track] {
                     return support::mixed(track(n), support::squeal(kSeconds, whistle, 0.6, seed));
                   });
        break;
      }
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
      const int take = n + 14 * round;
      corpus.add("band, " + genre, kGood, format, [=, &track] { return track(take); });
      if (is_long() && round == 0)
        corpus.add("band, " + genre, kGood, format_of(n + 1), [=, &track] { return track(take); });
      if (is_long() || n % 3 == 0)
        corpus.add("mono, " + genre, kGood, format_of(n + 2),
                   [=, &track] { return mono(track(take)); });
      switch (n % 7) {
        case 0:
          corpus.add("quiet intro, " + genre, kGood, format,
                     [=, &track] { return with_quiet_intro(track(take)); });
          break;
        case 1:
          corpus.add("long fades, " + genre, kGood, format,
                     [=, &track] { return faded(track(take), 4, 6); });
          break;
        case 2:
          corpus.add("mastered loud, " + genre, kGood, format,
                     [=, &track] { return limited(track(take), 6); });
          break;
        case 3:
          corpus.add("rests, " + genre, kGood, format,
                     [=, &track] { return with_rests(track(take), 4, 0.5); });
          break;
        case 4:
          corpus.add("clipped in 1 %, " + genre, kGood, format,
                     [=, &track] { return support::clipped(track(take), 0.01, 1); });
          break;
        case 5:
          corpus.add("soft, " + genre, kGood, format, [=, &track] {
            return support::mapped(track(take), [](double x, double, int) { return 0.15 * x; });
          });
          break;
        default:
          corpus.add("a record's crackle, " + genre, kGood, format, [=, &track] {
            return support::mixed(track(take), support::vinyl(kSeconds, seed));
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

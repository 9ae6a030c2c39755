// SPDX-License-Identifier: Apache-2.0
// Plans and plays joins of the house band as the station makes them, and measures each: for
// bench/joins.py.
//
// usage: joins PLANNED RENDERED SECONDS SEED [plain|found]
// Each track lasts SECONDS; every fourth one begins another genre. A line for each join,
// NAME=VALUE. "found" joins what is rendered by the beats that are found in the sound, as those of
// a file that tells none.
#include "onair/joins.hpp"

#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "band/band.hpp"
#include "band/theory.hpp"
#include "bass_overlap.hpp"
#include "music/mixing_rules.hpp"
#include "music/orders.hpp"
#include "music/walk.hpp"
#include "sound/bands.hpp"
#include "sound/beats.hpp"
#include "sound/frame.hpp"
#include "sound/mix.hpp"

namespace {

using namespace infinara;
using Pcm = std::vector<std::int16_t>;  // interleaved stereo

constexpr double kCrossfade = 18;  // seconds, as the station has it
constexpr unsigned kTracksAGenre = 4;
constexpr std::int64_t kWindow = sound::kRate * 4 / 10;  // of loudness
constexpr std::int64_t kHop = sound::kRate / 10;

/// One order after the other, along the walk.
class Walk {
 public:
  explicit Walk(std::uint32_t seed)
      : orders_(seed, 1), random_(seed, "walk"), walk_(random_.below(music::kGenreCount)) {
    tracks_of_.fill(kTracksAGenre - 1);
  }
  music::Order next(double seconds) {
    const unsigned left = kTracksAGenre - 1 - count_ % kTracksAGenre;
    if (left == kTracksAGenre - 1) {
      if (count_ > 0) walk_.go_to(*walk_.next());
      walk_.plan(between_.bpm, left, tracks_of_, random_);
    }
    ++count_;
    between_.out = walk_.lead_out(left, tracks_of_);
    auto order = orders_.next(walk_.here(), 0, seconds, {}, between_);
    between_.bpm = order.bpm;
    between_.key = music::parse_key(order.key);
    return order;
  }

 private:
  music::Orders orders_;
  music::Random random_;
  music::Walk walk_;
  music::TracksOf tracks_of_{};
  music::Between between_;
  unsigned count_ = 0;
};

struct Track {
  music::Track about;
  sound::Cues cues;
  std::unique_ptr<band::Band> band;
  Pcm pcm;

  explicit Track(const music::Order& order)
      : band(std::make_unique<band::Band>(band::BandOrder{order.genre, order.seed, order.duration,
                                                          double(order.bpm), order.key, "", ""})) {
    const band::Score& score = band->score();
    about = {.order = order,
             .length = band->length(),
             .bpm = score.bpm,
             .beats = score.beats(),
             .key = music::key_name(score.key),
             .cue_out = score.end_of_groove()};
    cues = onair::cues_of(about);
  }
  void render(bool finds_beats) {
    if (!pcm.empty()) return;
    pcm.resize(static_cast<std::size_t>(band->length()) * 2);
    band->render(pcm);
    if (finds_beats) find_beats();
  }

 private:
  /// Forgets the beats that it tells, for those in its sound.
  void find_beats() {
    sound::BeatFinder finder;
    finder.listen(pcm);
    const auto grid_of = [](const std::optional<sound::BeatFinder::Found>& beats) {
      return beats && beats->is_sure() ? std::optional(beats->grid) : std::nullopt;
    };
    cues.grid = grid_of(finder.head(*about.bpm));
    cues.last = grid_of(finder.tail(*about.bpm));
    cues.out = finder.audible_end();
  }
};

/// Of windows of 400 ms, ten a second.
std::vector<double> loudness_over(const Pcm& pcm, std::int64_t from, std::int64_t to) {
  std::vector<double> all;
  ebur128_state* state = ebur128_init(2, sound::kRate, EBUR128_MODE_M);
  to = std::min(to, static_cast<std::int64_t>(pcm.size()) / 2);
  for (std::int64_t at = std::max<std::int64_t>(from, 0); at + kHop <= to; at += kHop) {
    ebur128_add_frames_short(state, pcm.data() + at * 2, kHop);
    if (at + kHop - std::max<std::int64_t>(from, 0) < kWindow) continue;
    double lufs = -70;
    ebur128_loudness_momentary(state, &lufs);
    all.push_back(std::max(lufs, -70.0));
  }
  ebur128_destroy(&state);
  return all;
}

double median(std::vector<double> all) {
  if (all.empty()) return -70;
  std::ranges::nth_element(all, all.begin() + std::ssize(all) / 2);
  return all[all.size() / 2];
}

struct Mixed {
  Pcm pcm;
  sound::Edit leaves, begins;
  std::int64_t cut = 0;      // samples of the first that were left out as it came in
  double longest_frame = 0;  // CPU seconds
};

double thread_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

/// As a live programme: both tracks are written as the mixer has room for half a second. The first
/// one came in with so many samples left out.
Mixed mix(const Track& from, const Track& to, sound::JoinStyle style, std::int64_t cut) {
  sound::Mix mix;
  mix.set({.crossfade = sound::samples_from_seconds(kCrossfade), .join = style});
  struct Writer {
    sound::VoiceId id;
    std::span<const std::int16_t> left;
  };
  std::vector<Writer> writers;
  for (const Track* track : {&from, &to}) {
    const auto id = mix.add(static_cast<unsigned>(writers.size()));
    mix.describe(id, track->cues);
    writers.push_back({id, track->pcm});
  }
  Mixed mixed;
  mixed.cut = cut;
  std::vector<std::int16_t> frame(sound::kFrameValues);
  while (!mix.is_finished()) {
    for (auto& [id, left] : writers)
      while (mix.is_open(id) && mix.room(id) > sound::kRate / 2) {
        const auto count = std::min<std::size_t>(left.size(), sound::kFrameValues);
        mix.write(id, left.first(count));
        left = left.subspan(count);
        if (left.empty()) mix.end(id);
      }
    if (mixed.pcm.empty()) {  // nothing was heard yet
      auto cues = from.cues;
      cues.in = cut;
      mix.describe(writers.front().id, cues);
    }
    const double start = thread_seconds();
    mix.render(frame);
    mixed.longest_frame = std::max(mixed.longest_frame, thread_seconds() - start);
    mixed.pcm.insert(mixed.pcm.end(), frame.begin(), frame.end());
    for (const auto& edit : mix.take_edits()) {
      if (edit.what == sound::Edit::What::kLeaves) mixed.leaves = edit;
      if (edit.what == sound::Edit::What::kBegins) mixed.begins = edit;
    }
  }
  return mixed;
}

/// What is heard of one of the tracks from the begin of the join to its end.
Pcm part_of(const Track& track, const Mixed& mixed, bool comes) {
  const auto begin = mixed.begins.at;
  const auto end = mixed.leaves.at + mixed.leaves.fade.delay + mixed.leaves.fade.length;
  const sound::Edit& edit = comes ? mixed.begins : mixed.leaves;
  const auto running = [comes](const sound::GainMove& move) {
    return sound::RunningFade{{move.curve, comes ? 0.0F : 1.0F, comes ? 1.0F : 0.0F, move.length},
                              -move.delay};
  };
  auto mid = running(edit.fade);
  auto low = edit.bands ? running(edit.bands->low) : mid;
  auto high = edit.bands ? running(edit.bands->high) : mid;
  sound::Blocks blocks;
  sound::Fifo fifo(blocks);
  fifo.write(track.pcm);
  sound::BandSplit bands(high != mid);
  Pcm heard;
  Pcm out(sound::kFrameValues);
  const auto from = comes ? mixed.begins.cut : begin + mixed.cut;
  for (std::int64_t at = 0; at < end - begin; at += sound::kFrame) {
    std::vector<float> sum(sound::kFrameValues, 0.0F);
    bands.next(fifo, from + at);
    bands.add(sum, 0, low, mid, high);
    sound::to_pcm(sum, out);
    heard.insert(heard.end(), out.begin(), out.end());
    for (auto* fade : {&low, &mid, &high}) fade->at += sound::kFrame;
  }
  return heard;
}

/// The bars of both from the begin of the join to its end: how far apart they are at most, ms.
double downbeat_error(const Track& from, const Track& to, const Mixed& mixed) {
  const auto &out = *from.about.beats, &in = *to.about.beats;
  const double bar = out.beat * out.beats_per_bar, other = in.beat * in.beats_per_bar;
  const double end = double(mixed.leaves.at + mixed.leaves.fade.delay + mixed.leaves.fade.length);
  double worst = 0;
  double line = double(out.first_downbeat - mixed.cut);
  while (line < double(mixed.begins.at) - 1) line += bar;
  // Bars of three and four meet at every third or fourth of them.
  int meet = 1;
  for (int bars = 4; bars > 1 && out.beats_per_bar != in.beats_per_bar; --bars)
    if (std::abs(bars * bar / other - std::round(bars * bar / other)) < 0.01) meet = bars;
  for (; line <= end + 1; line += meet * bar) {
    const double place =
        (line - double(mixed.begins.at - mixed.begins.cut) - double(in.first_downbeat)) / other;
    const double nearest =
        std::min({std::abs(place - std::round(place)),
                  bar < other * 0.7 ? std::abs(place - std::round(place * 2) / 2) : 1.0});
    worst = std::max(worst, nearest * other / sound::kRate * 1000);
  }
  return worst;
}

double true_peak(const Pcm& pcm, std::int64_t from, std::int64_t to) {
  ebur128_state* state = ebur128_init(2, sound::kRate, EBUR128_MODE_TRUE_PEAK);
  ebur128_add_frames_short(state, pcm.data() + from * 2, static_cast<std::size_t>(to - from));
  double left = 0, right = 0;
  ebur128_true_peak(state, 0, &left);
  ebur128_true_peak(state, 1, &right);
  ebur128_destroy(&state);
  return 20 * std::log10(std::max({left, right, 1e-9}));
}

/// How far below their median the quietest 400 ms are in the middle of the two tracks, as a rule,
/// in a span as long as the join with 2 s on either side; nothing if they are shorter.
std::optional<double> rest_of(const Track& from, const Track& to, std::int64_t span) {
  std::vector<double> rests;
  for (const Track* track : {&from, &to}) {
    const auto size = std::int64_t(track->pcm.size()) / 2;
    const auto all = loudness_over(track->pcm, size / 8, size * 7 / 8);
    const double usual = median(all);
    const auto windows = std::ptrdiff_t((span + 4 * sound::kRate - kWindow) / kHop);
    for (auto at = all.begin(); std::distance(at, all.end()) >= windows; at += 5)
      rests.push_back(*std::min_element(at, at + windows) - usual);
  }
  return rests.empty() ? std::nullopt : std::optional(median(rests));
}

void measure(const Track& from, const Track& to, const Mixed& mixed) {
  const auto begin = mixed.begins.at;
  const auto end = mixed.leaves.at + mixed.leaves.fade.delay + mixed.leaves.fade.length;
  constexpr std::int64_t kSide = 20 * sound::kRate, kAround = 2 * sound::kRate;
  const double quieter = std::min(median(loudness_over(mixed.pcm, begin - kSide, begin)),
                                  median(loudness_over(mixed.pcm, end, end + kSide)));
  const auto within = loudness_over(mixed.pcm, begin - kAround, end + kAround);
  const auto lowest = std::ranges::min_element(within);
  const auto inside = loudness_over(mixed.pcm, begin, end);
  std::printf(
      " early=%.2f late=%.2f seconds=%.2f out=%.2f in=%.2f dip=%.2f dip_at=%.1f inside=%.2f "
      "both_basses=%.2f "
      "bar=%.2f peak=%.2f",
      double(*from.about.cue_out - mixed.cut - end) / sound::kRate,
      double(mixed.begins.cut) / sound::kRate, double(end - begin) / sound::kRate,
      double(mixed.leaves.fade.length) / double(std::max<std::int64_t>(end - begin, 1)),
      double(mixed.begins.fade.length) / double(std::max<std::int64_t>(end - begin, 1)),
      *lowest - quieter, double(std::distance(within.begin(), lowest)) / 10 - 1.8,
      inside.empty() ? 0.0 : *std::ranges::min_element(inside) - quieter,
      tools::both_basses(from.pcm, to.pcm, part_of(from, mixed, false), part_of(to, mixed, true)),
      from.about.beats->beat * from.about.beats->beats_per_bar / sound::kRate,
      true_peak(mixed.pcm, begin, end));
  if (const auto rest = rest_of(from, to, end - begin)) std::printf(" rest=%.2f", *rest);
  if (mixed.leaves.fit == sound::Fit::kBars)
    std::printf(" downbeat=%.3f", downbeat_error(from, to, mixed));
}

sound::Join plan(const Track& from, const Track& to, sound::JoinStyle style) {
  const auto reach = std::min<std::int64_t>(*from.about.length, 30 * sound::kRate);
  return sound::plan_join(
      {reach, *from.about.length, from.cues}, {to.about.length, to.cues},
      {sound::samples_from_seconds(kCrossfade), sound::Curve::kSmoothstep, style});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5)
    return std::fprintf(stderr, "usage: joins PLANNED RENDERED SECONDS SEED [plain|found]\n"), 2;
  const int planned = std::atoi(argv[1]), rendered = std::atoi(argv[2]);
  const std::string_view how = argc > 5 ? argv[5] : "planned";
  const auto style = how == "plain" ? sound::JoinStyle::kPlain : sound::JoinStyle::kPlanned;
  Walk walk(static_cast<std::uint32_t>(std::atoi(argv[4])));
  const auto next = [&] { return std::make_unique<Track>(walk.next(std::atof(argv[3]))); };
  auto from = next();
  std::int64_t cut = 0;
  for (int i = 0; i < planned; ++i) {
    auto to = next();
    const auto &one = from->about, &other = to->about;
    const auto key = music::parse_key(one.key), other_key = music::parse_key(other.key);
    if (i < rendered)
      for (Track* track : {from.get(), to.get()}) track->render(how == "found");
    const sound::Join join = plan(*from, *to, style);
    const sound::Edit edit{
        .what = sound::Edit::What::kLeaves, .track = {}, .fit = join.fit, .bars = join.bars};
    std::printf("from=\"%s\" to=\"%s\" meet=%d key=%d tempo=%d fit=%s bars=%u",
                one.order.genre.c_str(), other.order.genre.c_str(),
                music::tempos_meet(*music::find_genre(one.order.genre),
                                   *music::find_genre(other.order.genre)),
                key && other_key && music::keys_mix(*key, *other_key),
                music::tempos_mix(*one.bpm, *other.bpm), sound::name_of(join.fit), join.bars);
    if (i < rendered) {
      const Mixed mixed = mix(*from, *to, style, cut);
      cut = mixed.begins.cut;
      std::printf(" frame=%.2f", mixed.longest_frame * 1000);
      measure(*from, *to, mixed);
    }
    std::printf(" words=\"%s\"\n", onair::words_of(edit, one, other).c_str());
    std::fflush(stdout);
    from = std::move(to);
  }
}

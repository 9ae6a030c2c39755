// SPDX-License-Identifier: Apache-2.0
// Renders one track of the house band and prints its loudness, speed and score: the tool for
// whoever edits a style sheet.
//
// usage: render_band GENRE SEED SECONDS [-o FILE.wav] [--score] [--score-json] [--midi FILE]
//        [--parts] [--flat] [--exact] [--bpm N] [--key K] [--energy E] [--form F] [--font F]
//        [--sheet S] [--only PART] [--together N]
//        render_band --genres    the names of the genres, a line each
// --score-json prints the score alone, as one line of JSON (docs/score-json.md), and renders
// nothing. --midi writes it as a standard MIDI file, and renders only if --score, -o or --parts
// asks for more. --exact keeps the length to the sample; --flat bypasses the controllers of
// loudness and balance.
#include <ebur128.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "band/band.hpp"
#include "band/midi.hpp"
#include "band/score_json.hpp"
#include "music/genre.hpp"
#include "text/number.hpp"

namespace {

using infinara::band::Band;
using infinara::band::BandOrder;

/// The number that an option's value is; ends the program if it is none.
template <class T>
T number(const char* option, std::string_view value) {
  if (const auto found = infinara::text::number<T>(value)) return *found;
  std::fprintf(stderr, "%s is a number, not \"%s\"\n", option, std::string(value).c_str());
  std::exit(2);
}

std::vector<std::int16_t> play(const BandOrder& order, double* first_ms = nullptr) {
  const auto begin = std::chrono::steady_clock::now();
  Band band(order);
  std::vector<std::int16_t> pcm(static_cast<std::size_t>(band.length()) * 2);
  const std::span<std::int16_t> all(pcm);
  for (std::size_t at = 0; at < pcm.size(); at += 1920) {
    band.render(all.subspan(at, std::min<std::size_t>(1920, pcm.size() - at)));
    if (at == 0 && first_ms != nullptr)
      *first_ms =
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
              .count();
  }
  return pcm;
}

double loudness(const std::vector<std::int16_t>& pcm, double& peak) {
  ebur128_state* state = ebur128_init(2, 48000, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
  ebur128_add_frames_short(state, pcm.data(), pcm.size() / 2);
  double lufs = 0, left = 0, right = 0;
  ebur128_loudness_global(state, &lufs);
  ebur128_true_peak(state, 0, &left);
  ebur128_true_peak(state, 1, &right);
  ebur128_destroy(&state);
  peak = 20 * std::log10(std::max({left, right, 1e-9}));
  return lufs;
}

void write_wav(const char* path, const std::vector<std::int16_t>& pcm) {
  std::FILE* file = std::fopen(path, "wb");
  if (file == nullptr) return std::perror(path);
  const auto bytes = static_cast<std::uint32_t>(pcm.size() * 2);
  const auto word = [&](std::uint32_t x, int size) {
    std::fwrite(&x, 1, static_cast<std::size_t>(size), file);
  };
  std::fwrite("RIFF", 1, 4, file), word(bytes + 36, 4), std::fwrite("WAVEfmt ", 1, 8, file);
  word(16, 4), word(1, 2), word(2, 2), word(48000, 4), word(192000, 4), word(4, 2), word(16, 2);
  std::fwrite("data", 1, 4, file), word(bytes, 4), std::fwrite(pcm.data(), 2, pcm.size(), file);
  std::fclose(file);
}

bool write_file(const char* path, const std::string& bytes) {
  std::FILE* file = std::fopen(path, "wb");
  const bool written =
      file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  if (file == nullptr || std::fclose(file) != 0 || !written) return std::perror(path), false;
  return true;
}

/// Resident memory of this process in MB.
double resident() {
  double kilobytes = 0;
  if (std::FILE* file = std::fopen("/proc/self/status", "r")) {
    for (char line[256]; std::fgets(line, sizeof line, file) != nullptr;)
      std::sscanf(line, "VmRSS: %lf", &kilobytes);
    std::fclose(file);
  }
  return kilobytes / 1024;
}

/// Plays bands of different genres side by side, ten seconds of each as a mixer that waits does.
int together(int count, const BandOrder& order) {
  std::printf("%.0f MB before, ", resident());
  std::vector<std::unique_ptr<Band>> bands;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    BandOrder one = order;
    one.genre =
        infinara::music::kGenres[static_cast<std::size_t>(i * 3 + 3) % infinara::music::kGenreCount]
            .name;
    bands.push_back(std::make_unique<Band>(one));
  }
  for (auto& band : bands)
    threads.emplace_back([&band] {
      std::vector<std::int16_t> frame(1920);
      for (int i = 0; i < 500; ++i) band->render(frame);
    });
  for (auto& thread : threads) thread.join();
  std::printf("%.0f MB with %d bands of %g s\n", resident(), count, order.duration);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--genres") {
    for (const auto& genre : infinara::music::kGenres) std::puts(std::string(genre.name).c_str());
    return 0;
  }
  if (argc < 4) {
    std::fprintf(stderr,
                 "usage: render_band GENRE SEED SECONDS [-o FILE.wav] [--score] [--score-json] "
                 "[--midi FILE] [--parts] [--flat] [--exact] [--bpm N] [--key K] [--energy E] "
                 "[--form F] [--font F] [--sheet S] [--only PART] [--together N]\n"
                 "       render_band --genres\n");
    return 2;
  }
  BandOrder order;
  order.genre = argv[1];
  order.seed = number<std::uint32_t>("SEED", argv[2]);
  order.duration = number<double>("SECONDS", argv[3]);
  const char *path = nullptr, *midi = nullptr;
  bool score = false, json = false, parts = false;
  int bands = 0;
  for (int i = 4; i < argc; ++i) {
    const std::string option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--score")
      score = true;
    else if (option == "--score-json")
      json = true;
    else if (option == "--exact")
      order.tolerance = 0;
    else if (option == "--flat")
      order.level = false;
    else if (option == "--parts")
      parts = true;
    else if (option == "-o")
      path = value, ++i;
    else if (option == "--bpm")
      order.bpm = number<double>(argv[i], value), ++i;
    else if (option == "--key")
      order.key = value, ++i;
    else if (option == "--energy")
      order.energy = number<double>(argv[i], value), ++i;
    else if (option == "--form")
      order.form = value, ++i;
    else if (option == "--midi")
      midi = value, ++i;
    else if (option == "--font")
      order.soundfont = value, ++i;
    else if (option == "--sheet")
      order.sheet = value, ++i;
    else if (option == "--only")
      order.only = value, ++i;
    else if (option == "--together")
      bands = number<int>(argv[i], value), ++i;
    else
      return std::fprintf(stderr, "unknown option %s\n", option.c_str()), 2;
  }
  try {
    if (bands > 0) return together(bands, order);
    if (midi != nullptr && !write_file(midi, infinara::band::to_midi(Band(order).score())))
      return 1;
    if (json)  // nothing but the score: no sound is made
      return std::puts(infinara::band::to_json(Band(order).score(), order.seed).c_str()), 0;
    if (midi != nullptr && !score && !parts && path == nullptr) return 0;
    if (score) std::fputs(infinara::band::to_text(Band(order).score()).c_str(), stdout);
    double first_ms = 0, peak = 0;
    const std::clock_t begin = std::clock();  // CPU time: other programs do not count
    const auto pcm = play(order, &first_ms);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    const double lufs = loudness(pcm, peak);
    std::printf(
        "%-14s seed %-3u %6.2f LUFS, peak %5.2f dBTP, first block %3.0f ms, %3.0f x real time "
        "(CPU)\n",
        order.genre.c_str(), order.seed, lufs, peak, first_ms,
        static_cast<double>(pcm.size()) / 2 / 48000 / seconds);
    if (path != nullptr) write_wav(path, pcm);
    if (parts) {
      const Band band(order);
      BandOrder one = order;
      one.level = false;
      std::vector<std::string> names;
      for (const auto& part : band.score().parts)
        if (!part.notes.empty()) names.push_back(part.sheet->name);
      names.push_back("drums");
      names.push_back("");
      for (const auto& name : names) {
        one.only = name;
        const double level = loudness(play(one), peak);
        std::printf("  %-10s %6.1f LUFS peak %6.1f\n", name.empty() ? "ALL" : name.c_str(), level,
                    peak);
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}

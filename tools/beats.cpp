// SPDX-License-Identifier: Apache-2.0
// What BeatFinder finds in tracks of the house band, beside the truth: for those who tune it.
//
// usage: beats SECONDS SEED GENRE...
#include "sound/beats.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <span>
#include <string>
#include <vector>

#include "band/band.hpp"

namespace {

using namespace infinara;

/// Milliseconds to the nearest of a grid.
double off(double place, const music::BeatGrid& truth, unsigned beats) {
  const double every = truth.beat * beats;
  const double x = (place - double(truth.first_downbeat)) / every;
  return (x - std::round(x)) * every / 48;
}

void show(const char* what, const std::optional<sound::BeatFinder::Found>& found,
          const music::BeatGrid& truth, double at) {
  if (!found) return void(std::printf(" %s=none", what));
  const double bar = found->grid.bar();
  const double near =
      found->grid.first_downbeat + std::ceil((at - found->grid.first_downbeat) / bar) * bar;
  std::printf(" %s: bpm=%.3f beat=%.1f down=%.1f conf=%.2f bar=%.2f;", what,
              48000 * 60 / found->grid.beat, off(near, truth, 1),
              off(near, truth, truth.beats_per_bar), found->confidence, found->bar_confidence);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 3; i < argc; ++i) {
    band::Band band({argv[i], static_cast<std::uint32_t>(std::atoi(argv[2])), std::atof(argv[1]), 0,
                     "", "", ""});
    std::vector<std::int16_t> pcm(static_cast<std::size_t>(band.length()) * 2);
    band.render(pcm);
    const auto truth = band.score().beats();
    sound::BeatFinder finder;
    const auto start = std::clock();
    finder.listen(pcm);
    const auto middle = std::clock();
    std::printf("%-16s %.2f bpm, %u:", argv[i], 48000 * 60 / truth.beat, truth.beats_per_bar);
    show("head", finder.head(48000 * 60 / truth.beat), truth, 10 * 48000);
    show("tail", finder.tail(48000 * 60 / truth.beat), truth, double(band.length()) - 10 * 48000);
    std::printf(" cpu %.3f + %.3f\n", double(middle - start) / CLOCKS_PER_SEC,
                double(std::clock() - middle) / CLOCKS_PER_SEC);
    std::fflush(stdout);
  }
}

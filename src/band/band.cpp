// SPDX-License-Identifier: Apache-2.0
#include "band/band.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>

#include "band/composer.hpp"
#include "band/form_tags.hpp"
#include "band/renderer.hpp"
#include "music/genre.hpp"
#include "text/number.hpp"

namespace infinara::band {

namespace {

using text::shown;

/// A style sheet in a file, read for each order: somebody may be editing it.
Sheet read_sheet(const std::string& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw SheetError(path + ": cannot be read");
  return parse_sheet(path, text);
}

Score compose_order(const BandOrder& order) {
  const music::Genre* genre = music::find_genre(order.genre);
  if (genre == nullptr)
    throw OrderError("genre is \"" + order.genre + "\", allowed are " + music::genre_names());
  std::optional<Sheet> own;
  if (!order.sheet.empty()) own = read_sheet(order.sheet);
  const Sheet* sheet = own ? &*own : sheet_of(genre->name);
  if (sheet == nullptr)
    throw SheetError("no style sheet for the genre \"" + std::string(genre->name) + "\"");
  if (order.bpm != 0 && !(order.bpm >= kBpmLow && order.bpm <= kBpmHigh))
    throw OrderError("bpm is " + shown(order.bpm) +
                     ", allowed are 0 for the band's own choice and " + shown(kBpmLow) + " to " +
                     shown(kBpmHigh));
  if (!(order.duration >= kShortest && order.duration <= kLongest))
    throw OrderError("duration is " + shown(order.duration) + ", allowed are " + shown(kShortest) +
                     " to " + shown(kLongest) + " seconds");
  if (!(order.tolerance >= 0 && order.tolerance <= kMostTolerance))
    throw OrderError("tolerance is " + shown(order.tolerance) + ", allowed are 0 to " +
                     shown(kMostTolerance));
  if (order.energy != kOwnEnergy && !(order.energy >= 0 && order.energy <= 1))
    throw OrderError("energy is " + shown(order.energy) + ", allowed are 0 to 1, and " +
                     shown(kOwnEnergy) + " for the band's own choice");
  std::optional<Key> key;
  if (!order.key.empty() && !(key = music::parse_key(order.key)))
    throw OrderError("key is \"" + order.key + "\", allowed is " + std::string(music::kKeyWords));
  return compose(*sheet,
                 {order.seed, order.duration, order.bpm, genre->bpm_low, genre->bpm_high,
                  key ? &*key : nullptr, order.tolerance, order.energy, parse_form(order.form)});
}

/// The gain `left` samples before the end: the last 0.3 s of a tail fade to nothing.
float fade_at(std::int64_t left) {
  constexpr std::int64_t kFade = sound::kRate * 3 / 10;
  if (left >= kFade) return 1;
  const float x = static_cast<float>(left - 1) / kFade;
  return x * x * (3 - 2 * x);
}

}  // namespace

Band::Band(const BandOrder& order)
    : score_(std::make_unique<Score>(compose_order(order))),
      order_(order),
      length_(sound::samples_from_seconds(score_->duration)) {}

Band::~Band() = default;

std::size_t Band::render(std::span<std::int16_t> out) {
  const FlushDenormals flush;
  const auto wanted =
      std::min<std::int64_t>(static_cast<std::int64_t>(out.size() / 2), length_ - written_);
  if (wanted > 0 && !renderer_) {
    renderer_ = std::make_unique<Renderer>(*score_, order_, length_);
    left_over_ = -static_cast<int>(renderer_->delay());
    while (left_over_ < 0) {
      renderer_->next(block_);
      left_over_ += kBlock;
    }
  }
  for (std::int64_t done = 0; done < wanted;) {
    if (left_over_ == 0) {
      renderer_->next(block_);
      left_over_ = kBlock;
    }
    const auto count = std::min<std::int64_t>(left_over_, wanted - done);
    for (std::int64_t i = 0; i < count; ++i) {
      const float fade = fade_at(length_ - written_ - i);
      const auto from = static_cast<std::size_t>(kBlock - left_over_ + i) * 2;
      const auto to = static_cast<std::size_t>(done + i) * 2;
      for (std::size_t side = 0; side < 2; ++side)
        out[to + side] = static_cast<std::int16_t>(std::lrint(block_[from + side] * fade * 32767));
    }
    left_over_ -= static_cast<int>(count);
    done += count;
    written_ += count;
  }
  if (written_ == length_) renderer_.reset();
  return static_cast<std::size_t>(std::max<std::int64_t>(0, wanted));
}

std::int64_t Band::length() const {
  return length_;
}

const Score& Band::score() const {
  return *score_;
}

}  // namespace infinara::band

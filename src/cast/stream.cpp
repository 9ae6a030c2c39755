// SPDX-License-Identifier: Apache-2.0
#include "cast/stream.hpp"

#include <utility>

#include "cast/mp3_frames.hpp"

namespace infinara::cast {

namespace {
// An MP3 frame's main data begins at most nine of the smallest frames before it.
constexpr std::size_t kMaxPrimingFrames = 12;
}  // namespace

void Stream::set_headers(std::string text) {
  if (headers_.newest() != nullptr && *headers_.newest() == text) return;
  const Position position = ring_.end();
  ring_.append(bytes_of(text), {}, false);  // no listener starts here
  headers_.set(position, std::move(text));
}

void Stream::forget_old() {
  titles_.forget_before(ring_.begin());
  headers_.forget_before(ring_.begin());
}

Preamble Stream::preamble(Position start, bool is_mp3) const {
  const std::string* headers = headers_.at(start);
  Preamble preamble{.bytes = headers != nullptr ? *headers : ""};
  if (!is_mp3) return preamble;
  const Bytes first = ring_.packet_at(start);
  const std::string priming = priming_frames(ring_.before(start, kMaxPrimingFrames), first);
  preamble.bytes += priming;
  preamble.silence = mp3_delay(priming, first);
  return preamble;
}

}  // namespace infinara::cast

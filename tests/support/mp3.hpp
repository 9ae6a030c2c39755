// SPDX-License-Identifier: Apache-2.0
// Made-up MP3 frames: right in all that a splitter looks at, numbered so that a stream of them can
// be checked, and without sound.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cast/mp3_frames.hpp"

namespace support {

using Frame = std::vector<std::uint8_t>;

/// A 192 kbit/s 48 kHz stereo frame (576 bytes, 24 ms) that carries `number` in its main data and
/// reaches back `reach` bytes. `head` overrides the three bytes after the first sync byte.
inline Frame frame(std::uint32_t number, std::size_t reach = 0, const char* head = "\xfb\xb4\x00") {
  const std::uint8_t header[] = {0xff, static_cast<std::uint8_t>(head[0]),
                                 static_cast<std::uint8_t>(head[1]),
                                 static_cast<std::uint8_t>(head[2])};
  const auto facts = infinara::cast::read_mp3_header(header);
  Frame bytes(facts ? facts->size : 4, 0x55);
  std::copy(std::begin(header), std::end(header), bytes.begin());
  if (!facts) return bytes;
  const std::size_t side = facts->side_at();
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(side), facts->side_size(), 0xaa);
  if (facts->mpeg1) {
    bytes[side] = static_cast<std::uint8_t>(reach >> 1);
    bytes[side + 1] = static_cast<std::uint8_t>((reach & 1) << 7 | 0x2a);
  } else {
    bytes[side] = static_cast<std::uint8_t>(reach);
  }
  const std::size_t main = side + facts->side_size();
  for (std::size_t i = 0; i < 4; ++i)
    bytes[main + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return bytes;
}

/// The number in a default frame that lies at `at`, or nothing if it is not one, whole and
/// unharmed. Priming frames count as whole: their side information is not looked at.
inline std::optional<std::uint32_t> number_at(std::string_view stream, std::size_t at) {
  if (stream.size() < at + 576) return {};
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(stream[at + i]); };
  if (byte(0) != 0xff || byte(1) != 0xfb || byte(2) != 0xb4) return {};
  for (std::size_t i = 40; i < 576; ++i)
    if (byte(i) != 0x55) return {};
  return std::uint32_t{byte(36)} << 24 | std::uint32_t{byte(37)} << 16 |
         std::uint32_t{byte(38)} << 8 | byte(39);
}

/// The body of a response whose head is whole.
inline std::string body_of(const std::string& response) {
  const std::size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : response.substr(end + 4);
}

/// The numbers of all whole frames in `stream`, which must begin with one; nothing if any frame is
/// broken.
inline std::optional<std::vector<std::uint32_t>> numbers_in(std::string_view stream) {
  std::vector<std::uint32_t> all;
  for (std::size_t at = 0; at + 576 <= stream.size(); at += 576) {
    const auto number = number_at(stream, at);
    if (!number) return {};
    all.push_back(*number);
  }
  return all;
}

/// True if each number is one more than the one before.
inline bool is_contiguous(const std::vector<std::uint32_t>& numbers) {
  for (std::size_t i = 1; i < numbers.size(); ++i)
    if (numbers[i] != numbers[i - 1] + 1) return false;
  return true;
}

}  // namespace support

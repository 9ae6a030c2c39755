// SPDX-License-Identifier: Apache-2.0
// 32-bit numbers in network byte order.
#pragma once

#include <cstdint>

namespace infinara::webrtc {

/// Writes four bytes at `to`.
inline void put_big_endian(std::uint8_t* to, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = static_cast<std::uint8_t>(number >> shift);
}

/// Reads four bytes at `from`.
inline std::uint32_t get_big_endian(const std::uint8_t* from) {
  return std::uint32_t{from[0]} << 24 | std::uint32_t{from[1]} << 16 | std::uint32_t{from[2]} << 8 |
         from[3];
}

}  // namespace infinara::webrtc

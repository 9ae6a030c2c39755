// SPDX-License-Identifier: Apache-2.0
#include "cast/flac_head.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace infinara::cast {

namespace {

constexpr std::string_view kMarker = "fLaC";
constexpr std::size_t kBlockHead = 4;    // one byte of type, three of length
constexpr std::size_t kStreamInfo = 34;  // bytes of that block
constexpr unsigned kLast = 0x80;         // the flag of the last block
enum Block : unsigned { kInfo = 0, kComment = 4, kPicture = 6 };

std::uint8_t byte_of(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

/// 36 bits of total samples, then 16 bytes of MD5, are the end of STREAMINFO.
void forget_length(std::string& info) {
  const std::size_t at = kBlockHead + 13;
  info[at] = static_cast<char>(byte_of(info, at) & 0xf0);
  std::fill(info.begin() + static_cast<std::ptrdiff_t>(at + 1), info.end(), '\0');
}

}  // namespace

std::string native_flac_head(std::string_view headers) {
  const std::size_t marker = headers.find(kMarker);
  if (marker == headers.npos) return {};
  headers.remove_prefix(marker + kMarker.size());
  std::vector<std::string> blocks;
  while (headers.size() >= kBlockHead) {
    const unsigned type = byte_of(headers, 0) & ~kLast;
    const std::size_t size =
        kBlockHead + (std::size_t{byte_of(headers, 1)} << 16 |
                      std::size_t{byte_of(headers, 2)} << 8 | byte_of(headers, 3));
    if (size > headers.size()) break;
    if (type == kInfo || type == kComment || type == kPicture) {
      blocks.emplace_back(headers.substr(0, size));
      blocks.back()[0] = static_cast<char>(type);
    }
    headers.remove_prefix(size);
  }
  if (blocks.empty() || blocks.front()[0] != kInfo ||
      blocks.front().size() != kBlockHead + kStreamInfo)
    return {};
  forget_length(blocks.front());
  blocks.back()[0] = static_cast<char>(byte_of(blocks.back(), 0) | kLast);
  std::string head(kMarker);
  for (const std::string& block : blocks) head += block;
  return head;
}

bool is_flac_frame(Bytes bytes) {
  return bytes.size() > 2 && bytes[0] == 0xff && (bytes[1] & 0xfe) == 0xf8;
}

}  // namespace infinara::cast

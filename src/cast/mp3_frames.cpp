// SPDX-License-Identifier: Apache-2.0
#include "cast/mp3_frames.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace infinara::cast {

namespace {

constexpr std::size_t kHeader = 4;
constexpr int kDelay = 576 + 529;  // samples: of LAME, of a decoder (528 and 1)

constexpr std::array<int, 15> kBitratesMpeg1 = {0,   32,  40,  48,  56,  64,  80, 96,
                                                112, 128, 160, 192, 224, 256, 320};
constexpr std::array<int, 15> kBitratesMpeg2 = {0,  8,  16, 24,  32,  40,  48, 56,
                                                64, 80, 96, 112, 128, 144, 160};
constexpr std::array<int, 3> kRates = {44100, 48000, 32000};

bool agree(const Mp3Header& a, const Mp3Header& b) {
  return a.mpeg1 == b.mpeg1 && a.rate == b.rate;
}

/// ISO 11172-3 2.4.3.1: x^16 + x^15 + x^2 + 1 over the last two header bytes and the side
/// information.
std::uint16_t crc_of(Bytes frame, const Mp3Header& header) {
  std::uint32_t crc = 0xffff;
  const auto feed = [&](Bytes bytes) {
    for (const std::uint8_t byte : bytes)
      for (int bit = 7; bit >= 0; --bit) {
        const bool carry = ((crc >> 15) ^ (byte >> bit)) & 1;
        crc = (crc << 1) & 0xffff;
        if (carry) crc ^= 0x8005;
      }
  };
  feed(frame.subspan(2, 2));
  feed(frame.subspan(header.side_at(), header.side_size()));
  return static_cast<std::uint16_t>(crc);
}

std::string priming_frame(Bytes frame, const Mp3Header& header, std::size_t reach_back) {
  std::vector<std::uint8_t> copy(frame.begin(), frame.end());
  const auto side = copy.begin() + static_cast<std::ptrdiff_t>(header.side_at());
  std::fill_n(side, header.side_size(), std::uint8_t{0});
  if (header.mpeg1) {  // 9 bits, else 8
    side[0] = static_cast<std::uint8_t>(reach_back >> 1);
    side[1] = static_cast<std::uint8_t>((reach_back & 1) << 7);
  } else {
    side[0] = static_cast<std::uint8_t>(reach_back);
  }
  if (header.crc) {
    const std::uint16_t crc = crc_of(copy, header);
    copy[4] = static_cast<std::uint8_t>(crc >> 8);
    copy[5] = static_cast<std::uint8_t>(crc);
  }
  return {copy.begin(), copy.end()};
}

}  // namespace

std::optional<Mp3Header> read_mp3_header(Bytes bytes) {
  if (bytes.size() < kHeader || bytes[0] != 0xff || (bytes[1] & 0xe0) != 0xe0) return {};
  const int version = (bytes[1] >> 3) & 3;  // 0: MPEG-2.5, 1: reserved, 2: MPEG-2, 3: MPEG-1
  const bool layer3 = ((bytes[1] >> 1) & 3) == 1;
  const unsigned bitrate = bytes[2] >> 4;
  const unsigned rate = (bytes[2] >> 2) & 3;
  const int padding = (bytes[2] >> 1) & 1;
  if (version == 1 || !layer3 || bitrate == 0 || bitrate == 15 || rate == 3) return {};
  if ((bytes[3] & 3) == 2) return {};  // reserved emphasis

  Mp3Header header;
  header.mpeg1 = version == 3;
  header.crc = (bytes[1] & 1) == 0;
  header.rate = kRates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  header.channels = (bytes[3] >> 6) == 3 ? 1 : 2;
  header.bitrate = header.mpeg1 ? kBitratesMpeg1[bitrate] : kBitratesMpeg2[bitrate];
  header.samples = header.mpeg1 ? 1152 : 576;
  header.size =
      static_cast<std::size_t>(header.samples) / 8 * header.bitrate * 1000 / header.rate + padding;
  if (header.size < header.side_at() + header.side_size()) return {};
  return header;
}

std::size_t reach_back_of(Bytes frame) {
  const auto header = read_mp3_header(frame);
  if (!header || frame.size() < header->size) return 0;
  const Bytes side = frame.subspan(header->side_at());
  return header->mpeg1 ? static_cast<std::size_t>(side[0]) << 1 | side[1] >> 7 : side[0];
}

bool is_info_frame(Bytes frame) {
  const auto header = read_mp3_header(frame);
  if (!header || frame.size() < header->size) return false;
  const auto holds = [&](std::size_t at, std::string_view word) {
    return frame.size() >= at + word.size() &&
           std::equal(word.begin(), word.end(), frame.begin() + static_cast<std::ptrdiff_t>(at));
  };
  const std::size_t at = header->side_at() + header->side_size();
  return holds(at, "Xing") || holds(at, "Info") || holds(kHeader + 32, "VBRI");
}

void Mp3Splitter::push(Bytes bytes, const Take& take) {
  if (held_.empty()) {
    const Bytes rest = bytes.subspan(scan(bytes, take));
    held_.assign(rest.begin(), rest.end());
    return;
  }
  const std::size_t before = held_.size();
  held_.resize(before + bytes.size());
  std::ranges::copy(bytes, held_.begin() + static_cast<std::ptrdiff_t>(before));
  const std::size_t used = scan(held_, take);
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(used));
}

void Mp3Splitter::reset() {
  held_.clear();
  last_.reset();
  trusted_ = true;
}

/// Returns how many bytes are done with.
std::size_t Mp3Splitter::scan(Bytes bytes, const Take& take) {
  std::size_t at = 0;
  while (bytes.size() - at >= kHeader) {
    const Bytes rest = bytes.subspan(at);
    const auto header = read_mp3_header(rest);
    if (!header || (last_ && trusted_ && !agree(*last_, *header))) {
      trusted_ = false;
      ++skipped_;
      ++at;
      continue;
    }
    if (rest.size() < header->size) break;
    if (!trusted_) {
      if (rest.size() < header->size + kHeader) break;
      const auto next = read_mp3_header(rest.subspan(header->size));
      if (!next || !agree(*header, *next)) {
        ++skipped_;
        ++at;
        continue;
      }
    }
    trusted_ = true;
    last_ = header;
    take(rest.first(header->size), *header);
    at += header->size;
  }
  return at;
}

std::string priming_frames(std::span<const Bytes> before, Bytes next) {
  const std::size_t needed = reach_back_of(next);
  std::size_t first = before.size();
  for (std::size_t carried = 0; carried < needed && first > 0; --first) {
    const auto header = read_mp3_header(before[first - 1]);
    if (!header || before[first - 1].size() < header->size) break;
    carried += header->main_size();
  }
  std::string all;
  std::size_t carried = 0;
  for (const Bytes frame : before.subspan(first)) {
    const auto header = read_mp3_header(frame);
    all += priming_frame(frame, *header, std::min(carried, header->farthest_back()));
    carried += header->main_size();
  }
  return all;
}

std::chrono::nanoseconds mp3_delay(std::string_view priming, Bytes next) {
  const auto header = read_mp3_header(next);
  if (!header) return {};
  std::int64_t samples = kDelay;
  Mp3Splitter().push(bytes_of(priming),
                     [&](Bytes, const Mp3Header& frame) { samples += frame.samples; });
  return std::chrono::nanoseconds(samples * 1'000'000'000 / header->rate);
}

}  // namespace infinara::cast

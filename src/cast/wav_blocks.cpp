// SPDX-License-Identifier: Apache-2.0
#include "cast/wav_blocks.hpp"

#include <algorithm>
#include <string_view>

namespace infinara::cast {

namespace {

constexpr std::size_t kMostHead = 1 << 16;
constexpr std::size_t kRiff = 12;    // RIFF, its size, WAVE
constexpr std::size_t kChunk = 8;    // a chunk's name and size
constexpr std::size_t kFormat = 16;  // bytes of the smallest chunk `fmt `
constexpr std::string_view kUnknown = "\xff\xff\xff\xff";

std::uint32_t number(Bytes bytes, std::size_t at, int size) {
  std::uint32_t value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | bytes[at + static_cast<std::size_t>(i)];
  return value;
}

std::string_view text(Bytes bytes, std::size_t at, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes.data()) + at, size};
}

bool begins_file(Bytes bytes) {
  return bytes.size() >= kRiff && text(bytes, 0, 4) == "RIFF" && text(bytes, 8, 4) == "WAVE";
}

}  // namespace

/// Takes the head from held_, up to the first sample.
WavBlocks::Found WavBlocks::read_head(std::string& head) {
  const Bytes all(held_);
  if (all.size() < kRiff) return Found::kMore;
  if (!begins_file(all)) return Found::kNone;
  head = "RIFF" + std::string(kUnknown) + "WAVE";
  std::size_t at = kRiff;
  block_ = 0;
  while (all.size() - at >= kChunk) {
    const std::string_view name = text(all, at, 4);
    const std::uint64_t size = number(all, at + 4, 4);
    if (name == "data") {
      head += "data" + std::string(kUnknown);
      held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at + kChunk));
      return block_ > 0 && rate_ > 0 ? Found::kAll : Found::kNone;
    }
    const std::uint64_t whole = kChunk + size + size % 2;  // chunks are padded
    if (whole > kMostHead) return Found::kNone;
    if (all.size() - at < whole) break;
    if (name == "fmt " && size >= kFormat) {
      rate_ = number(all, at + kChunk + 8, 4);
      block_ = number(all, at + kChunk + 12, 2);
      head += text(all, at, static_cast<std::size_t>(whole));
    }
    at += static_cast<std::size_t>(whole);
  }
  return all.size() > kMostHead ? Found::kNone : Found::kMore;
}

bool WavBlocks::push(Bytes bytes, const Takes& takes) {
  if (begins_file(bytes)) {
    held_.clear();
    has_head_ = false;
  }
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  if (!has_head_) {
    std::string head;
    const Found found = read_head(head);
    if (found != Found::kAll) return found == Found::kMore;
    has_head_ = true;
    takes.head(std::move(head));
  }
  const std::size_t whole = held_.size() / block_ * block_;
  if (whole == 0) return true;
  takes.blocks(Bytes(held_).first(whole),
               std::chrono::nanoseconds(std::uint64_t{1'000'000'000} * whole / rate_));
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(whole));
  return true;
}

}  // namespace infinara::cast

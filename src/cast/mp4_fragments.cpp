// SPDX-License-Identifier: Apache-2.0
#include "cast/mp4_fragments.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace infinara::cast {

namespace {

constexpr std::size_t kBox = 8;  // a box's size and name
constexpr std::uint64_t kMostBox = 64 << 20;

std::uint64_t number(Bytes bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

std::string_view text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view name_of(Bytes box) {
  return text(box.subspan(4, 4));
}

bool is_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; });
}

/// The size of the box that begins here; nothing if too little of it is here to tell.
std::optional<std::uint64_t> size_of(Bytes bytes) {
  if (bytes.size() < kBox) return {};
  const std::uint64_t size = number(bytes, 0, 4);
  if (size != 1) return size;
  if (bytes.size() < kBox + 8) return {};
  return number(bytes, kBox, 8);
}

/// Whether this `moov` says that fragments follow.
bool has_fragments(Bytes moov) {
  for (Bytes rest = moov.subspan(kBox); rest.size() >= kBox;) {
    const std::uint64_t size = size_of(rest).value_or(0);
    if (size < kBox || size > rest.size()) return false;
    if (name_of(rest) == "mvex") return true;
    rest = rest.subspan(static_cast<std::size_t>(size));
  }
  return false;
}

}  // namespace

void Mp4Fragments::reset() {
  held_.clear();
  fragment_.clear();
  has_moof_ = false;
}

Mp4Fragments::Found Mp4Fragments::take_box(Bytes box, const Takes& takes) {
  const std::string_view name = name_of(box);
  if (name == "ftyp") {
    head_ = text(box);
    has_head_ = false;
  } else if (name == "moov" && !has_head_) {
    if (!has_fragments(box)) return Found::kNoFragments;
    has_head_ = true;
    takes.head(head_ + std::string(text(box)));
  } else if (name == "moof" || name == "styp" || name == "sidx" || name == "prft") {
    if (!has_head_) return Found::kNoFragments;
    has_moof_ = has_moof_ || name == "moof";
    fragment_.insert(fragment_.end(), box.begin(), box.end());
  } else if (name == "mdat" && has_moof_) {
    fragment_.insert(fragment_.end(), box.begin(), box.end());
    takes.fragment(fragment_);
    fragment_.clear();
    has_moof_ = false;
  }
  return Found::kGood;  // what else there is describes a file, such as an index at its end
}

Mp4Fragments::Found Mp4Fragments::push(Bytes bytes, const Takes& takes) {
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  std::size_t at = 0;
  Found found = Found::kGood;
  while (found == Found::kGood) {
    const Bytes rest = Bytes(held_).subspan(at);
    const auto size = size_of(rest);
    if (!size) break;
    if (name_of(rest) == "mdat" && !has_moof_)
      found = Found::kNoFragments;
    else if (*size < kBox || *size > kMostBox || !is_name(name_of(rest)))
      found = Found::kNoMp4;
    else if (*size > rest.size())
      break;
    else {
      found = take_box(rest.first(static_cast<std::size_t>(*size)), takes);
      at += static_cast<std::size_t>(*size);
    }
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
  return found;
}

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
#include "cast/icy_titles.hpp"

#include <utility>

#include "text/printable.hpp"

namespace infinara::cast {

namespace {
constexpr std::size_t kMaxText = 255 * 16;  // bytes: a block counts its sixteens in one byte
}  // namespace

std::string icy_text(std::string_view text, std::size_t max) {
  std::string unquoted;
  for (const char c : text)
    if (c == '\'')
      unquoted += "\xe2\x80\x99";
    else
      unquoted += c;
  return text::printable(unquoted, max, " ", "\xef\xbf\xbd");
}

std::string title_block(std::string_view title, std::string_view url) {
  constexpr std::string_view kBefore = "StreamTitle='";
  constexpr std::string_view kBetween = "';StreamUrl='";
  constexpr std::string_view kAfter = "';";
  constexpr std::size_t kRoom = kMaxText - kBefore.size() - kBetween.size() - kAfter.size();
  // A cut URL leads nowhere, so one that does not fit beside a title is left out.
  std::string safe_url = icy_text(url, kRoom);
  if (url.size() > kRoom / 2) safe_url.clear();
  const std::string safe_title = icy_text(title, kRoom - safe_url.size());

  std::string text(1, '\0');  // becomes the count
  text += kBefore;
  text += safe_title;
  text += kBetween;
  text += safe_url;
  text += kAfter;
  const std::size_t sixteens = (text.size() - 1 + 15) / 16;
  text.resize(1 + sixteens * 16, '\0');
  text[0] = static_cast<char>(sixteens);
  return text;
}

void Titles::set(Position position, std::string_view title, std::string_view url) {
  auto block = std::make_shared<const std::string>(title_block(title, url));
  const Block* last = blocks_.newest();
  if (last == nullptr || **last != *block) blocks_.set(position, std::move(block));
}

Titles::Block Titles::at(Position position) const {
  const Block* block = blocks_.at(position);
  return block != nullptr ? *block : nullptr;
}

}  // namespace infinara::cast

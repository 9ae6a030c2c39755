// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/artist.hpp"

#include "text/printable.hpp"

namespace infinara::remote {

namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

char to_upper(char c) {
  return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

/// "xl" and "sft" are abbreviations, other words are names.
std::string in_title_case(std::string_view word) {
  std::string text(word);
  const bool is_short = word == "xl" || word == "sft" || word == "rl";
  for (std::size_t i = 0; i < text.size() && (i == 0 || is_short); ++i) text[i] = to_upper(text[i]);
  return text;
}

}  // namespace

std::string artist_of(std::string_view model) {
  constexpr std::string_view kFamily = "acestep-v15";
  if (model.empty()) return "ACE-Step";
  if (!model.starts_with(kFamily)) return text::printable(model, 80);
  std::string artist = "ACE-Step 1.5";
  std::string_view rest = model.substr(kFamily.size());
  while (!rest.empty()) {
    const std::size_t end = rest.find('-');
    const std::string_view word = rest.substr(0, end);
    if (!word.empty()) artist += " " + in_title_case(word);
    rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
  }
  return text::printable(artist, 80);
}

}  // namespace infinara::remote

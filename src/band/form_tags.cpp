// SPDX-License-Identifier: Apache-2.0
#include "band/form_tags.hpp"

#include <algorithm>
#include <string>

#include "band/order.hpp"
#include "text/list.hpp"

namespace infinara::band {

std::vector<Tag> parse_form(std::string_view text) {
  std::vector<Tag> form;
  if (text.empty()) return form;
  for (const std::string_view word : text::items_of(text)) {
    const auto* found = std::ranges::find(kTags, word);
    if (found == kTags.end()) {
      std::string names;
      for (const std::string_view tag : kTags) names.append(names.empty() ? "" : ", ").append(tag);
      throw OrderError("form has a section \"" + std::string(word) + "\", allowed are " + names);
    }
    form.push_back(static_cast<Tag>(found - kTags.begin()));
  }
  return form;
}

SectionSheet section_for(Tag tag, const Sheet& sheet) {
  const auto& first = sheet.shapes.front();
  if (tag == Tag::kIntro) return first.front();
  if (tag == Tag::kOutro) return first.back();
  const std::string& own = sheet.tags[static_cast<std::size_t>(tag)];
  const std::string_view name = own.empty() ? kTags[static_cast<std::size_t>(tag)] : own;
  std::vector<SectionSheet> all;
  for (const auto& shape : sheet.shapes)
    std::ranges::copy_if(shape, std::back_inserter(all),
                         [&](const SectionSheet& section) { return section.name == name; });
  if (all.empty()) return first[1];
  switch (tag) {
    case Tag::kChorus:
    case Tag::kSolo:
      return *std::ranges::max_element(all, {}, &SectionSheet::energy);
    case Tag::kBreak:
      return *std::ranges::min_element(all, {}, &SectionSheet::energy);
    case Tag::kBridge:
      if (name != kTags[static_cast<std::size_t>(tag)]) all.front().theme = 'D';  // another tune
      [[fallthrough]];
    default:
      return all.front();
  }
}

}  // namespace infinara::band

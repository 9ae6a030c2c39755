// SPDX-License-Identifier: Apache-2.0
// The words in which a form is ordered, whatever the genre calls its sections.
#pragma once

#include <string_view>
#include <vector>

#include "band/sheet.hpp"

namespace infinara::band {

/// Reads "intro,verse,chorus,outro"; an empty text is no form. Throws OrderError for a word that is
/// none of kTags.
std::vector<Tag> parse_form(std::string_view text);

/// The section of the sheet that is what the word means there.
SectionSheet section_for(Tag tag, const Sheet& sheet);

}  // namespace infinara::band

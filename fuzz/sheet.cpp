// SPDX-License-Identifier: Apache-2.0
// Style sheets. One that is accepted must also be playable: a short track is composed from it.
#include "band/sheet.hpp"

#include <algorithm>
#include <string>

#include "band/composer.hpp"
#include "band/score.hpp"
#include "fuzz.hpp"

namespace {

using infinara::band::Sheet;
using infinara::band::SheetError;
using infinara::fuzz::require;

/// Nothing if the sheet is refused.
std::string score_of(std::string_view text) {
  try {
    const Sheet sheet = infinara::band::parse_sheet("fuzz", text);
    require(sheet.beats >= 2 && sheet.beats <= 6, "a bar has 2 to 6 beats");
    for (const auto& cell : sheet.cells)
      require(cell.size() == static_cast<std::size_t>(sheet.steps()), "a cell is one bar");
    for (const auto& part : sheet.parts) {
      require(part.low + 7 <= part.high, "a range is at least a fifth");
      for (const auto& row : part.rows)
        require(
            !row.steps.empty() && row.steps.size() % static_cast<std::size_t>(sheet.steps()) == 0,
            "a row is whole bars");
    }
    infinara::band::ComposeRequest request;
    request.seed = 7;
    request.duration = 20;
    const auto score = infinara::band::compose(sheet, request);
    for (const auto& part : score.parts)
      for (const auto& note : part.notes) {
        require(note.pitch >= 0 && note.pitch <= 127, "a pitch is MIDI's");
        require(note.velocity >= 0 && note.velocity <= 127, "a velocity is MIDI's");
        require(note.tick >= 0 && note.length > 0, "a note has a place and a length");
      }
    for (const auto& hit : score.hits)
      require(hit.tick >= 0 && hit.velocity >= 0 && hit.velocity <= 127, "a stroke is MIDI's");
    return to_text(score);
  } catch (const SheetError& error) {
    require(std::string_view(error.what()).starts_with("fuzz:"), "an error names its line");
    return {};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = infinara::fuzz::text_of(data, size);
  const std::string score = score_of(text);
  if (score.empty()) return 0;
  std::string commented;  // comments change nothing
  for (const char c : text)
    commented += c == '\n' ? std::string(" ; comment\n") : std::string(1, c);
  require(score_of(commented) == score, "comments do not change a sheet");
  return 0;
}

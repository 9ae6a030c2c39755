// SPDX-License-Identifier: Apache-2.0
// The titles that SHOUTcast puts between the sound: a block of text after every kMetaint bytes. All
// text here is safe to send, whatever it was made from.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "cast/burst_ring.hpp"
#include "cast/timeline.hpp"

namespace infinara::cast {

/// Bytes of sound between two title blocks. 16000 is the value that players know from SHOUTcast.
inline constexpr std::size_t kMetaint = 16000;

/// One line of valid UTF-8, at most `max` bytes, cut at a character. Control characters become
/// spaces; the quotes that would end a field of a title block become typographic apostrophes.
std::string icy_text(std::string_view text, std::size_t max);

/// A title block: a byte that counts 16s, then `StreamTitle='…';StreamUrl='…';` filled up with
/// zeros, at most 1 + 255 * 16 bytes.
std::string title_block(std::string_view title, std::string_view url = {});

/// The block that says "no change".
inline constexpr std::string_view kNoChange{"\0", 1};

/// Which title holds from which position of the stream on, as title blocks.
class Titles {
 public:
  using Block = std::shared_ptr<const std::string>;

  /// `position` must not be before the newest title's.
  void set(Position position, std::string_view title, std::string_view url = {});
  /// The block of the title that holds at `position`; nullptr before the first.
  Block at(Position position) const;
  /// Drops the titles that hold at no position from `oldest` on.
  void forget_before(Position oldest) { blocks_.forget_before(oldest); }

 private:
  Timeline<Block> blocks_;
};

}  // namespace infinara::cast

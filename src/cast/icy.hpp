// SPDX-License-Identifier: Apache-2.0
// What SHOUTcast added to HTTP: response headers that name the station, and blocks with the title
// between every so many bytes of sound. All text here is safe to send whatever it was made from.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "cast/burst_ring.hpp"
#include "cast/since.hpp"

namespace infinara::cast {

/// Bytes of sound between two title blocks: the value that every player has met.
inline constexpr std::size_t kMetaint = 16000;

/// A title block: a byte that counts 16s, then `StreamTitle='…';StreamUrl='…';` filled up with
/// zeros, at most 1 + 255 * 16 bytes. The texts become one line of valid UTF-8 without quotes, cut
/// at a character where they are too long.
std::string title_block(std::string_view title, std::string_view url = {});

/// The block that says "no change".
inline constexpr std::string_view kNoChange{"\0", 1};

/// Which title holds from which position on.
class Titles {
 public:
  using Block = std::shared_ptr<const std::string>;

  /// `position` is not before the last one's.
  void set(Position position, std::string_view title, std::string_view url = {});
  /// The block of the title that holds at `position`; nullptr before the first.
  Block at(Position position) const;
  /// Drops what no position from `oldest` on can ask for.
  void forget_before(Position oldest) { blocks_.forget_before(oldest); }

 private:
  Since<Block> blocks_;
};

struct HeadFacts {
  int minor = 1;             // HTTP/1.0 or HTTP/1.1, as the request
  std::string content_type;  // empty: not said
  std::string name;          // of the station; empty: not said
  std::string genre;         // empty: not said
  int bitrate = 0;           // kbit/s; 0: not known yet
  bool icy = false;          // title blocks follow
};

/// The response head of a stream that ends when the connection does.
std::string response_head(const HeadFacts& facts);

/// A whole response that is no stream: `extra` are header lines, each with CR LF.
std::string short_response(int minor, std::string_view status, std::string_view extra = {},
                           std::string_view body = {});

/// The answer to a browser that asks whether its page may send Icy-MetaData or Range.
std::string preflight_response(int minor);

}  // namespace infinara::cast

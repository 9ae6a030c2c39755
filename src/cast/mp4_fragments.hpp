// SPDX-License-Identifier: Apache-2.0
// A fragmented MP4 stream (ISO 14496-12, 8.8) cut where a player can join it: `ftyp` and `moov`
// first, then each `moof` with its `mdat`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cast/mp3_frames.hpp"

namespace infinara::cast {

class Mp4Fragments {
 public:
  struct Takes {
    std::function<void(std::string head)> head;
    /// One whole fragment; the bytes live until the call returns.
    std::function<void(Bytes fragment)> fragment;
  };
  enum class Found {
    kGood,
    kNoFragments,  // media before any `moof`, or a `moov` that announces none
    kNoMp4,        // no boxes, or one larger than 64 MB
  };

  Found push(Bytes bytes, const Takes& takes);
  /// Forgets a part of a fragment: the next bytes begin with a box.
  void reset();

 private:
  Found take_box(Bytes box, const Takes& takes);

  std::vector<std::uint8_t> held_;      // a box that is not whole yet
  std::vector<std::uint8_t> fragment_;  // the boxes of the fragment before its `mdat`
  std::string head_;                    // `ftyp`, before its `moov`
  bool has_head_ = false;
  bool has_moof_ = false;
};

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
// A WAV file that never ends: its head for each listener, and its samples in whole blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cast/mp3_frames.hpp"

namespace infinara::cast {

class WavBlocks {
 public:
  struct Takes {
    /// A head with the format and no lengths, as for a pipe: both sizes are 0xFFFFFFFF.
    std::function<void(std::string head)> head;
    /// Whole blocks, which live until the call returns, and how long they sound.
    std::function<void(Bytes blocks, std::chrono::nanoseconds duration)> blocks;
  };

  /// False if the stream does not begin as a WAV file does. A piece that begins as one begins the
  /// stream anew, as when an encoder writes its head once more at the end.
  bool push(Bytes bytes, const Takes& takes);
  /// Forgets a part of a block: the next bytes begin with one.
  void reset() { held_.clear(); }

 private:
  enum class Found { kAll, kMore, kNone };
  Found read_head(std::string& head);

  std::vector<std::uint8_t> held_;
  bool has_head_ = false;
  std::uint32_t rate_ = 0;   // bytes a second
  std::uint32_t block_ = 0;  // bytes
};

}  // namespace infinara::cast

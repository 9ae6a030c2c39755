// SPDX-License-Identifier: Apache-2.0
// What other threads have for the writer, in the order in which it came.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cast/listener.hpp"

namespace infinara::cast {

struct Inbox {
  struct Unit {
    std::size_t size;
    std::chrono::nanoseconds duration;
    bool sync;
  };
  /// Something that holds from the next unit on.
  struct Mark {
    enum class Of { kTitle, kHeaders } of;
    std::size_t before_unit;
    std::string text;
  };
  std::vector<std::uint8_t> bytes;
  std::vector<Unit> units;
  std::vector<Mark> marks;
  std::vector<std::unique_ptr<Listener>> joining;

  void mark(Mark::Of of, std::string text) { marks.push_back({of, units.size(), std::move(text)}); }
  void clear() {
    bytes.clear();
    units.clear();
    marks.clear();
    joining.clear();
  }
};

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
// What other threads have for the writer, in the order in which it came.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cast/listener.hpp"
#include "cast/stream.hpp"

namespace infinara::cast {

class Inbox {
 public:
  std::vector<std::unique_ptr<Listener>> joining;

  void append(Bytes unit, std::chrono::nanoseconds duration, bool sync) {
    bytes_.insert(bytes_.end(), unit.begin(), unit.end());
    units_.push_back({unit.size(), duration, sync});
  }
  void set_title(std::string_view text) { mark(Mark::Of::kTitle, text); }
  void set_headers(std::string_view text) { mark(Mark::Of::kHeaders, text); }

  /// Adds what has come of the stream, and forgets it.
  void pour_into(Stream& stream) {
    auto mark = marks_.begin();
    std::size_t at = 0;
    for (std::size_t i = 0; i <= units_.size(); ++i) {
      for (; mark != marks_.end() && mark->before_unit == i; ++mark)
        if (mark->of == Mark::Of::kTitle)
          stream.set_title(mark->text);
        else
          stream.set_headers(std::move(mark->text));
      if (i == units_.size()) break;
      const auto& [size, duration, sync] = units_[i];
      stream.append(Bytes(bytes_).subspan(at, size), duration, sync);
      at += size;
    }
    bytes_.clear();
    units_.clear();
    marks_.clear();
  }

 private:
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
  void mark(Mark::Of of, std::string_view text) {
    marks_.push_back({of, units_.size(), std::string(text)});
  }

  std::vector<std::uint8_t> bytes_;
  std::vector<Unit> units_;
  std::vector<Mark> marks_;
};

}  // namespace infinara::cast

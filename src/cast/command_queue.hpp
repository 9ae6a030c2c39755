// SPDX-License-Identifier: Apache-2.0
// What other threads have for the broadcaster's thread, in the order in which it came.
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

/// Not thread-safe: its user has a lock.
class CommandQueue {
 public:
  std::vector<std::unique_ptr<Listener>> joining;

  void append(Bytes packet, std::chrono::nanoseconds duration, bool random_access, Pts pts = {}) {
    bytes_.insert(bytes_.end(), packet.begin(), packet.end());
    packets_.push_back({packet.size(), duration, random_access, pts});
  }
  void set_title(std::string_view text) { add_change(Change::Of::kTitle, text); }
  void set_headers(std::string_view text) { add_change(Change::Of::kHeaders, text); }

  /// Applies the packets and changes to `stream`, and clears them.
  void apply_to(Stream& stream) {
    auto change = changes_.begin();
    std::size_t at = 0;
    for (std::size_t i = 0; i <= packets_.size(); ++i) {
      for (; change != changes_.end() && change->before_packet == i; ++change)
        if (change->of == Change::Of::kTitle)
          stream.set_title(change->text);
        else
          stream.set_headers(std::move(change->text));
      if (i == packets_.size()) break;
      const auto& [size, duration, random_access, pts] = packets_[i];
      stream.append(Bytes(bytes_).subspan(at, size), duration, random_access, pts);
      at += size;
    }
    bytes_.clear();
    packets_.clear();
    changes_.clear();
  }

 private:
  struct Packet {
    std::size_t size;
    std::chrono::nanoseconds duration;
    bool random_access;
    Pts pts;
  };
  /// A title or headers, in force from the next packet on.
  struct Change {
    enum class Of { kTitle, kHeaders } of;
    std::size_t before_packet;
    std::string text;
  };
  void add_change(Change::Of of, std::string_view text) {
    changes_.push_back({of, packets_.size(), std::string(text)});
  }

  std::vector<std::uint8_t> bytes_;
  std::vector<Packet> packets_;
  std::vector<Change> changes_;
};

}  // namespace infinara::cast

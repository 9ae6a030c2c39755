// SPDX-License-Identifier: Apache-2.0
// Who is inside: connections counted in total and by address, wherever they are served.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace infinara::door {

/// The other end of a connection.
struct Peer {
  std::string address;  // as text; an IPv4 client of a "::" socket reads as IPv4
  int port = 0;
};
Peer peer_of(const sockaddr_storage& name);

class Visits;

/// One connection in the counts, until destroyed. Any thread.
class Visit {
 public:
  Visit() = default;
  Visit(Visit&& other) noexcept = default;
  Visit& operator=(Visit&& other) noexcept {
    std::swap(visits_, other.visits_);
    std::swap(key_, other.key_);
    return *this;
  }
  ~Visit();

 private:
  friend class Visits;
  using Key = std::array<std::uint8_t, 16>;
  Visit(std::shared_ptr<Visits> visits, const Key& key) : visits_(std::move(visits)), key_(key) {}

  std::shared_ptr<Visits> visits_;
  Key key_{};
};

/// Why somebody may not come in.
enum class Full { kNo, kHouse, kAddress };

class Visits : public std::enable_shared_from_this<Visits> {
 public:
  /// 0 is no limit. For IPv6 an address is its /64, which is what one household has.
  static std::shared_ptr<Visits> with_limits(std::size_t total, std::size_t per_address);
  ~Visits();

  /// Counts one more, if there is room.
  Full enter(const sockaddr_storage& name, Visit& visit);
  /// Connections inside now.
  std::size_t total() const;

 private:
  friend class Visit;
  Visits(std::size_t total, std::size_t per_address);
  void leave(const Visit::Key& key);

  struct Counts;
  const std::size_t most_total_;
  const std::size_t most_per_address_;
  std::unique_ptr<Counts> counts_;
};

}  // namespace infinara::door

// SPDX-License-Identifier: Apache-2.0
// Connection slots: connections counted in total and by the client's address, wherever they are
// served.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "door/address.hpp"

namespace infinara::door {

class Visits;

/// One connection in the counts, until destroyed. Any thread.
class Visit {
 public:
  Visit() = default;
  Visit(Visit&& other) noexcept { swap(other); }
  Visit& operator=(Visit&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Visit();

  /// Counts it for this client and no other. False if that client has as many as it may have.
  bool count_for(const Address& client);
  /// Counts it in the total alone.
  void count_for_nobody();

 private:
  friend class Visits;
  explicit Visit(std::shared_ptr<Visits> visits) : visits_(std::move(visits)) {}
  void swap(Visit& other) noexcept {
    std::swap(visits_, other.visits_);
    std::swap(network_, other.network_);
    std::swap(has_client_, other.has_client_);
  }

  std::shared_ptr<Visits> visits_;
  Address network_;
  bool has_client_ = false;
};

class Visits : public std::enable_shared_from_this<Visits> {
 public:
  /// 0 is no limit. For IPv6 an address is its /64, which is what one household has.
  static std::shared_ptr<Visits> with_limits(std::size_t total, std::size_t per_address);
  ~Visits();

  /// Counts one more in the total; false if that is full.
  bool enter(Visit& visit);
  /// Connections inside now.
  std::size_t total() const;

 private:
  friend class Visit;
  Visits(std::size_t total, std::size_t per_address);

  struct Counts;
  const std::size_t most_total_;
  const std::size_t most_per_address_;
  std::unique_ptr<Counts> counts_;
};

}  // namespace infinara::door

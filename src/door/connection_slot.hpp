// SPDX-License-Identifier: Apache-2.0
// Connection slots: connections counted in total and by the client's address, wherever they are
// served.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "door/address.hpp"

namespace infinara::door {

class ConnectionSlots;

/// One connection in the counts, until destroyed. Any thread.
class ConnectionSlot {
 public:
  ConnectionSlot() = default;
  ConnectionSlot(ConnectionSlot&& other) noexcept { swap(other); }
  ConnectionSlot& operator=(ConnectionSlot&& other) noexcept {
    swap(other);
    return *this;
  }
  ~ConnectionSlot();

  /// Counts it for this client and no other. False if that client has as many as it may have.
  bool count_for(const Address& client);
  /// Counts it in the total alone.
  void count_for_nobody();

 private:
  friend class ConnectionSlots;
  explicit ConnectionSlot(std::shared_ptr<ConnectionSlots> slots) : slots_(std::move(slots)) {}
  void swap(ConnectionSlot& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(network_, other.network_);
    std::swap(has_client_, other.has_client_);
  }

  std::shared_ptr<ConnectionSlots> slots_;
  Address network_;
  bool has_client_ = false;
};

class ConnectionSlots : public std::enable_shared_from_this<ConnectionSlots> {
 public:
  /// 0 is no limit. An address is counted by its Address::network().
  static std::shared_ptr<ConnectionSlots> with_limits(std::size_t total, std::size_t per_address);
  ~ConnectionSlots();

  /// Counts one more in the total; false if that is full.
  bool enter(ConnectionSlot& slot);
  /// Connections inside now.
  std::size_t total() const;

 private:
  friend class ConnectionSlot;
  ConnectionSlots(std::size_t total, std::size_t per_address);

  struct Counts;
  const std::size_t most_total_;
  const std::size_t most_per_address_;
  std::unique_ptr<Counts> counts_;
};

}  // namespace infinara::door

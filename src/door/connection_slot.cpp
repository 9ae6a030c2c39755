// SPDX-License-Identifier: Apache-2.0
#include "door/connection_slot.hpp"

#include <mutex>
#include <unordered_map>

namespace infinara::door {

struct ConnectionSlots::Counts {
  mutable std::mutex mutex;  // guards both
  std::size_t total = 0;
  std::unordered_map<Address, std::size_t> by_network;

  void leave(const Address& network) {
    const auto found = by_network.find(network);
    if (--found->second == 0) by_network.erase(found);
  }
};

ConnectionSlot::~ConnectionSlot() {
  if (!slots_) return;
  auto& counts = *slots_->counts_;
  const std::lock_guard lock(counts.mutex);
  --counts.total;
  if (has_client_) counts.leave(network_);
}

bool ConnectionSlot::count_for(const Address& client) {
  if (!slots_) return false;
  const Address network = client.network();
  auto& counts = *slots_->counts_;
  const std::lock_guard lock(counts.mutex);
  if (has_client_) counts.leave(network_);
  has_client_ = false;
  std::size_t& here = counts.by_network[network];
  if (slots_->most_per_address_ != 0 && here >= slots_->most_per_address_) return false;
  ++here;
  network_ = network;
  has_client_ = true;
  return true;
}

void ConnectionSlot::count_for_nobody() {
  if (!slots_ || !has_client_) return;
  auto& counts = *slots_->counts_;
  const std::lock_guard lock(counts.mutex);
  counts.leave(network_);
  has_client_ = false;
}

std::shared_ptr<ConnectionSlots> ConnectionSlots::with_limits(std::size_t total,
                                                              std::size_t per_address) {
  return std::shared_ptr<ConnectionSlots>(new ConnectionSlots(total, per_address));
}

ConnectionSlots::ConnectionSlots(std::size_t total, std::size_t per_address)
    : most_total_(total), most_per_address_(per_address), counts_(std::make_unique<Counts>()) {}

ConnectionSlots::~ConnectionSlots() = default;

bool ConnectionSlots::enter(ConnectionSlot& slot) {
  {
    const std::lock_guard lock(counts_->mutex);
    if (most_total_ != 0 && counts_->total >= most_total_) return false;
    ++counts_->total;
  }
  slot = ConnectionSlot(shared_from_this());
  return true;
}

std::size_t ConnectionSlots::total() const {
  const std::lock_guard lock(counts_->mutex);
  return counts_->total;
}

}  // namespace infinara::door

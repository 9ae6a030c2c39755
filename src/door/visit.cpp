// SPDX-License-Identifier: Apache-2.0
#include "door/visit.hpp"

#include <mutex>
#include <unordered_map>

namespace infinara::door {

struct Visits::Counts {
  mutable std::mutex mutex;  // guards both
  std::size_t total = 0;
  std::unordered_map<Address, std::size_t> by_network;

  void leave(const Address& network) {
    const auto found = by_network.find(network);
    if (--found->second == 0) by_network.erase(found);
  }
};

Visit::~Visit() {
  if (!visits_) return;
  auto& counts = *visits_->counts_;
  const std::lock_guard lock(counts.mutex);
  --counts.total;
  if (has_client_) counts.leave(network_);
}

bool Visit::count_for(const Address& client) {
  if (!visits_) return false;
  const Address network = client.network();
  auto& counts = *visits_->counts_;
  const std::lock_guard lock(counts.mutex);
  if (has_client_) counts.leave(network_);
  has_client_ = false;
  std::size_t& here = counts.by_network[network];
  if (visits_->most_per_address_ != 0 && here >= visits_->most_per_address_) return false;
  ++here;
  network_ = network;
  has_client_ = true;
  return true;
}

void Visit::count_for_nobody() {
  if (!visits_ || !has_client_) return;
  auto& counts = *visits_->counts_;
  const std::lock_guard lock(counts.mutex);
  counts.leave(network_);
  has_client_ = false;
}

std::shared_ptr<Visits> Visits::with_limits(std::size_t total, std::size_t per_address) {
  return std::shared_ptr<Visits>(new Visits(total, per_address));
}

Visits::Visits(std::size_t total, std::size_t per_address)
    : most_total_(total), most_per_address_(per_address), counts_(std::make_unique<Counts>()) {}

Visits::~Visits() = default;

bool Visits::enter(Visit& visit) {
  {
    const std::lock_guard lock(counts_->mutex);
    if (most_total_ != 0 && counts_->total >= most_total_) return false;
    ++counts_->total;
  }
  visit = Visit(shared_from_this());
  return true;
}

std::size_t Visits::total() const {
  const std::lock_guard lock(counts_->mutex);
  return counts_->total;
}

}  // namespace infinara::door

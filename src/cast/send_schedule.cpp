// SPDX-License-Identifier: Apache-2.0
#include "cast/send_schedule.hpp"

#include <algorithm>

namespace infinara::cast {

namespace {
constexpr std::size_t kSlotFull = 256;  // listeners; then the next slot is used
}  // namespace

void SendSchedule::join(Listener& listener) {
  const auto emptiest =
      std::ranges::min_element(slots_, {}, [](const auto& s) { return s.size(); });
  const auto first_with_room =
      std::ranges::find_if(slots_, [](const auto& slot) { return slot.size() < kSlotFull; });
  listener.slot = static_cast<std::size_t>(
      (first_with_room != slots_.end() ? first_with_room : emptiest) - slots_.begin());
  listener.index_in_slot = slots_[listener.slot].size();
  slots_[listener.slot].push_back(&listener);
  listener.at_live_edge = true;
  at_live_edge_.push_back(&listener);
}

void SendSchedule::leave(Listener& listener) {
  auto& slot = slots_[listener.slot];
  slot[listener.index_in_slot] = slot.back();
  slot[listener.index_in_slot]->index_in_slot = listener.index_in_slot;
  slot.pop_back();
  if (listener.at_live_edge) std::erase(at_live_edge_, &listener);
}

Clock::time_point SendSchedule::next() const {
  Clock::time_point next = due_[0];
  for (std::size_t slot = 1; slot < kSlots; ++slot)
    if (!slots_[slot].empty()) next = std::min(next, due_[slot]);
  return next;
}

void SendSchedule::for_each_due(Clock::time_point now, Seconds length,
                                const std::function<void(Listener&)>& call) {
  const auto interval = std::chrono::duration_cast<Clock::duration>(length);
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (due_[slot] > now) continue;
    for (Listener* listener : slots_[slot]) call(*listener);
    // The times lie on a grid, so that slots stay apart. Missed batches are not made up for.
    const auto phase = interval * slot / kSlots;
    const auto periods = (now.time_since_epoch() - phase) / interval;
    due_[slot] = Clock::time_point((periods + 1) * interval + phase);
  }
}

void SendSchedule::leave_live_edge_if(const std::function<bool(const Listener&)>& condition) {
  std::erase_if(at_live_edge_, [&](Listener* listener) {
    if (!condition(*listener)) return false;
    listener->at_live_edge = false;
    return true;
  });
}

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
#include "cast/rota.hpp"

#include <algorithm>

namespace infinara::cast {

namespace {
constexpr std::size_t kSlotFull = 256;
}  // namespace

void Rota::join(Listener& listener) {
  const auto emptiest =
      std::ranges::min_element(slots_, {}, [](const auto& s) { return s.size(); });
  const auto roomy =
      std::ranges::find_if(slots_, [](const auto& slot) { return slot.size() < kSlotFull; });
  listener.slot =
      static_cast<std::size_t>((roomy != slots_.end() ? roomy : emptiest) - slots_.begin());
  listener.place_in_slot = slots_[listener.slot].size();
  slots_[listener.slot].push_back(&listener);
  listener.prompt = true;
  prompt_.push_back(&listener);
}

void Rota::leave(Listener& listener) {
  auto& slot = slots_[listener.slot];
  slot[listener.place_in_slot] = slot.back();
  slot[listener.place_in_slot]->place_in_slot = listener.place_in_slot;
  slot.pop_back();
  if (listener.prompt) std::erase(prompt_, &listener);
}

Clock::time_point Rota::next() const {
  Clock::time_point next = due_[0];
  for (std::size_t slot = 1; slot < kSlots; ++slot)
    if (!slots_[slot].empty()) next = std::min(next, due_[slot]);
  return next;
}

void Rota::for_each_due(Clock::time_point now, Seconds length,
                        const std::function<void(Listener&)>& call) {
  const auto interval = std::chrono::duration_cast<Clock::duration>(length);
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (due_[slot] > now) continue;
    for (Listener* listener : slots_[slot]) call(*listener);
    // On a grid, so that slots stay apart; what was missed is not made up for.
    const auto phase = interval * slot / kSlots;
    const auto beats = (now.time_since_epoch() - phase) / interval;
    due_[slot] = Clock::time_point((beats + 1) * interval + phase);
  }
}

void Rota::calm_down(const std::function<bool(const Listener&)>& whom) {
  std::erase_if(prompt_, [&](Listener* listener) {
    if (!whom(*listener)) return false;
    listener->prompt = false;
    return true;
  });
}

}  // namespace infinara::cast

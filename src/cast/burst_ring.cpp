// SPDX-License-Identifier: Apache-2.0
#include "cast/burst_ring.hpp"

#include <algorithm>
#include <iterator>

namespace infinara::cast {

namespace {
// Large enough that a batch is one piece, small enough that the ring's excess is of no account.
constexpr std::size_t kBlock = 32768;
}  // namespace

void BurstRing::append(Bytes unit, std::chrono::nanoseconds duration, bool sync) {
  if (unit.empty()) return;
  if (blocks_.empty() ||
      blocks_.back().bytes.capacity() - blocks_.back().bytes.size() < unit.size()) {
    blocks_.push_back({end_, {}});
    blocks_.back().bytes.reserve(std::max(kBlock, unit.size()));
  }
  auto& bytes = blocks_.back().bytes;
  bytes.insert(bytes.end(), unit.begin(), unit.end());
  units_.push_back({end_, time_, static_cast<std::uint32_t>(unit.size()), sync});
  end_ += unit.size();
  time_ += duration;
  forget_old();
}

void BurstRing::forget_old() {
  while (blocks_.size() > 1) {
    // The first block may go when what follows it is enough.
    const Position next = blocks_[1].position;
    const auto first_after = unit_holding(next);
    if (time_ - first_after->time < kept_) return;
    units_.erase(units_.begin(), first_after);
    blocks_.pop_front();
  }
}

Position BurstRing::begin() const {
  return blocks_.empty() ? end_ : blocks_.front().position;
}

Position BurstRing::start_for(std::chrono::nanoseconds length) const {
  if (length <= length.zero()) return end_;
  Position oldest = end_;
  for (auto unit = units_.rbegin(); unit != units_.rend(); ++unit) {
    if (!unit->sync) continue;
    oldest = unit->position;
    if (time_ - unit->time >= length) break;
  }
  return oldest;
}

Position BurstRing::sync_from(Position position) const {
  for (auto unit = std::lower_bound(units_.begin(), units_.end(), position,
                                    [](const Unit&u, Position p) { return u.position < p; });
       unit != units_.end(); ++unit)
    if (unit->sync) return unit->position;
  return end_;
}

std::chrono::nanoseconds BurstRing::ahead_of(Position position) const {
  if (position >= end_) return {};
  return time_ - unit_holding(position)->time;
}

/// The last unit that begins at or before `position`; the first one for what is older. There must
/// be a unit.
std::deque<BurstRing::Unit>::const_iterator BurstRing::unit_holding(Position position) const {
  const auto after =
      std::upper_bound(units_.begin(), units_.end(), position,
                       [](Position p, const Unit& unit) { return p < unit.position; });
  return after == units_.begin() ? after : std::prev(after);
}

Bytes BurstRing::read(Position position) const {
  if (position < begin() || position >= end_) return {};
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), position,
                       [](Position p, const Block& block) { return p < block.position; });
  const Block& block = *std::prev(after);
  return Bytes(block.bytes).subspan(static_cast<std::size_t>(position - block.position));
}

Bytes BurstRing::bytes_of(const Unit& unit) const {
  return read(unit.position).first(unit.size);
}

Bytes BurstRing::unit_at(Position position) const {
  if (position >= end_) return {};
  const auto unit = unit_holding(position);
  return unit->position == position ? bytes_of(*unit) : Bytes{};
}

std::vector<Bytes> BurstRing::before(Position position, std::size_t most) const {
  if (units_.empty()) return {};
  const auto last =
      std::lower_bound(units_.begin(), units_.end(), position,
                       [](const Unit& unit, Position p) { return unit.position < p; });
  const auto count = std::min(most, static_cast<std::size_t>(last - units_.begin()));
  std::vector<Bytes> all;
  for (auto unit = last - static_cast<std::ptrdiff_t>(count); unit != last; ++unit)
    all.push_back(bytes_of(*unit));
  return all;
}

}  // namespace infinara::cast

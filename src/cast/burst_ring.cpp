// SPDX-License-Identifier: Apache-2.0
#include "cast/burst_ring.hpp"

#include <algorithm>
#include <iterator>

namespace infinara::cast {

namespace {
// Bytes: a batch is mostly one piece, and little more than `kept` is held.
constexpr std::size_t kBlock = 32768;
}  // namespace

void BurstRing::append(Bytes packet, std::chrono::nanoseconds duration, bool random_access,
                       Pts pts) {
  if (packet.empty()) return;
  if (blocks_.empty() ||
      blocks_.back().bytes.capacity() - blocks_.back().bytes.size() < packet.size()) {
    blocks_.push_back({end_, {}});
    blocks_.back().bytes.reserve(std::max(kBlock, packet.size()));
  }
  auto& bytes = blocks_.back().bytes;
  bytes.insert(bytes.end(), packet.begin(), packet.end());
  packets_.push_back({end_, time_, static_cast<std::uint32_t>(packet.size()), random_access, pts});
  end_ += packet.size();
  time_ += duration;
  forget_old();
}

void BurstRing::forget_old() {
  while (blocks_.size() > 1) {
    // The first block can go if the blocks after it hold enough.
    const Position next = blocks_[1].position;
    const auto first_after = packet_holding(next);
    if (time_ - first_after->time < kept_) return;
    packets_.erase(packets_.begin(), first_after);
    blocks_.pop_front();
  }
}

Position BurstRing::begin() const {
  return blocks_.empty() ? end_ : blocks_.front().position;
}

Position BurstRing::start_for(std::chrono::nanoseconds length) const {
  if (length <= length.zero()) return end_;
  Position oldest = end_;
  for (auto packet = packets_.rbegin(); packet != packets_.rend(); ++packet) {
    if (!packet->random_access) continue;
    oldest = packet->position;
    if (time_ - packet->time >= length) break;
  }
  return oldest;
}

Position BurstRing::random_access_from(Position position) const {
  for (auto packet = std::lower_bound(packets_.begin(), packets_.end(), position,
                                      [](const Packet&u, Position p) { return u.position < p; });
       packet != packets_.end(); ++packet)
    if (packet->random_access) return packet->position;
  return end_;
}

std::chrono::nanoseconds BurstRing::ahead_of(Position position) const {
  if (position >= end_) return {};
  return time_ - packet_holding(position)->time;
}

Pts BurstRing::pts_at(Position position) const {
  return position < end_ ? packet_holding(position)->pts : Pts();
}

/// The last packet that begins at or before `position`; the first packet for an older position.
/// The ring must not be empty.
std::deque<BurstRing::Packet>::const_iterator BurstRing::packet_holding(Position position) const {
  const auto after =
      std::upper_bound(packets_.begin(), packets_.end(), position,
                       [](Position p, const Packet& packet) { return p < packet.position; });
  return after == packets_.begin() ? after : std::prev(after);
}

Bytes BurstRing::read(Position position) const {
  if (position < begin() || position >= end_) return {};
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), position,
                       [](Position p, const Block& block) { return p < block.position; });
  const Block& block = *std::prev(after);
  return Bytes(block.bytes).subspan(static_cast<std::size_t>(position - block.position));
}

Bytes BurstRing::bytes_of(const Packet& packet) const {
  return read(packet.position).first(packet.size);
}

Bytes BurstRing::packet_at(Position position) const {
  if (position >= end_) return {};
  const auto packet = packet_holding(position);
  return packet->position == position ? bytes_of(*packet) : Bytes{};
}

std::vector<Bytes> BurstRing::before(Position position, std::size_t max) const {
  if (packets_.empty()) return {};
  const auto last =
      std::lower_bound(packets_.begin(), packets_.end(), position,
                       [](const Packet& packet, Position p) { return packet.position < p; });
  const auto count = std::min(max, static_cast<std::size_t>(last - packets_.begin()));
  std::vector<Bytes> all;
  for (auto packet = last - static_cast<std::ptrdiff_t>(count); packet != last; ++packet)
    all.push_back(bytes_of(*packet));
  return all;
}

}  // namespace infinara::cast

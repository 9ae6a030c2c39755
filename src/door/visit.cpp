// SPDX-License-Identifier: Apache-2.0
#include "door/visit.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace infinara::door {

namespace {

using Key = std::array<std::uint8_t, 16>;

const sockaddr_in6& v6_of(const sockaddr_storage& name) {
  return reinterpret_cast<const sockaddr_in6&>(name);
}

bool is_mapped_v4(const sockaddr_storage& name) {
  return name.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6_of(name).sin6_addr);
}

/// IPv4 addresses in the form ::ffff:a.b.c.d, IPv6 ones cut to their network.
Key key_of(const sockaddr_storage& name) {
  Key key{};
  if (name.ss_family == AF_INET) {
    key[10] = key[11] = 0xff;
    std::memcpy(&key[12], &reinterpret_cast<const sockaddr_in&>(name).sin_addr, 4);
  } else if (name.ss_family == AF_INET6) {
    std::memcpy(key.data(), &v6_of(name).sin6_addr, is_mapped_v4(name) ? 16 : 8);
  }
  return key;
}

struct Hash {
  std::size_t operator()(const Key& key) const {
    return std::hash<std::string_view>()({reinterpret_cast<const char*>(key.data()), key.size()});
  }
};

}  // namespace

Peer peer_of(const sockaddr_storage& name) {
  char text[INET6_ADDRSTRLEN] = "";
  if (name.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return {text, ntohs(v4.sin_port)};
  }
  if (name.ss_family != AF_INET6) return {"unknown", 0};
  const in6_addr& address = v6_of(name).sin6_addr;
  if (is_mapped_v4(name))
    ::inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof text);
  else
    ::inet_ntop(AF_INET6, &address, text, sizeof text);
  return {text, ntohs(v6_of(name).sin6_port)};
}

struct Visits::Counts {
  mutable std::mutex mutex;  // guards both
  std::size_t total = 0;
  std::unordered_map<Key, std::size_t, Hash> by_address;
};

Visit::~Visit() {
  if (visits_) visits_->leave(key_);
}

std::shared_ptr<Visits> Visits::with_limits(std::size_t total, std::size_t per_address) {
  return std::shared_ptr<Visits>(new Visits(total, per_address));
}

Visits::Visits(std::size_t total, std::size_t per_address)
    : most_total_(total), most_per_address_(per_address), counts_(std::make_unique<Counts>()) {}

Visits::~Visits() = default;

Full Visits::enter(const sockaddr_storage& name, Visit& visit) {
  const Key key = key_of(name);
  {
    const std::lock_guard lock(counts_->mutex);
    if (most_total_ != 0 && counts_->total >= most_total_) return Full::kHouse;
    std::size_t& here = counts_->by_address[key];
    if (most_per_address_ != 0 && here >= most_per_address_) return Full::kAddress;
    ++here;
    ++counts_->total;
  }
  visit = Visit(shared_from_this(), key);
  return Full::kNo;
}

std::size_t Visits::total() const {
  const std::lock_guard lock(counts_->mutex);
  return counts_->total;
}

void Visits::leave(const Visit::Key& key) {
  const std::lock_guard lock(counts_->mutex);
  --counts_->total;
  const auto found = counts_->by_address.find(key);
  if (--found->second == 0) counts_->by_address.erase(found);
}

}  // namespace infinara::door

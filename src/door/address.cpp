// SPDX-License-Identifier: Apache-2.0
#include "door/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "text/list.hpp"
#include "text/number.hpp"

namespace infinara::door {

namespace {

constexpr int kMappedBits = 96;  // ::ffff:0:0/96 holds the IPv4 addresses

}  // namespace

std::optional<Address> Address::read(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return {};
  const std::string terminated(text);
  Address address;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  if (::inet_pton(AF_INET, terminated.c_str(), &address.bytes_[12]) != 1) return {};
  address.bytes_[10] = address.bytes_[11] = 0xff;
  return address;
}

Address Address::of(const sockaddr_storage& name) {
  Address address;
  if (name.ss_family == AF_INET) {
    address.bytes_[10] = address.bytes_[11] = 0xff;
    std::memcpy(&address.bytes_[12], &reinterpret_cast<const sockaddr_in&>(name).sin_addr, 4);
  } else if (name.ss_family == AF_INET6) {
    std::memcpy(address.bytes_.data(), &reinterpret_cast<const sockaddr_in6&>(name).sin6_addr, 16);
  }
  return address;
}

bool Address::is_ipv4() const {
  return bytes_[10] == 0xff && bytes_[11] == 0xff &&
         std::all_of(bytes_.begin(), bytes_.begin() + 10, [](auto byte) { return byte == 0; });
}

std::string Address::text() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_ipv4())
    ::inet_ntop(AF_INET, &bytes_[12], text, sizeof text);
  else
    ::inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

sockaddr_storage Address::name() const {
  sockaddr_storage name{};
  if (is_ipv4()) {
    name.ss_family = AF_INET;
    std::memcpy(&reinterpret_cast<sockaddr_in&>(name).sin_addr, &bytes_[12], 4);
  } else {
    name.ss_family = AF_INET6;
    std::memcpy(&reinterpret_cast<sockaddr_in6&>(name).sin6_addr, bytes_.data(), 16);
  }
  return name;
}

Address Address::network() const {
  Address network = *this;
  if (!is_ipv4()) std::fill(network.bytes_.begin() + 8, network.bytes_.end(), std::uint8_t{0});
  return network;
}

bool Address::shares(const Address& other, int bits) const {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(whole),
                  other.bytes_.begin()))
    return false;
  const int rest = bits % 8;
  return rest == 0 || (bytes_[whole] ^ other.bytes_[whole]) >> (8 - rest) == 0;
}

AddressRanges AddressRanges::loopback() {
  return *read("127.0.0.0/8, ::1");
}

std::optional<AddressRanges> AddressRanges::read(std::string_view list) {
  AddressRanges all;
  if (list == "none") return all;
  for (const auto item : text::items_of(list)) {
    const auto slash = item.find('/');
    const auto first = Address::read(item.substr(0, slash));
    if (!first) return {};
    Range range{*first, 128};
    // An address that was written as IPv6 counts its bits as IPv6 does.
    const int offset = item.substr(0, slash).find(':') == item.npos ? kMappedBits : 0;
    if (slash != item.npos) {
      const auto bits = text::number<int>(item.substr(slash + 1));
      if (!bits || *bits < 0 || *bits > 128 - offset) return {};
      range.bits = *bits + offset;
    }
    all.ranges_.push_back(range);
  }
  return all;
}

bool AddressRanges::contains(const Address& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    return range.first.is_ipv4() == address.is_ipv4() && address.shares(range.first, range.bits);
  });
}

}  // namespace infinara::door

// SPDX-License-Identifier: Apache-2.0
// IP addresses as values, and ranges of them.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace infinara::door {

/// An IPv4 or IPv6 address. An IPv4 address and its IPv4-mapped IPv6 form are the same value.
class Address {
 public:
  /// The unspecified address, ::.
  Address() = default;
  /// `text` is an address without brackets, port or zone.
  static std::optional<Address> read(std::string_view text);
  /// The unspecified address if `name` is of neither family.
  static Address of(const sockaddr_storage& name);

  bool is_ipv4() const;
  /// As people write it: an IPv4 address never in its mapped form.
  std::string text() const;
  /// For a system call, with the port 0.
  sockaddr_storage name() const;
  /// The part by which clients are counted: the /64 of an IPv6 address, which is what one customer
  /// of a provider gets; an IPv4 address itself.
  Address network() const;
  /// Whether the first `bits` (0 to 128; an IPv4 address begins at bit 96) are those of `other`.
  bool shares(const Address& other, int bits) const;

  auto operator<=>(const Address&) const = default;

 private:
  friend struct std::hash<Address>;
  std::array<std::uint8_t, 16> bytes_{};
};

/// Addresses and CIDR ranges.
class AddressRanges {
 public:
  /// Contains nothing.
  AddressRanges() = default;
  /// 127.0.0.0/8 and ::1.
  static AddressRanges loopback();
  /// Reads "10.0.0.0/8, 192.0.2.7, fd00::/8" or "none"; nothing if any item is not valid.
  static std::optional<AddressRanges> read(std::string_view list);

  /// A range of one family never contains an address of the other.
  bool contains(const Address& address) const;

 private:
  struct Range {
    Address first;
    int bits = 128;
  };
  std::vector<Range> ranges_;
};

}  // namespace infinara::door

template <>
struct std::hash<infinara::door::Address> {
  std::size_t operator()(const infinara::door::Address& address) const noexcept {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(address.bytes_.data()), address.bytes_.size()});
  }
};

// SPDX-License-Identifier: Apache-2.0
// SRTP for one who only sends (RFC 3711): AES-CM with a key of 128 bits, HMAC-SHA1. One stream, one
// key, all state in one place: with a library's sessions, half of what a packet costs is going to
// where they keep things.
#pragma once

#include <nettle/aes.h>
#include <nettle/hmac.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace infinara::station {

class SrtpSender {
 public:
  static constexpr std::size_t kKey = 16, kSalt = 14;
  static constexpr std::size_t kHead = 12;  // bytes of an RTP header without anything more
  static constexpr std::size_t kLongestTag = 10;

  /// `master` is the key and after it the salt, as DTLS-SRTP exports them (RFC 5764, section 4.2).
  /// `tag` is how many bytes authenticate a packet: 10 or 4.
  SrtpSender(std::span<const std::uint8_t, kKey + kSalt> master, std::size_t tag);

  /// Encrypts the RTP packet at the start of `packet` in place and puts the tag behind it: `packet`
  /// must have room for both. Returns the length of both, 0 if that is no packet of the one form
  /// that is sent here: no CSRCs, no extension. Sequence numbers go up, and may wrap around.
  std::size_t protect(std::span<std::uint8_t> packet, std::size_t length);

 private:
  using Block = std::array<std::uint8_t, AES_BLOCK_SIZE>;

  aes128_ctx cipher_;
  hmac_sha1_ctx mac_;
  Block salt_{};
  const std::size_t tag_;
  std::uint32_t rollovers_ = 0;  // of the sequence number: ROC in the RFC
  std::uint16_t last_ = 0;       // sequence number
  bool began_ = false;
};

}  // namespace infinara::station

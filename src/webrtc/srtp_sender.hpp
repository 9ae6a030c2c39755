// SPDX-License-Identifier: Apache-2.0
// The sending half of SRTP (RFC 3711): AES-CM with a key of 128 bits, HMAC-SHA1. One stream, one
// key, all state in one place: in libsrtp2 on NSS, half of a packet's cost is finding that state.
#pragma once

#include <nettle/aes.h>
#include <nettle/hmac.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace infinara::webrtc {

class SrtpSender {
 public:
  static constexpr std::size_t kKey = 16, kSalt = 14;
  static constexpr std::size_t kHead = 12;  // bytes of an RTP header without anything more
  static constexpr std::size_t kLongestTag = 10;

  using Block = std::array<std::uint8_t, AES_BLOCK_SIZE>;
  using Master = std::span<const std::uint8_t, kKey + kSalt>;
  enum class Label : std::uint8_t { kCipher = 0, kMac = 1, kSalt = 2 };

  /// Fills `bytes` with a session key (section 4.3.1, with a key derivation rate of 0).
  static void derive(Master master, Label label, std::span<std::uint8_t> bytes);
  /// XORs AES-CM's keystream from `counter` on into `bytes` (section 4.1.1).
  static void cipher(const aes128_ctx& key, const Block& counter, std::span<std::uint8_t> bytes);

  /// `master` is the key and after it the salt, as DTLS-SRTP exports them (RFC 5764, section 4.2).
  /// `tag` is how many bytes authenticate a packet: 10 or 4.
  SrtpSender(Master master, std::size_t tag);

  /// Encrypts the RTP packet at the start of `packet` in place and puts the tag behind it: `packet`
  /// must have room for both. Returns the length of both; 0 if the packet has CSRCs or an
  /// extension, or repeats the sequence number of the one before. Sequence numbers go up, and may
  /// wrap around.
  std::size_t protect(std::span<std::uint8_t> packet, std::size_t length);

 private:
  aes128_ctx cipher_;
  hmac_sha1_ctx mac_;
  Block salt_{};
  const std::size_t tag_;
  std::uint32_t rollovers_ = 0;  // of the sequence number: ROC in the RFC
  std::uint16_t last_ = 0;       // sequence number
  bool began_ = false;
};

}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
#include "webrtc/srtp_sender.hpp"

#include <nettle/ctr.h>

#include <algorithm>

#include "webrtc/big_endian.hpp"

namespace infinara::webrtc {

void SrtpSender::cipher(const aes128_ctx& key, const Block& counter,
                        std::span<std::uint8_t> bytes) {
  Block next = counter;  // nettle counts in it
  nettle_ctr_crypt(
      &key,
      [](const void* key, std::size_t length, std::uint8_t* out, const std::uint8_t* in) {
        nettle_aes128_encrypt(static_cast<const aes128_ctx*>(key), length, out, in);
      },
      AES_BLOCK_SIZE, next.data(), bytes.size(), bytes.data(), bytes.data());
}

void SrtpSender::derive(Master master, Label label, std::span<std::uint8_t> bytes) {
  aes128_ctx key;
  nettle_aes128_set_encrypt_key(&key, master.data());
  // The label stands seven bytes before the end of the salt.
  Block counter{};
  std::ranges::copy(master.subspan<kKey>(), counter.begin());
  counter[kSalt - 7] ^= static_cast<std::uint8_t>(label);
  std::ranges::fill(bytes, std::uint8_t{0});
  cipher(key, counter, bytes);
}

SrtpSender::SrtpSender(Master master, std::size_t tag) : tag_(tag) {
  std::array<std::uint8_t, kKey> session;
  derive(master, Label::kCipher, session);
  nettle_aes128_set_encrypt_key(&cipher_, session.data());
  std::array<std::uint8_t, SHA1_DIGEST_SIZE> authentication;
  derive(master, Label::kMac, authentication);
  nettle_hmac_sha1_set_key(&mac_, authentication.size(), authentication.data());
  derive(master, Label::kSalt, std::span(salt_).first<kSalt>());
}

std::size_t SrtpSender::protect(std::span<std::uint8_t> packet, std::size_t length) {
  // V=2, no X, no CC
  if (length < kHead || packet.size() < length + tag_ || (packet[0] & 0xdf) != 0x80) return 0;
  const auto number = static_cast<std::uint16_t>(packet[2] << 8 | packet[3]);
  if (began_ && number == last_) return 0;  // one keystream for two packets would give both away
  if (began_ && number < last_) ++rollovers_;
  began_ = true;
  last_ = number;

  // Section 4.1.1: (salt << 16) ^ (SSRC << 64) ^ (index << 16), index = ROC and sequence number
  Block counter = salt_;
  for (std::size_t i = 0; i < 4; ++i) counter[4 + i] ^= packet[8 + i];
  std::array<std::uint8_t, 4> rollovers;
  put_big_endian(rollovers.data(), rollovers_);
  for (std::size_t i = 0; i < 4; ++i) counter[8 + i] ^= rollovers[i];
  counter[12] ^= packet[2];
  counter[13] ^= packet[3];
  cipher(cipher_, counter, packet.subspan(kHead, length - kHead));

  // Section 4.2: over the packet and the ROC
  nettle_hmac_sha1_update(&mac_, length, packet.data());
  nettle_hmac_sha1_update(&mac_, rollovers.size(), rollovers.data());
  nettle_hmac_sha1_digest(&mac_, tag_, packet.data() + length);
  return length + tag_;
}

}  // namespace infinara::webrtc

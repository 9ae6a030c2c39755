// SPDX-License-Identifier: Apache-2.0
#include "webrtc/srtp_sender.hpp"

#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "gstpp/ref.hpp"

namespace infinara::webrtc {
namespace {

using gstpp::Ref;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kSsrc = 0xcafebabe;
constexpr std::array<std::uint8_t, 30> kMaster{
    0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0, 0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41,
    0x39, 0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe, 0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6};

Bytes packet(std::uint16_t number, std::size_t payload) {
  Bytes bytes{0x80,
              0x6f,
              static_cast<std::uint8_t>(number >> 8),
              static_cast<std::uint8_t>(number),
              1,
              2,
              3,
              4,
              kSsrc >> 24,
              kSsrc >> 16 & 0xff,
              kSsrc >> 8 & 0xff,
              kSsrc & 0xff};
  bytes.resize(SrtpSender::kHead + payload);
  std::iota(bytes.begin() + SrtpSender::kHead, bytes.end(), static_cast<std::uint8_t>(number));
  return bytes;
}

Bytes protect(SrtpSender& sender, const Bytes& rtp) {
  Bytes bytes = rtp;
  bytes.resize(rtp.size() + SrtpSender::kLongestTag);
  bytes.resize(sender.protect(bytes, rtp.size()));
  return bytes;
}

/// GStreamer's srtpdec with the same key.
class Receiver {
 public:
  explicit Receiver(const char* auth)
      : harness_(gst_harness_new_with_padnames("srtpdec", "rtp_sink", "rtp_src")) {
    const auto key = Ref<GstBuffer>::adopt(gst_buffer_new_memdup(kMaster.data(), kMaster.size()));
    gst_harness_set_src_caps(
        harness_.get(),
        gst_caps_new_simple("application/x-srtp", "srtp-key", GST_TYPE_BUFFER, key.get(),
                            "srtp-cipher", G_TYPE_STRING, "aes-128-icm", "srtcp-cipher",
                            G_TYPE_STRING, "aes-128-icm", "srtp-auth", G_TYPE_STRING, auth,
                            "srtcp-auth", G_TYPE_STRING, auth, "ssrc", G_TYPE_UINT, kSsrc,
                            nullptr));
  }
  /// Empty if it refuses the packet.
  Bytes decrypt(const Bytes& bytes) {
    gst_harness_push(harness_.get(), gst_buffer_new_memdup(bytes.data(), bytes.size()));
    const auto out = Ref<GstBuffer>::adopt(gst_harness_try_pull(harness_.get()));
    if (!out) return {};
    const gstpp::Map map(out, GST_MAP_READ);
    const auto plain = map.as<const std::uint8_t>();
    return {plain.begin(), plain.end()};
  }

 private:
  struct Teardown {
    void operator()(GstHarness* harness) const { gst_harness_teardown(harness); }
  };
  std::unique_ptr<GstHarness, Teardown> harness_;
};

/// "E1F9…" as bytes.
Bytes hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

TEST(Rfc3711, appendix_B_2_aes_counter_mode) {
  aes128_ctx key;
  nettle_aes128_set_encrypt_key(&key, hex("2B7E151628AED2A6ABF7158809CF4F3C").data());
  const auto keystream = [&](std::string_view counter, std::size_t size) {
    SrtpSender::Block block;
    std::ranges::copy(hex(counter), block.begin());
    Bytes bytes(size);
    SrtpSender::cipher(key, block, bytes);
    return bytes;
  };
  EXPECT_EQ(keystream("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000", 48),
            hex("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB"
                "41E95B3BB0A2E8DD477901E4FCA894C0"));
  EXPECT_EQ(keystream("F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF", 48),
            hex("EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE"
                "6A2CC3787889374FBEB4C81B17BA6C44"));
}

TEST(Rfc3711, appendix_B_3_key_derivation) {
  const auto derive = [](SrtpSender::Label label, std::size_t size) {
    Bytes bytes(size);
    SrtpSender::derive(kMaster, label, bytes);
    return bytes;
  };
  EXPECT_EQ(derive(SrtpSender::Label::kCipher, 16), hex("C61E7A93744F39EE10734AFE3FF7A087"));
  EXPECT_EQ(derive(SrtpSender::Label::kSalt, 14), hex("30CBBC08863D8C85D49DB34A9AE1"));
  EXPECT_EQ(derive(SrtpSender::Label::kMac, 94),
            hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE"
                "E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25"
                "6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2"));
}

TEST(SrtpSender, makes_the_packet_of_libsrtps_own_test) {
  SrtpSender sender(kMaster, 10);
  Bytes rtp = hex("800F1234DECAFBADCAFEBABE");
  rtp.resize(28, 0xab);
  EXPECT_EQ(protect(sender, rtp), hex("800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402"
                                      "B78D6ACC99EA179B8DBB"));
}

TEST(SrtpSender, is_understood_by_a_receiver_of_either_tag_and_over_two_rollovers) {
  for (const auto& [auth, tag] : {std::pair{"hmac-sha1-80", 10u}, std::pair{"hmac-sha1-32", 4u}}) {
    Receiver receiver(auth);
    SrtpSender sender(kMaster, tag);
    std::uint16_t number = 65000;
    for (int i = 0; i < 140'000; ++i, ++number) {
      const Bytes rtp = packet(number, static_cast<std::size_t>(i % 400));
      const Bytes srtp = protect(sender, rtp);
      ASSERT_EQ(srtp.size(), rtp.size() + tag);
      ASSERT_EQ(receiver.decrypt(srtp), rtp) << auth << ", packet " << i;
    }
  }
}

TEST(SrtpSender, passes_over_lost_packets_at_the_rollover) {
  Receiver receiver("hmac-sha1-80");
  SrtpSender sender(kMaster, 10);
  for (const std::uint16_t number : {65500, 65534, 3, 4, 90}) {
    const Bytes rtp = packet(number, 100);
    EXPECT_EQ(receiver.decrypt(protect(sender, rtp)), rtp) << number;
  }
}

TEST(SrtpSender, hides_the_payload_and_leaves_the_head) {
  SrtpSender sender(kMaster, 10);
  const Bytes rtp = packet(7, 320), srtp = protect(sender, rtp);
  EXPECT_TRUE(std::equal(rtp.begin(), rtp.begin() + SrtpSender::kHead, srtp.begin()));
  std::size_t same = 0;
  for (std::size_t i = SrtpSender::kHead; i < rtp.size(); ++i) same += rtp[i] == srtp[i] ? 1 : 0;
  EXPECT_LT(same, 16u);
}

TEST(SrtpSender, a_changed_bit_is_refused) {
  Receiver receiver("hmac-sha1-80");
  SrtpSender sender(kMaster, 10);
  Bytes srtp = protect(sender, packet(1, 50));
  srtp[20] ^= 1;
  EXPECT_TRUE(receiver.decrypt(srtp).empty());
}

TEST(SrtpSender, takes_no_packet_that_it_was_not_made_for) {
  SrtpSender sender(kMaster, 10);
  Bytes rtp = packet(1, 40);
  rtp.resize(rtp.size() + 10);
  EXPECT_EQ(sender.protect(rtp, 11), 0u);              // no whole head
  EXPECT_EQ(sender.protect(rtp, rtp.size() - 9), 0u);  // no room for the tag
  for (const std::uint8_t first : {0x00, 0x90, 0x81}) {
    Bytes other = rtp;  // version 0, an extension, a CSRC
    other[0] = first;
    EXPECT_EQ(sender.protect(other, 52), 0u) << int{first};
  }
  EXPECT_EQ(sender.protect(rtp, 52), 62u);
  EXPECT_EQ(sender.protect(rtp, 52), 0u) << "the same sequence number again";
}

}  // namespace
}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
#include "station/short_way.hpp"

#include "station/inside.hpp"

namespace infinara::station {
namespace {

constexpr gsize kKeyBytes = 30;  // AES-CM-128: a key of 16, a salt of 14
constexpr std::size_t kMostPacket = 1400;

}  // namespace

std::unique_ptr<ShortWay> ShortWay::between(GstElement* dtls, GstElement* nice) {
  auto path = IcePath::of(nice);
  if (!path || dtls == nullptr || !has(G_OBJECT(dtls), "encoder-key", GST_TYPE_BUFFER))
    return nullptr;
  gstpp::Ref<GstBuffer> key;
  g_object_get(dtls, "encoder-key", key.out(), nullptr);
  // GstDtlsSrtpCipher 1: AES-128-ICM; GstDtlsSrtpAuth 1: HMAC-SHA1-32, 2: HMAC-SHA1-80
  const int cipher = number_of(G_OBJECT(dtls), "srtp-cipher");
  const int tag = number_of(G_OBJECT(dtls), "srtp-auth");
  if (!key || gst_buffer_get_size(key) != kKeyBytes || cipher != 1 || (tag != 1 && tag != 2))
    return nullptr;

  // GStreamer's own plugin has done it in this process, since there is a key: a second time may be
  // called an error. Whether it works is seen below.
  static const auto ready = srtp_init();
  static_cast<void>(ready);
  std::unique_ptr<ShortWay> way(new ShortWay);
  way->path_ = *std::move(path);
  const gstpp::Map map(key, GST_MAP_READ);
  auto bytes = map.as<std::uint8_t>();
  if (bytes.size() != kKeyBytes) return nullptr;
  srtp_policy_t policy{};
  if (tag == 1)
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
  else
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
  srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
  policy.ssrc.type = ssrc_any_outbound;
  policy.key = bytes.data();
  policy.window_size = 128;
  if (srtp_create(&way->session_, &policy) != srtp_err_status_ok) return nullptr;
  return way;
}

ShortWay::~ShortWay() {
  if (session_ != nullptr) srtp_dealloc(session_);
}

std::span<const std::uint8_t> ShortWay::encrypt(std::span<const std::uint8_t> rtp,
                                                int payload_type) {
  if (rtp.size() < 12 || rtp.size() > kMostPacket) return {};
  bytes_.assign(rtp.begin(), rtp.end());
  bytes_.resize(rtp.size() + SRTP_MAX_TRAILER_LEN + 4);
  bytes_[1] = static_cast<std::uint8_t>((rtp[1] & 0x80) | payload_type);
  int length = static_cast<int>(rtp.size());
  if (srtp_protect(session_, bytes_.data(), &length) != srtp_err_status_ok) return {};
  return {bytes_.data(), static_cast<std::size_t>(length)};
}

}  // namespace infinara::station

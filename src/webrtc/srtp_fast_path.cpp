// SPDX-License-Identifier: Apache-2.0
#include "webrtc/srtp_fast_path.hpp"

#include "gstpp/optional_property.hpp"

namespace infinara::webrtc {
namespace {

constexpr std::size_t kKeyBytes = SrtpSender::kKey + SrtpSender::kSalt;

}  // namespace

std::unique_ptr<SrtpFastPath> SrtpFastPath::between(GstElement* dtls, GstElement* nice) {
  auto path = IcePath::of(nice);
  if (!path || dtls == nullptr || !gstpp::has(G_OBJECT(dtls), "encoder-key", GST_TYPE_BUFFER))
    return nullptr;
  gstpp::Ref<GstBuffer> key;
  g_object_get(dtls, "encoder-key", key.out(), nullptr);
  // GstDtlsSrtpCipher 1: AES-128-ICM; GstDtlsSrtpAuth 1: HMAC-SHA1-32, 2: HMAC-SHA1-80
  const int cipher = gstpp::number_of(G_OBJECT(dtls), "srtp-cipher");
  const int tag = gstpp::number_of(G_OBJECT(dtls), "srtp-auth");
  if (!key || gst_buffer_get_size(key) != kKeyBytes || cipher != 1 || (tag != 1 && tag != 2))
    return nullptr;

  const gstpp::Map map(key, GST_MAP_READ);
  const auto bytes = map.as<const std::uint8_t>();
  if (bytes.size() != kKeyBytes) return nullptr;
  return std::unique_ptr<SrtpFastPath>(
      new SrtpFastPath(SrtpSender(bytes.first<kKeyBytes>(), tag == 1 ? 4 : 10), *std::move(path)));
}

std::span<const std::uint8_t> SrtpFastPath::encrypt(std::span<const std::uint8_t> rtp,
                                                    int payload_type) {
  if (rtp.size() > kMostPacket) return {};
  std::ranges::copy(rtp, bytes_.begin());
  bytes_[1] = static_cast<std::uint8_t>((rtp[1] & 0x80) | payload_type);
  return std::span(bytes_).first(srtp_.protect(bytes_, rtp.size()));
}

}  // namespace infinara::webrtc

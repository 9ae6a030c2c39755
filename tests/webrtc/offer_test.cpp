// SPDX-License-Identifier: Apache-2.0
#include "webrtc/offer.hpp"

#include <gtest/gtest.h>

#include "webrtc/offers.hpp"

namespace infinara::webrtc {
namespace {

Offer good(const std::string& sdp) {
  auto read = read_offer(sdp);
  if (!read) {
    ADD_FAILURE() << read.error().why;
    return {};
  }
  return *std::move(read);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(Offer, OfAGoodOneGoesOnWhatWasUnderstood) {
  const Offer offer = good(kGoodOffer);
  EXPECT_EQ(offer.payload_type, 111);
  EXPECT_EQ(offer.ufrag, "Ab1/");
  EXPECT_TRUE(offer.others.empty());
  for (const char* line : {"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "a=mid:0\r\n", "a=recvonly\r\n",
                           "a=rtpmap:111 opus/48000/2\r\n", "a=setup:actpass\r\n",
                           "a=group:BUNDLE 0\r\n", "a=ice-pwd:0123456789abcdefghijkl+/\r\n"})
    EXPECT_TRUE(has(offer.sdp, line)) << line << offer.sdp;
  EXPECT_TRUE(has(offer.sdp, kFingerprint));
  for (const char* line : {"red/48000", "extmap", "transport-cc", "WMS"})
    EXPECT_FALSE(has(offer.sdp, line)) << line;
}

TEST(Offer, WhatWouldSilenceWebrtcbinIsLeftOut) {
  const Offer offer = good(with(kGoodOffer, "useinbandfec=1",
                                "useinbandfec=1;sprop-stereo=0;sprop-maxcapturerate=16000"));
  EXPECT_FALSE(has(offer.sdp, "sprop"));
  EXPECT_TRUE(has(offer.sdp, "useinbandfec=1"));
  EXPECT_TRUE(has(offer.sdp, "stereo=1"));
}

TEST(Offer, AMissingDirectionIsBothWays) {
  EXPECT_EQ(good(with(kGoodOffer, "a=recvonly\r\n", "")).payload_type, 111);
  EXPECT_EQ(good(with(kGoodOffer, "recvonly", "sendrecv")).payload_type, 111);
}

TEST(Offer, TransportMayBeSaidOnceForAllSections) {
  const std::string bare =
      with(with(with(kGoodOffer, kFingerprint, ""), "a=ice-ufrag:Ab1/\r\n", ""),
           "a=ice-pwd:0123456789abcdefghijkl+/\r\n", "");
  EXPECT_EQ(good(with(bare, "a=msid-semantic: WMS\r\n",
                      kFingerprint + "a=ice-ufrag:Ab1/\r\na=ice-pwd:0123456789abcdefghijkl+/\r\n"))
                .ufrag,
            "Ab1/");
}

TEST(Offer, LineFeedsAloneWillDo) {
  EXPECT_EQ(good(with(kGoodOffer, "\r\n", "\n")).payload_type, 111);
}

TEST(Offer, OnlyCandidatesThatNeedNoNameServerGoOn) {
  const std::string start = "a=candidate:1 1 ";
  std::string lines;
  for (const char* rest :
       {"udp 2113937151 127.0.0.1 50000 typ host", "UDP 2113937151 ::1 50001 typ host generation 0",
        "udp 2113937151 0f1e-2.local 50002 typ host", "tcp 1518280447 127.0.0.1 9 typ host",
        "udp 1 evil.example 80 typ host", "udp 1 127.0.0.1 0 typ host",
        "udp 99999999999 127.0.0.1 1 typ host", "udp 1 127.0.0.1 5 typ nonsense", "udp"})
    lines += start + rest + "\r\n";
  const Offer offer = good(kGoodOffer + lines);
  EXPECT_TRUE(has(offer.sdp, "127.0.0.1 50000 typ host\r\n"));
  EXPECT_TRUE(has(offer.sdp, "::1 50001 typ host\r\n"));
  std::size_t count = 0;
  for (auto at = offer.sdp.find("candidate"); at != offer.sdp.npos;
       at = offer.sdp.find("candidate", at + 1))
    ++count;
  EXPECT_EQ(count, 2u) << offer.sdp;
}

TEST(Offer, AThousandCandidatesAreCutToSome) {
  std::string lines;
  for (int i = 0; i < 1000; ++i)
    lines += "a=candidate:1 1 udp 1 10.0.0.1 " + std::to_string(1000 + i) + " typ host\r\n";
  EXPECT_LT(good(kGoodOffer + lines).sdp.size(), 4000u);
}

TEST(Offer, OtherSectionsAreRefusedInTheirPlace) {
  const std::string before = with(kGoodOffer, "m=audio", kVideo + "m=audio");
  const Offer offer = good(before + with(kVideo, "a=mid:1", "a=mid:2"));
  EXPECT_EQ(offer.place, 1u);
  ASSERT_EQ(offer.others.size(), 2u);
  EXPECT_FALSE(has(offer.sdp, "video"));
  const auto answer = whole_answer(
      offer, "v=0\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n");
  ASSERT_TRUE(answer);
  const auto refused = [](const std::string& mid) {
    return "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:" + mid +
           "\r\n";
  };
  EXPECT_EQ(*answer, "v=0\r\ns=-\r\na=ice-options:trickle\r\n" + refused("1") +
                         "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n"
                         "a=rtcp-mux-only\r\na=msid:infinara audio\r\n"
                         "a=end-of-candidates\r\n" +
                         refused("2"));
}

TEST(Offer, AnAnswerHasOneMediaStreamAndTheLastOfItsCandidates) {
  const auto answer = whole_answer(
      good(kGoodOffer),
      "v=0\r\na=ice-options:renomination\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n"
      "a=ssrc:1 msid:user transceiver\r\na=ssrc:1 cname:user\r\na=msid:a b\r\n"
      "a=rtcp-mux-only\r\na=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer,
            "v=0\r\na=ice-options:trickle\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n"
            "a=ssrc:1 cname:user\r\na=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n"
            "a=rtcp-mux-only\r\na=msid:infinara audio\r\na=end-of-candidates\r\n");
}

TEST(Offer, CandidatesOfABundleStandInItsFirstSection) {
  const std::string ice = "a=ice-ufrag:Ab1/\r\na=candidate:1 1 udp 1 10.0.0.7 5000 typ host\r\n";
  const std::string other = "a=ice-ufrag:Zz9/\r\na=candidate:1 1 udp 1 10.0.0.8 5000 typ host\r\n";
  const Offer offer = good(with(kGoodOffer, "m=audio",
                                kVideo + ice + with(kVideo, "mid:1", "mid:2") + other + "m=audio"));
  EXPECT_TRUE(has(offer.sdp, "10.0.0.7"));
  EXPECT_FALSE(has(offer.sdp, "10.0.0.8"));
}

TEST(Trickle, ABrokenFragmentIsRefusedAndAForeignCandidateLeftOut) {
  const auto read = [](const std::string& fragment) { return read_trickle(fragment); };
  for (const char* broken :
       {"a=candidate:1 1 udp 1 10.0.0.1 5000\r\n", "a=candidate:hello\r\n", "m=audio\r\n",
        "a=candidate:1 1 udp x 10.0.0.1 5000 typ host\r\n", "a=ice-pwd:a b\r\n",
        "a=candidate:1 1 udp 1 10.0.0.1 99999 typ host\r\n", "a=ice-ufrag:\r\n", "hello"})
    EXPECT_FALSE(read(broken)) << broken;
  for (const char* foreign :
       {"a=candidate:1 1 tcp 1 10.0.0.1 9 typ host tcptype active\r\n",
        "a=candidate:1 1 udp 1 4d1a7e90-aaaa-bbbb-cccc-0123456789ab.local 5000 typ host\r\n",
        "a=candidate:1 2 udp 1 10.0.0.1 5000 typ host\r\n", "a=end-of-candidates\r\n",
        "a=candidate:\r\n"}) {
    const auto trickle = read(std::string(foreign) +
                              "a=candidate:2 1 udp 1 10.0.0.2 5000 typ host generation 0\r\n");
    ASSERT_TRUE(trickle) << foreign;
    EXPECT_EQ(trickle->candidates,
              (std::vector<std::string>{"candidate:2 1 udp 1 10.0.0.2 5000 typ host"}));
  }
}

TEST(Offer, AnAnswerWithoutSoundIsNone) {
  const Offer offer = good(kGoodOffer);
  for (const char* answer :
       {"", "v=0\r\n", "v=0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=inactive\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n"})
    EXPECT_FALSE(whole_answer(offer, answer)) << answer;
}

struct Case {
  const char* what;
  std::string sdp;
  int status;
  const char* why;  // a part of it
};

class Bad : public testing::TestWithParam<Case> {};

TEST_P(Bad, IsRefusedWithItsReason) {
  const auto& one = GetParam();
  const auto read = read_offer(one.sdp);
  ASSERT_FALSE(read) << one.what;
  const BadOffer& bad = read.error();
  EXPECT_EQ(bad.status, one.status) << one.what << ": " << bad.why;
  EXPECT_TRUE(has(bad.why, one.why)) << one.what << ": " << bad.why;
}

std::string many_sections() {
  std::string text = kGoodOffer;
  for (int i = 0; i < 1000; ++i) text += "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n";
  return text;
}

const std::string& g = kGoodOffer;
INSTANTIATE_TEST_SUITE_P(
    Table, Bad,
    testing::Values(
        Case{"nothing", "", 400, "v=0"}, Case{"words", "hello, radio", 400, "no SDP"},
        Case{"a NUL", std::string("v=0\r\ns=\0\r\n", 10), 400, "no SDP"},
        Case{"binary", "v=0\r\n\xff\xfe\r\n", 400, "no SDP"},
        Case{"no version", g.substr(5), 400, "v=0"},
        Case{"no section", "v=0\r\ns=-\r\nt=0 0\r\n", 400, "no m= line"},
        Case{"a short m= line", "v=0\r\nm=audio\r\n", 400, "m= line"},
        Case{"a port that is none", with(g, "audio 9", "audio 99999"), 400, "m= line"},
        Case{"video only", with(g, "m=audio", "m=video"), 422, "no audio"},
        Case{"no Opus", with(g, "opus/48000/2", "PCMU/8000"), 422, "no Opus"},
        Case{"Opus of another section",
             with(with(g, "opus/48000/2", "PCMU/8000"), "m=audio",
                  "m=video 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\nm=audio"),
             422, "no Opus"},
        Case{"an Opus that no format names", with(g, " 111 63", " 63"), 422, "no Opus"},
        Case{"port 0", with(g, "audio 9", "audio 0"), 422, "port 0"},
        Case{"sendonly", with(g, "recvonly", "sendonly"), 422, "receive"},
        Case{"inactive", with(g, "recvonly", "inactive"), 422, "receive"},
        Case{"inactive as a whole",
             with(with(g, "a=recvonly\r\n", ""), "a=extmap-allow-mixed", "a=inactive"), 422,
             "receive"},
        Case{"no encryption", with(g, "UDP/TLS/RTP/SAVPF", "RTP/AVP"), 422, "encrypted"},
        Case{"no ufrag", with(g, "a=ice-ufrag:Ab1/\r\n", ""), 400, "ice-ufrag"},
        Case{"a short ufrag", with(g, "Ab1/", "Ab"), 400, "ice-ufrag"},
        Case{"a ufrag with a blank", with(g, "Ab1/", "Ab1 /"), 400, "ice-ufrag"},
        Case{"no password", with(g, "a=ice-pwd:0123456789abcdefghijkl+/\r\n", ""), 400, "ice-pwd"},
        Case{"a short password", with(g, "0123456789abcdefghijkl+/", "0123456789"), 400, "ice-pwd"},
        Case{"a huge password", with(g, "0123456789abcdefghijkl+/", std::string(300, 'a')), 400,
             "ice-pwd"},
        Case{"no fingerprint", with(g, kFingerprint, ""), 400, "fingerprint"},
        Case{"a short fingerprint", with(g, ":FF\r\n", "\r\n"), 400, "fingerprint"},
        Case{"a fingerprint of nonsense", with(g, "00:11", "zz:11"), 400, "fingerprint"},
        Case{"an unknown hash", with(g, "sha-256", "md5"), 400, "fingerprint"},
        Case{"no setup", with(g, "a=setup:actpass\r\n", ""), 400, "setup"},
        Case{"setup:holdconn", with(g, "actpass", "holdconn"), 400, "setup"},
        Case{"no mid", with(g, "a=mid:0\r\n", ""), 400, "mid"},
        Case{"a mid twice", g + with(kVideo, "a=mid:1", "a=mid:0"), 400, "same a=mid"},
        Case{"no rtcp-mux", with(g, "a=rtcp-mux\r\n", ""), 422, "rtcp-mux"},
        Case{"1000 sections", many_sections(), 400, "m= lines"},
        Case{"64 KiB", g + "a=" + std::string(65536, 'x') + "\r\n", 413, "64 KiB"}));

TEST(Trickle, CandidatesAndTheirSessionAreRead) {
  const auto read = read_trickle(
      "a=ice-ufrag:Ab1/\r\na=ice-pwd:x\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
      "a=candidate:1 1 udp 2113937151 127.0.0.1 50000 typ host\r\n"
      "a=candidate:1 1 udp 2113937151 x.local 50000 typ host\r\na=end-of-candidates\r\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->ufrag, "Ab1/");
  EXPECT_EQ(read->candidates,
            std::vector<std::string>{"candidate:1 1 udp 2113937151 127.0.0.1 50000 typ host"});
}

TEST(Trickle, NonsenseIsRefused) {
  for (const char* text : {"", "\r\n", "{}", "candidate:1", "a=ice-ufrag:a b\r\n"})
    EXPECT_FALSE(read_trickle(text)) << text;
}

}  // namespace
}  // namespace infinara::webrtc

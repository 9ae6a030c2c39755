// SPDX-License-Identifier: Apache-2.0
// The table of caps: which httpbroadcastsink serves, as what, and which it refuses with which
// sentence; and where a listener joins the formats that are served.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "broadcast.hpp"
#include "gstpp/ref.hpp"
#include "support/sockets.hpp"

namespace infinara {
namespace {

using namespace std::string_literals;
using support::Client;

/// An error message of the sink: the sentence for a user and the fact for a developer.
struct Refusal {
  bool is_wrong_type = false;
  std::string sentence, fact;
};

class Radio : public Broadcast {
 public:
  explicit Radio(const std::string& extra = "")
      : Broadcast(extra, false, false), bus_(gstpp::Ref<GstBus>::adopt(gst_bus_new())) {
    gst_element_set_bus(sink(), bus_);
  }
  ~Radio() { gst_element_set_bus(sink(), nullptr); }

  void caps(const std::string& text) {
    GstCaps* caps = gst_caps_from_string(text.c_str());
    ASSERT_NE(caps, nullptr) << text;
    gst_harness_set_src_caps(harness(), caps);
  }
  GstFlowReturn push(const std::string& bytes, guint flags = 0, GstClockTime time = GST_SECOND) {
    GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    GST_BUFFER_FLAG_SET(buffer, flags);
    GST_BUFFER_PTS(buffer) = time_;
    GST_BUFFER_DURATION(buffer) = time;
    time_ += time;
    return gst_harness_push(harness(), buffer);
  }
  /// The error that was posted, if any was.
  Refusal refusal() {
    const auto message =
        gstpp::Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_, GST_MESSAGE_ERROR));
    if (!message) return {};
    gstpp::Error error;
    gchar* debug = nullptr;
    gst_message_parse_error(message, error.out(), &debug);
    const gstpp::String owned(debug);
    return {.is_wrong_type = g_error_matches(error.get(), GST_STREAM_ERROR,
                                             GST_STREAM_ERROR_WRONG_TYPE) != FALSE,
            .sentence = error.message(),
            .fact = debug != nullptr ? debug : ""};
  }
  std::string ask(const std::string& request = "GET /?burst=0 HTTP/1.0\r\n\r\n") {
    return connect(request).read_all();
  }
  std::string end_of(Client& client) {
    gst_harness_push_event(harness(), gst_event_new_eos());
    return support::body_of(client.read_all());
  }
  Client late() { return join(0, "GET /?burst=0 HTTP/1.0\r\n\r\n"); }

 private:
  gstpp::Ref<GstBus> bus_;
  GstClockTime time_ = 0;
};

/// Caps, and the MIME type that listeners are told.
const std::vector<std::pair<const char*, const char*>> kServed = {
    {"audio/mpeg, mpegversion=1, layer=3", "audio/mpeg"},
    {"audio/mpeg, mpegversion=1, layer=3, parsed=false", "audio/mpeg"},
    {"audio/mpeg, mpegversion=1, layer=2", "audio/mpeg"},
    {"audio/mpeg, mpegversion=1, layer=1, parsed=true", "audio/mpeg"},
    {"audio/mpeg, mpegversion=4, stream-format=adts", "audio/aac"},
    {"audio/mpeg, mpegversion=2, stream-format=adts, framed=true", "audio/aac"},
    {"audio/x-ac3", "audio/ac3"},
    {"audio/x-eac3, framed=true, alignment=frame", "audio/eac3"},
    {"audio/x-dts, framed=true", "audio/vnd.dts"},
    {"audio/x-wavpack, framed=true", "audio/x-wavpack"},
    {"audio/x-flac, streamheader=(buffer)<7f464c4143>", "audio/flac"},
    {"application/ogg, streamheader=(buffer)<41>", "application/ogg"},
    {"audio/ogg, streamheader=(buffer)<41>", "audio/ogg"},
    {"video/ogg, streamheader=(buffer)<41>", "video/ogg"},
    {"audio/webm, streamheader=(buffer)<41>", "audio/webm"},
    {"video/webm, streamheader=(buffer)<41>", "video/webm"},
    {"audio/x-matroska, streamheader=(buffer)<41>", "audio/webm"},
    {"video/x-matroska, streamheader=(buffer)<41>", "video/webm"},
    {"video/x-flv, streamheader=(buffer)<41>", "video/x-flv"},
    {"video/x-ms-asf, streamheader=(buffer)<41>", "video/x-ms-asf"},
    {"video/mpegts, systemstream=true, packetsize=188", "video/mp2t"},
    {"video/mpeg, mpegversion=2, systemstream=true", "video/mpeg"},
    {"multipart/x-mixed-replace, boundary=(string)X", "multipart/x-mixed-replace;boundary=X"},
    {"application/x-gdp, streamheader=(buffer)<41>", "application/x-gdp"},
};

TEST(Formats, ThatPlayersCanJoinAreServed) {
  for (const auto& [caps, type] : kServed) {
    Radio radio;
    radio.caps(caps);
    radio.push("data");
    EXPECT_EQ(radio.refusal().sentence, "") << caps;
    const std::string answer = radio.ask("HEAD / HTTP/1.0\r\n\r\n");
    EXPECT_NE(answer.find("\r\nContent-Type: "s + type + "\r\n"), std::string::npos)
        << caps << ": " << answer;
  }
}

/// Caps, and what a user is told to do.
const std::vector<std::pair<const char*, const char*>> kRefused = {
    {"audio/x-raw, format=S16LE, rate=48000, channels=2",
     "No player could join raw audio: put an encoder, such as lamemp3enc, or wavenc before "
     "httpbroadcastsink."},
    {"audio/mpeg, mpegversion=4, stream-format=raw",
     "No player could join AAC without ADTS headers: put aacparse ! "
     "audio/mpeg,stream-format=adts before httpbroadcastsink."},
    {"audio/mpeg, mpegversion=4, stream-format=raw, framed=true, codec_data=(buffer)1190",
     "AAC without ADTS headers: put aacparse ! audio/mpeg,stream-format=adts"},
    {"audio/mpeg, mpegversion=4", "AAC without ADTS headers: put aacparse"},
    {"audio/mpeg, mpegversion=2, stream-format=adif", "AAC without ADTS headers: put aacparse"},
    {"audio/mpeg, mpegversion=4, stream-format=loas", "AAC in LOAS: put avdec_aac_latm"},
    {"audio/mpeg, mpegversion=4, stream-format=adts, framed=false", ": put aacparse before"},
    {"audio/mpeg, mpegversion=1, layer=2, parsed=false", ": put mpegaudioparse before"},
    {"audio/mpeg, mpegversion=1", "of an unknown layer: put mpegaudioparse before"},
    {"audio/mpeg", "put mpegaudioparse (MP3) or aacparse (AAC) before"},
    {"audio/x-opus, streamheader=(buffer)<41>", "bare Opus packets: put oggmux or webmmux"},
    {"audio/x-vorbis, streamheader=(buffer)<41>", "bare Vorbis packets: put oggmux or webmmux"},
    {"audio/x-speex, streamheader=(buffer)<41>", "bare Speex packets: put oggmux before"},
    {"audio/x-celt, streamheader=(buffer)<41>", "bare CELT packets: put oggmux before"},
    {"audio/x-flac", "FLAC without its STREAMINFO: put flacparse before"},
    {"audio/x-flac, framed=false", "put flacparse before"},
    {"audio/x-ac3, framed=false", "put ac3parse before"},
    {"audio/x-eac3, framed=false", "put ac3parse before"},
    {"audio/x-dts, framed=false", "put dcaparse before"},
    {"audio/x-wavpack, framed=false", "put wavpackparse before"},
    {"audio/x-alac", "put mp4mux fragment-duration=1000 streamable=true before"},
    {"audio/x-tta", "put matroskamux streamable=true before"},
    {"audio/x-wma, wmaversion=2", "put asfmux streamable=true before"},
    {"audio/x-mulaw, rate=8000, channels=1", "put wavenc before"},
    {"audio/x-alaw, rate=8000, channels=1", "put wavenc before"},
    {"audio/AMR, rate=8000, channels=1", "put amrnbdec ! audioconvert ! lamemp3enc before"},
    {"audio/AMR-WB, rate=16000, channels=1", "put amrwbdec ! audioconvert ! lamemp3enc before"},
    {"audio/x-sbc", "No player could join a stream of audio/x-sbc: put a muxer"},
    {"audio/x-gsm, rate=8000, channels=1", "a stream of audio/x-gsm: put a muxer"},
    {"audio/x-aiff", "put wavenc, in place of aiffmux, before"},
    {"audio/x-au", "put auparse ! wavenc before"},
    {"audio/x-rf64", "put wavenc ! audio/x-wav before"},
    {"application/ogg", "an Ogg stream without its headers: put oggparse before"},
    {"application/x-id3", "the parser of the format, such as mpegaudioparse"},
    {"application/x-apetag", "the parser of the format, such as mpegaudioparse"},
    {"application/x-rtp, media=audio", "put a depayloader and a muxer"},
    {"application/octet-stream", "a stream of application/octet-stream: put a muxer"},
    {"text/plain", "a stream of text/plain: put a muxer"},
    {"video/x-msvideo", "put matroskamux streamable=true before"},
    {"video/x-raw", "put an encoder and a muxer"},
    {"video/x-h264, stream-format=byte-stream", "a stream of video/x-h264: put a muxer"},
    {"video/mpeg, mpegversion=2, systemstream=false", "a stream of video/mpeg: put a muxer"},
    {"image/jpeg", "put multipartmux before"},
};

TEST(Formats, ThatNoPlayerCouldJoinAreRefusedAtNegotiation) {
  for (const auto& [caps, sentence] : kRefused) {
    Radio radio;
    radio.caps(caps);
    EXPECT_NE(radio.push("data"), GST_FLOW_OK) << caps;
    const Refusal refusal = radio.refusal();
    EXPECT_TRUE(refusal.is_wrong_type) << caps;
    EXPECT_NE(refusal.sentence.find(sentence), std::string::npos)
        << caps << ": " << refusal.sentence;
    EXPECT_NE(refusal.fact.find("caps "), std::string::npos) << refusal.fact;
    const std::string answer = radio.ask();
    EXPECT_EQ(answer.substr(0, 13), "HTTP/1.0 503 ") << caps;
    EXPECT_NE(answer.find(refusal.sentence), std::string::npos) << answer;
  }
}

/// Caps whose first data decides, that data, and what a user is told to do.
struct Late {
  const char* caps;
  std::string data;
  const char* sentence;
};
const std::vector<Late> kRefusedLate = {
    {"video/quicktime, variant=iso",
     "\0\0\0\x10"
     "ftypisom\0\0\0\0\0\0\0\x08mdat"s,
     "an MP4 file without fragments: put mp4mux fragment-duration=1000 streamable=true before"},
    {"audio/x-m4a", "this is no MP4 file", "put mp4mux fragment-duration=1000 streamable=true"},
    {"audio/x-wav", "samples without a header", "put wavparse ! wavenc before"},
    {"audio/webm", "a cluster", "WebM without its headers: put matroskademux ! webmmux"},
    {"video/x-matroska", "a cluster", "put matroskademux ! matroskamux streamable=true before"},
    {"video/x-flv", "a tag", "put flvdemux ! flvmux streamable=true before"},
    {"video/x-ms-asf", "a packet", "put asfparse before"},
    {"audio/mpeg, mpegversion=1, layer=3", std::string(2 << 20, 'x'), "put parsebin before"},
    {"video/mpegts", std::string(2 << 20, 'x'), "put parsebin before"},
    {"audio/x-flac, streamheader=(buffer)<41>", std::string(2 << 20, 'x'), "put flacparse before"},
};

TEST(Formats, WhoseDataIsNotWhatTheCapsSayAreRefused) {
  for (const auto& [caps, data, sentence] : kRefusedLate) {
    Radio radio;
    radio.caps(caps);
    EXPECT_EQ(radio.refusal().sentence, "") << caps;
    EXPECT_EQ(radio.push(data), GST_FLOW_ERROR) << caps;
    const Refusal refusal = radio.refusal();
    EXPECT_TRUE(refusal.is_wrong_type) << caps;
    EXPECT_NE(refusal.sentence.find(sentence), std::string::npos)
        << caps << ": " << refusal.sentence;
    EXPECT_EQ(radio.ask().substr(0, 13), "HTTP/1.0 503 ") << caps;
  }
}

TEST(Formats, ARefusedStreamClosesWhoWaitsForIt) {
  Radio radio("content-type=audio/x-test");
  Client waits = radio.join();
  radio.caps("audio/x-raw");
  EXPECT_TRUE(waits.is_closed_soon());
}

TEST(Formats, AStreamOfDeltaUnitsAloneIsJoinedAnywhereInWholePackets) {
  const auto packet = [](char mark) { return "G" + std::string(187, mark); };
  Radio radio;
  radio.caps("video/mpegts, systemstream=true, packetsize=188, streamheader=(buffer)<4140>");
  Client first = radio.late();
  for (const char mark : {'a', 'b', 'c'}) radio.push(packet(mark), GST_BUFFER_FLAG_DELTA_UNIT);
  Client second = radio.late();
  const std::string both = packet('d') + packet('e');
  radio.push(both.substr(0, 100), GST_BUFFER_FLAG_DELTA_UNIT);
  radio.push(both.substr(100), GST_BUFFER_FLAG_DELTA_UNIT);
  EXPECT_EQ(radio.end_of(second), "A@" + both);
  EXPECT_EQ(support::body_of(first.read_all()),
            "A@" + packet('a') + packet('b') + packet('c') + both);
}

TEST(Formats, AStreamIsJoinedAtARandomAccessPointAndAfterTenSecondsWithoutOneAnywhere) {
  Radio radio;
  radio.caps("application/ogg, streamheader=(buffer)<41>");
  const auto delta = GST_BUFFER_FLAG_DELTA_UNIT;
  radio.push("k");
  Client early = radio.late();
  for (char mark = '1'; mark <= '9'; ++mark) radio.push(std::string(1, mark), delta);
  radio.push("x", delta);
  radio.push("y", delta);
  EXPECT_EQ(radio.end_of(early), "Axy");
}

TEST(Formats, HeadersThatComeBeforeTheirCapsAreSentOnce) {
  Radio radio;
  radio.caps("audio/webm");
  radio.push("head", GST_BUFFER_FLAG_HEADER | GST_BUFFER_FLAG_DELTA_UNIT);
  radio.caps("audio/webm, streamheader=(buffer)<68656164>");
  Client listener = radio.late();
  radio.push("cluster");
  EXPECT_EQ(radio.end_of(listener), "headcluster");
}

TEST(Formats, FlacIsNative) {
  const std::string info = "\0\0\0\x22"s + std::string(34, '\x0f');
  std::string hex;
  for (const unsigned char byte :
       "\x7f"
       "FLAC\1\0\0\0fLaC"s +
           info) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += {kDigits[byte / 16], kDigits[byte % 16]};
  }
  Radio radio;
  radio.caps("audio/x-flac, streamheader=(buffer)<" + hex + ">");
  for (const std::string& one : {"fLaC"s, info}) radio.push(one, GST_BUFFER_FLAG_HEADER);
  radio.push("\xff\xf8one");
  Client listener = radio.late();
  radio.push("\xff\xf8two");
  const std::string body = radio.end_of(listener);
  ASSERT_EQ(body.size(), 4U + 38 + 5);
  EXPECT_EQ(body.substr(0, 8), "fLaC\x80\0\0\x22"s);
  EXPECT_EQ(body.substr(42), "\xff\xf8two");
}

}  // namespace
}  // namespace infinara

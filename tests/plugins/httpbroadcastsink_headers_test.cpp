// SPDX-License-Identifier: Apache-2.0
// Formats with stream headers, as Ogg and WebM: who joins gets them first, who listens gets new
// ones.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <string>

#include "broadcast.hpp"
#include "gstpp/ref.hpp"
#include "support/sockets.hpp"

namespace {

using namespace infinara;
using support::Client;

/// Buffers of a format with two stream headers; "k" begins a group, "d" depends on it.
class Muxed {
 public:
  explicit Muxed(const std::string& headers = "AB") { caps(headers); }

  void caps(const std::string& headers) {
    const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string("application/ogg"));
    GValue list = G_VALUE_INIT;
    g_value_init(&list, GST_TYPE_ARRAY);
    for (const char one : headers) {
      GValue value = G_VALUE_INIT;
      g_value_init(&value, GST_TYPE_BUFFER);
      gst_value_take_buffer(&value, gst_buffer_new_memdup(&one, 1));
      gst_value_array_append_and_take_value(&list, &value);
    }
    gst_caps_set_value(caps.get(), "streamheader", &list);
    g_value_unset(&list);
    gst_harness_set_src_caps(radio.harness(), gst_caps_ref(caps.get()));
    for (const char one : headers) push(std::string(1, one), GST_BUFFER_FLAG_HEADER);
  }
  void push(const std::string& bytes, guint flags = 0) {
    GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    GST_BUFFER_FLAG_SET(buffer, flags);
    if ((flags & GST_BUFFER_FLAG_HEADER) == 0) {
      GST_BUFFER_PTS(buffer) = time_;
      GST_BUFFER_DURATION(buffer) = 250 * GST_MSECOND;
      time_ += 250 * GST_MSECOND;
    }
    EXPECT_EQ(gst_harness_push(radio.harness(), buffer), GST_FLOW_OK);
  }
  std::string all_of(Client& client) {
    gst_harness_push_event(radio.harness(), gst_event_new_eos());
    return support::body_of(client.read_all());
  }

  Broadcast radio{"", false, false};

 private:
  GstClockTime time_ = 0;
};

TEST(HttpBroadcastSink, GivesStreamHeadersFirstAndThenABufferThatNeedsNoOther) {
  Muxed stream;
  stream.push("k1");
  for (const char* one : {"d1", "d2", "d3"}) stream.push(one, GST_BUFFER_FLAG_DELTA_UNIT);
  stream.push("k2");
  stream.push("d4", GST_BUFFER_FLAG_DELTA_UNIT);
  Client burst = stream.radio.join(0, "GET /?burst=0.6 HTTP/1.0\r\n\r\n");
  Client late = stream.radio.join(0, "GET /?burst=0 HTTP/1.0\r\nIcy-MetaData: 1\r\n\r\n");
  stream.push("d5", GST_BUFFER_FLAG_DELTA_UNIT);
  stream.push("k3");
  EXPECT_EQ(stream.all_of(burst), "ABk1d1d2d3k2d4d5k3");
  const std::string answer = late.read_all();
  EXPECT_EQ(support::body_of(answer), "ABk3");
  EXPECT_NE(answer.find("\r\nContent-Type: application/ogg\r\n"), std::string::npos);
  EXPECT_NE(answer.find("\r\nicy-metaint: 16000\r\n"), std::string::npos);
}

TEST(HttpBroadcastSink, TellsTheTitlesOfAStreamWithHeadersToWhoeverAsks) {
  Muxed stream;
  stream.radio.tag("Rain");
  stream.push("k" + std::string(40000, '1'));
  Client asks = stream.radio.join(0, "GET / HTTP/1.0\r\nIcy-MetaData: 1\r\n\r\n");
  Client does_not = stream.radio.join();
  const std::string titled = stream.all_of(asks);
  EXPECT_EQ(titled.find("StreamTitle='Rain';"), 16000U + 1);
  EXPECT_EQ(titled.size(), 2 + 40001 + 33 + 1U);  // the title once, then "no change"
  EXPECT_EQ(support::body_of(does_not.read_all()), "ABk" + std::string(40000, '1'));
}

TEST(HttpBroadcastSink, NewStreamHeadersReachThoseWhoListenAlready) {
  Muxed stream;
  Client first = stream.radio.join();
  stream.push("k1");
  stream.caps("CD");
  stream.push("k2");
  Client second = stream.radio.join(0, "GET /?burst=0.1 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(stream.all_of(first), "ABk1CDk2");
  EXPECT_EQ(support::body_of(second.read_all()), "CDk2");
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// What tests of httpbroadcastsink share: the sink on the air, with its listeners.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "gstpp/ref.hpp"
#include "support/mp3.hpp"
#include "support/sockets.hpp"

namespace infinara {

inline constexpr GstClockTime kFrame = 24 * GST_MSECOND;

/// The sink in a harness, without its pacing unless asked, on a free port of 127.0.0.1.
class Broadcast {
 public:
  explicit Broadcast(const std::string& extra = "", bool sync = false, bool frames = true)
      : sink_(gstpp::Ref<GstElement>::sink(gst_parse_launch(
            ("httpbroadcastsink address=127.0.0.1 port=0 interval=0.02 " + extra).c_str(),
            nullptr))),
        harness_(gst_harness_new_with_element(sink_, "sink", nullptr)) {
    g_object_set(sink_.get(), "sync", sync ? TRUE : FALSE, nullptr);  // a harness turns it off
    if (frames)
      gst_harness_set_src_caps_str(harness_,
                                   "audio/mpeg, mpegversion=(int)1, layer=(int)3, rate=(int)48000, "
                                   "channels=(int)2, parsed=(boolean)true");
  }
  Broadcast(const Broadcast&) = delete;
  Broadcast& operator=(const Broadcast&) = delete;
  ~Broadcast() { gst_harness_teardown(harness_); }

  GstHarness* harness() { return harness_; }
  GstElement* sink() { return sink_; }

  GstFlowReturn play(int frames) {
    GstFlowReturn result = GST_FLOW_OK;
    for (int i = 0; i < frames && result == GST_FLOW_OK; ++i) {
      const support::Frame bytes = support::frame(next_);
      GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
      GST_BUFFER_PTS(buffer) = next_++ * kFrame;
      GST_BUFFER_DURATION(buffer) = kFrame;
      result = gst_harness_push(harness_, buffer);
    }
    return result;
  }
  std::uint32_t next() const { return next_; }
  void tag(const char* title, const char* genre = nullptr) {
    GstTagList* tags = gst_tag_list_new_empty();
    if (title != nullptr)
      gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, title, nullptr);
    if (genre != nullptr)
      gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, GST_TAG_GENRE, genre, nullptr);
    gst_harness_push_event(harness_, gst_event_new_tag(tags));
  }

  template <class T>
  T get(const char* property) {
    T value{};
    g_object_get(sink_.get(), property, &value, nullptr);
    return value;
  }
  int port() { return get<gint>("bound-port"); }
  guint listeners() { return get<guint>("listeners"); }

  support::Client connect(const std::string& request = "GET / HTTP/1.0\r\n\r\n", int buffer = 0) {
    support::Client client(port(), nullptr, buffer);
    EXPECT_TRUE(client.send(request));
    return client;
  }
  support::Client join(int buffer = 0, const std::string& request = "GET / HTTP/1.0\r\n\r\n") {
    const auto before = joined();
    support::Client client = connect(request, buffer);
    EXPECT_TRUE(support::eventually([&] { return joined() > before; }));
    EXPECT_TRUE(support::eventually([&] { return all_have_their_place(); }));
    return client;
  }
  /// True once the broadcaster has given each listener its place in the stream.
  bool all_have_their_place() {
    const gstpp::Structure stats(get<GstStructure*>("stats"));
    return gst_value_list_get_size(gst_structure_get_value(stats.get(), "list")) == listeners();
  }
  guint64 stat(const char* field) {
    const gstpp::Structure stats(get<GstStructure*>("stats"));
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), field, &value));
    return value;
  }
  guint64 joined() { return stat("joined"); }

  /// Calls `add` with one end of a connection; the other is the client's.
  gboolean add(GstStructure* request, support::Client& client) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    client.adopt(ends[0]);
    gboolean taken = FALSE;
    g_signal_emit_by_name(sink_.get(), "add", ends[1], request, &taken);
    return taken;
  }

 private:
  gstpp::Ref<GstElement> sink_;
  GstHarness* harness_;
  std::uint32_t next_ = 0;
};

}  // namespace infinara

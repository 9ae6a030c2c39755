// SPDX-License-Identifier: Apache-2.0
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "broadcast.hpp"
#include "gstpp/ref.hpp"
#include "support/mp3.hpp"
#include "support/sockets.hpp"

namespace {

using namespace infinara;
using support::Client;
using support::eventually;

gstpp::Structure request_of(const char* method, bool icy = false) {
  return gstpp::Structure(gst_structure_new("listener", "method", G_TYPE_STRING, method, "version",
                                            G_TYPE_STRING, "HTTP/1.1", "icy", G_TYPE_BOOLEAN,
                                            icy ? TRUE : FALSE, "agent", G_TYPE_STRING, "test",
                                            "address", G_TYPE_STRING, "192.0.2.7", nullptr));
}

std::string read_until(Client& client, std::size_t body_bytes) {
  std::string got;
  while (got.find("\r\n\r\n") == std::string::npos || support::body_of(got).size() < body_bytes) {
    const std::string more = client.read_some();
    if (more.empty()) break;
    got += more;
  }
  return got;
}

TEST(HttpBroadcastSink, StartsAListenerOnAFrameWithABurst) {
  Broadcast radio;
  ASSERT_EQ(radio.play(500), GST_FLOW_OK);
  Client client = radio.connect();
  const std::string got = read_until(client, 125 * 576);
  EXPECT_EQ(got.find("HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n"), 0u);
  EXPECT_NE(got.find("\r\nicy-br: 192\r\n"), std::string::npos);
  EXPECT_EQ(got.find("icy-metaint:"), std::string::npos);
  const auto numbers = support::numbers_in(support::body_of(got));
  ASSERT_TRUE(numbers);
  EXPECT_GE(numbers->size(), 125u);
  EXPECT_TRUE(support::is_contiguous(*numbers));
}

TEST(HttpBroadcastSink, AnswersBeforeThereIsSoundAndSendsTheFirstOfIt) {
  Broadcast radio("interval=5");
  Client client = radio.join();
  std::string got = client.read_some();
  EXPECT_EQ(got.find("HTTP/1.0 200 OK\r\n"), 0u);
  radio.play(1);
  while (support::body_of(got).size() < 576) {
    const std::string more = client.read_some();
    ASSERT_FALSE(more.empty());
    got += more;
  }
  EXPECT_EQ(support::numbers_in(support::body_of(got)), std::vector<std::uint32_t>{0});
}

TEST(HttpBroadcastSink, ServesBuffersThatHoldPiecesOfFrames) {
  Broadcast radio;
  Client client = radio.join();
  support::Frame stream;
  for (std::uint32_t i = 0; i < 50; ++i) {
    const support::Frame one = support::frame(i);
    stream.insert(stream.end(), one.begin(), one.end());
  }
  for (std::size_t at = 0; at < stream.size(); at += 1000)
    gst_harness_push(
        radio.harness(),
        gst_buffer_new_memdup(stream.data() + at, std::min<std::size_t>(1000, stream.size() - at)));
  const auto numbers = support::numbers_in(support::body_of(read_until(client, 50 * 576)));
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->size(), 50u);
}

TEST(HttpBroadcastSink, AQuickListenerHearsAllBesideStalledAndSlowOnes) {
  Broadcast radio("max-lag=5");
  radio.play(200);
  Client stalled = radio.join(4096);
  Client slow = radio.join(4096);
  Client quick = radio.join();
  std::string got;
  const auto end = support::Clock::now() + std::chrono::seconds(60);
  while (radio.listeners() > 1 && support::Clock::now() < end) {
    radio.play(20);
    const std::string more = quick.read_at_least(20 * 576);
    ASSERT_FALSE(more.empty());
    got += more;
    slow.read_some(10 * 576, 0);
  }
  EXPECT_EQ(radio.listeners(), 1u);
  EXPECT_EQ(radio.stat("dropped"), 2u);
  EXPECT_EQ(radio.get<guint64>("dropped"), 2u);
  const auto numbers = support::numbers_in(support::body_of(got));
  ASSERT_TRUE(numbers);
  EXPECT_TRUE(support::is_contiguous(*numbers));
}

TEST(HttpBroadcastSink, AListenerMayFallNinetySecondsBehind) {
  Broadcast radio;
  EXPECT_EQ(radio.get<gdouble>("max-lag"), 90);
  radio.play(200);
  Client paused = radio.join(4096);
  std::string got = paused.read_at_least(60000);
  for (int second = 0; second < 80; ++second) radio.play(41);
  EXPECT_FALSE(support::eventually([&] { return radio.listeners() == 0; }, 300));
  got += paused.read_at_least(80 * 41 * 576);
  const auto numbers = support::numbers_in(
      support::body_of(got).substr(0, support::body_of(got).size() / 576 * 576));
  ASSERT_TRUE(numbers);
  EXPECT_TRUE(support::is_contiguous(*numbers));
  for (int second = 0; second < 150; ++second) radio.play(41);
  EXPECT_TRUE(support::eventually([&] { return radio.listeners() == 0; }));
  EXPECT_EQ(radio.get<guint64>("dropped"), 1u);
  paused.read_all();
  EXPECT_TRUE(paused.has_end());
}

TEST(HttpBroadcastSink, TellsTitlesFromTagsAtTheirPlace) {
  Broadcast radio;
  Client client = radio.join(0, "GET /x HTTP/1.1\r\nHost: a\r\nIcy-MetaData: 1\r\n\r\n");
  radio.tag("Rain");
  radio.play(100);  // 57 600 bytes
  gst_harness_push_event(
      radio.harness(),
      gst_event_new_tag(gst_tag_list_new(GST_TAG_ENCODER, "LAME", nullptr)));  // changes nothing
  radio.tag("Snow");
  radio.play(100);
  gst_harness_push_event(radio.harness(), gst_event_new_eos());
  const std::string got = client.read_all();
  EXPECT_NE(got.find("\r\nicy-metaint: 16000\r\n"), std::string::npos);
  const std::string body = support::body_of(got);
  const std::size_t rain = 1 + 2 * 16;
  EXPECT_EQ(body.find("StreamTitle='Rain';"), 16000u + 1);
  EXPECT_EQ(body.find("StreamTitle='Snow';"), 4 * 16000u + rain + 2 + 1);
  EXPECT_EQ(body.size(), 200 * 576 + 2 * rain + 5);
}

TEST(HttpBroadcastSink, AnswersOnceTheTypeIsKnown) {
  const auto sink =
      gstpp::Ref<GstElement>::sink(gst_element_factory_make("httpbroadcastsink", nullptr));
  g_object_set(sink.get(), "address", "127.0.0.1", "port", 0, nullptr);
  GstHarness* harness = gst_harness_new_with_element(sink, "sink", nullptr);
  gint port = -1;
  g_object_get(sink.get(), "bound-port", &port, nullptr);
  Client client(port);
  client.send("GET / HTTP/1.1\r\nHost: a\r\nIcy-MetaData: 1\r\n\r\n");
  ASSERT_TRUE(eventually([&] {
    guint listeners = 0;
    g_object_get(sink.get(), "listeners", &listeners, nullptr);
    return listeners == 1;
  }));
  gst_harness_set_src_caps_str(harness, "audio/mpeg, mpegversion=(int)4, stream-format=adts");
  const std::string answer = client.read_some();
  EXPECT_NE(answer.find("\r\nContent-Type: audio/aac\r\n"), std::string::npos);
  EXPECT_NE(answer.find("\r\nicy-metaint: "), std::string::npos);
  gst_harness_teardown(harness);
}

TEST(HttpBroadcastSink, SaysTheGenreOfTheMoment) {
  Broadcast radio("station-name=Nights");
  radio.tag(nullptr, "jazz");
  radio.play(1);
  Client client = radio.connect("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string got = client.read_all();
  EXPECT_NE(got.find("\r\nicy-name: Nights\r\nicy-genre: jazz\r\n"), std::string::npos);
  EXPECT_TRUE(got.ends_with("\r\n\r\n"));
}

TEST(HttpBroadcastSink, AnswersOtherMethods) {
  Broadcast radio;
  Client preflight = radio.connect("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(preflight.read_all().find("Access-Control-Allow-Headers: Icy-MetaData"),
            std::string::npos);
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    Client other = radio.connect(method + " / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string got = other.read_all();
    EXPECT_EQ(got.substr(0, 12), "HTTP/1.1 405") << method;
    EXPECT_NE(got.find("\r\nAllow: GET, HEAD, OPTIONS\r\n"), std::string::npos) << got;
  }
  Client odd = radio.connect("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(odd.read_all().substr(0, 12), "HTTP/1.1 400");
  EXPECT_EQ(radio.joined(), 0u);
}

TEST(HttpBroadcastSink, ABurstCanBeAskedFor) {
  Broadcast radio("interval=5");
  radio.play(500);
  Client client = radio.connect("GET /?burst=1 HTTP/1.0\r\n\r\n");
  const auto numbers = support::numbers_in(support::body_of(read_until(client, 42 * 576)));
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->front(), 500u - 42);
}

TEST(HttpBroadcastSink, TakesSocketsFromAnApplication) {
  Broadcast radio("port=-1");
  EXPECT_EQ(radio.port(), -1);
  Client client(-1);
  const auto request = request_of("GET", true);
  ASSERT_TRUE(radio.add(request.get(), client));
  EXPECT_NE(client.read_some().find("\r\nicy-metaint: 16000\r\n"), std::string::npos);
  EXPECT_EQ(radio.listeners(), 1u);
  ASSERT_TRUE(eventually([&] { return radio.all_have_their_place(); }));
  const gstpp::Structure stats(radio.get<GstStructure*>("stats"));
  const GstStructure* one = gst_value_get_structure(
      gst_value_list_get_value(gst_structure_get_value(stats.get(), "list"), 0));
  EXPECT_STREQ(gst_structure_get_string(one, "address"), "192.0.2.7");
  EXPECT_STREQ(gst_structure_get_string(one, "agent"), "test");
}

TEST(HttpBroadcastSink, KeepsAListenersTicketForAsLongAsItListens) {
  Broadcast radio("port=-1");
  std::atomic<bool> given_back = false;
  const auto request = request_of("GET");
  auto ticket = gstpp::Ref<GBytes>::adopt(g_bytes_new_with_free_func(
      "", 1, [](gpointer flag) { *static_cast<std::atomic<bool>*>(flag) = true; }, &given_back));
  gst_structure_set(request.get(), "ticket", G_TYPE_BYTES, ticket.get(), nullptr);
  Client client(-1);
  ASSERT_TRUE(radio.add(request.get(), client));
  gst_structure_remove_field(request.get(), "ticket");
  ticket = nullptr;
  EXPECT_FALSE(given_back);
  client.close();
  EXPECT_TRUE(eventually([&] { return given_back.load(); }));
}

TEST(HttpBroadcastSink, OwnsTheSocketWhateverItAnswers) {
  Broadcast radio("port=-1 max-listeners=1");
  Client first(-1);
  Client second(-1);
  Client third(-1);
  Client fourth(-1);
  ASSERT_TRUE(radio.add(request_of("GET").get(), first));
  EXPECT_FALSE(radio.add(request_of("GET").get(), second));
  EXPECT_EQ(second.read_all().substr(0, 12), "HTTP/1.1 503");
  EXPECT_FALSE(radio.add(nullptr, third));
  EXPECT_TRUE(third.is_closed_soon());
  gst_element_set_state(radio.sink(), GST_STATE_NULL);
  EXPECT_TRUE(first.is_closed_soon());
  EXPECT_FALSE(radio.add(request_of("GET").get(), fourth));
  EXPECT_TRUE(fourth.is_closed_soon());
}

TEST(HttpBroadcastSink, ForgetsAStreamThatWasStopped) {
  Broadcast radio;
  radio.play(200);
  Client old = radio.join();
  gst_element_set_state(radio.sink(), GST_STATE_READY);
  EXPECT_TRUE(old.is_closed_soon());
  EXPECT_GE(radio.port(), 0) << "the port stays open for who comes back";
  Client early = radio.join();
  EXPECT_EQ(support::body_of(early.read_some()), "");
}

TEST(HttpBroadcastSink, EndsListenersAfterTheirLastByte) {
  Broadcast radio;
  Client client = radio.join();
  radio.play(300);
  gst_harness_push_event(radio.harness(), gst_event_new_eos());
  const auto numbers = support::numbers_in(support::body_of(client.read_all()));
  EXPECT_FALSE(client.timed_out());
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->size(), 300u);
}

TEST(HttpBroadcastSink, KeepsToTheClock) {
  Broadcast radio("", true);
  GstTestClock* clock = gst_harness_get_testclock(radio.harness());
  const auto clock_owner = gstpp::Ref<GstObject>::adopt(GST_OBJECT(clock));
  Client client = radio.join();
  std::string got;
  std::thread pushing([&] { radio.play(10); });
  for (guint i = 0; i < 10; ++i) {
    ASSERT_TRUE(gst_harness_crank_single_clock_wait(radio.harness()));
    EXPECT_EQ(gst_clock_get_time(GST_CLOCK(clock)), i * kFrame);
  }
  pushing.join();
  EXPECT_EQ(support::numbers_in(support::body_of(read_until(client, 5760)))->size(), 10u);
}

TEST(HttpBroadcastSink, SaysWhyItCannotOpenItsPort) {
  Broadcast radio;
  const auto other =
      gstpp::Ref<GstElement>::sink(gst_element_factory_make("httpbroadcastsink", nullptr));
  const auto bus = gstpp::Ref<GstBus>::adopt(gst_bus_new());
  gst_element_set_bus(other, bus);
  g_object_set(other.get(), "address", "127.0.0.1", "port", radio.port(), nullptr);
  EXPECT_EQ(gst_element_set_state(other, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  const auto message = gstpp::Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR));
  ASSERT_TRUE(message);
  gstpp::Error error;
  gst_message_parse_error(message, error.out(), nullptr);
  EXPECT_TRUE(g_error_matches(error.get(), GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ_WRITE));
  EXPECT_EQ(error.message(), "cannot listen on 127.0.0.1:" + std::to_string(radio.port()) +
                                 ": Address already in use.");
  gst_element_set_state(other, GST_STATE_NULL);
  gst_element_set_bus(other, nullptr);
}

TEST(HttpBroadcastSink, LeavesNothingBehindWhenListenersComeAndGo) {
  Broadcast radio;
  radio.play(200);
  { Client warm_up = radio.join(); }
  ASSERT_TRUE(eventually([&] { return radio.listeners() == 0; }));
  const std::size_t descriptors = support::open_descriptors();
  const std::size_t threads = support::threads();
  for (int i = 0; i < 200; ++i) {
    Client client = radio.join();
    if (i % 3 == 0) client.read_some();
    if (i % 3 == 1) client.reset();
  }
  ASSERT_TRUE(eventually([&] { return radio.listeners() == 0; }));
  EXPECT_TRUE(eventually([&] { return support::open_descriptors() == descriptors; }));
  EXPECT_EQ(support::threads(), threads);
  EXPECT_EQ(radio.joined(), 201u);
}

TEST(HttpBroadcastSink, OpensAndClosesAgainAndAgain) {
  const auto sink =
      gstpp::Ref<GstElement>::sink(gst_element_factory_make("httpbroadcastsink", nullptr));
  g_object_set(sink.get(), "address", "127.0.0.1", "port", 0, "async", FALSE, nullptr);
  std::size_t descriptors = 0;
  for (int i = 0; i < 20; ++i) {
    ASSERT_NE(gst_element_set_state(sink, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    gint port = -1;
    g_object_get(sink.get(), "bound-port", &port, nullptr);
    Client client(port);
    ASSERT_GE(client.fd(), 0);
    gst_element_set_state(sink, GST_STATE_NULL);
    g_object_get(sink.get(), "bound-port", &port, nullptr);
    EXPECT_EQ(port, -1);
    EXPECT_TRUE(client.is_closed_soon());
    client.close();
    if (i == 0) descriptors = support::open_descriptors();
  }
  EXPECT_EQ(support::open_descriptors(), descriptors);
  EXPECT_EQ(G_OBJECT(sink.get())->ref_count, 1u);
}

}  // namespace

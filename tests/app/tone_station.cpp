// SPDX-License-Identifier: Apache-2.0
// A station whose only sound is a tone on the left: what is measured at the other end of WebRTC
// came through it and nothing else. Prints its port; ends with its standard input, or SIGTERM.
//
// On SIGUSR1 its pipeline is replaced, by way of one that never starts. On SIGUSR2 it prints the
// bytes of heap in use, in its main arena and in mappings.
//
// usage: tone_station [long|plain|impatient|silent] [ticks] [each=MOST] [by=ADDRESS] [MOST_PEERS]
//   "long": the SRTP fast path is off; "plain": each peer has a pipeline, as elsewhere;
//   "impatient": a peer that does not connect within a second is disconnected
//   "silent": it has no sound to send
//   "each": how many peers one address may have
//   "by": the address that WebRTC uses, instead of 127.0.0.1
//   "ticks": twice a second a tick, and a line when its frame leaves the source: "tick" and the
//   monotonic clock's microseconds
#include <glib-unix.h>
#include <malloc.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "app/http_server.hpp"
#include "app/process.hpp"
#include "station/fake_radio.hpp"
#include "webrtc/peers.hpp"
#include "webrtc/plain_sessions.hpp"

namespace {

int run(int argc, char** argv) {
  using namespace infinara::station;
  namespace webrtc = infinara::webrtc;
  using gstpp::Ref;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);

  webrtc::PeersSettings settings;
  settings.addresses = {"127.0.0.1"};
  settings.to_gather = std::chrono::seconds(60);  // a busy machine takes its time
  bool plain = false, ticks = false, silent = false;
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]) == "long")
      settings.fast_path = false;
    else if (std::string_view(argv[i]) == "plain")
      plain = true;
    else if (std::string_view(argv[i]) == "silent")
      silent = true;
    else if (std::string_view(argv[i]) == "ticks")
      ticks = true;
    else if (std::string_view(argv[i]) == "impatient")
      settings.to_connect = std::chrono::seconds(1);
    else if (std::string_view(argv[i]).starts_with("by="))
      settings.addresses = {argv[i] + 3};
    else if (std::string_view(argv[i]).starts_with("each="))
      settings.most_per_address = std::atoi(argv[i] + 5);
    else
      settings.most = std::atoi(argv[i]);

  gstpp::Error error;
  const std::string launch =
      "audiotestsrc name=source is-live=true samplesperbuffer=960 volume=0.25 " +
      std::string(ticks ? "wave=ticks freq=2000 sine-periods-per-tick=40 tick-interval=500000000"
                        : "freq=440") +
      " ! audio/x-raw,rate=48000,channels=2 ! audiopanorama panorama=-1 ! audioconvert ! "
      "opusenc bitrate=128000 bitrate-type=constrained-vbr inband-fec=true "
      "packet-loss-percentage=5 ! " +
      std::string(plain ? "" : "rtpopuspay ! ") + "appsink name=peers";
  auto pipeline = Ref<GstElement>::sink(gst_parse_launch(launch.c_str(), error.out()));
  if (!pipeline || error) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return 1;
  }
  const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "peers"));
  if (ticks) {
    const auto source =
        Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "source"));
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source, "src"));
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer) {
          // audiotestsrc ends a tick with the interval: it fills the frame before
          if ((GST_BUFFER_OFFSET(GST_PAD_PROBE_INFO_BUFFER(info)) + 960) % 24000 < 960) {
            std::printf("tick %lld\n", static_cast<long long>(g_get_monotonic_time()));
            std::fflush(stdout);
          }
          return GST_PAD_PROBE_OK;
        },
        nullptr, nullptr);
  }
  webrtc::Peers peers(settings);
  std::unique_ptr<webrtc::PlainSessions> sessions;
  if (plain)
    sessions = std::make_unique<webrtc::PlainSessions>(sink);
  else if (!silent)
    peers.hear(sink);

  struct ToneRadio : FakeRadio {
    webrtc::Peers* peers = nullptr;
    webrtc::PlainSessions* plain = nullptr;
    Now now() override {
      Now now;
      now.peers = plain != nullptr ? plain->connected() : peers->connected();
      now.ready = peers->on_fast_path();  // seen as queue_size
      return now;
    }
    Clock clock(std::string_view) override {
      Clock clock;
      if (const auto rtp = peers->rtp()) clock.rtp = {rtp->timestamp, rtp->position};
      return clock;
    }
  } radio;
  radio.peers = &peers;
  radio.plain = sessions.get();
  infinara::memory::Memory memory;
  infinara::door::Settings door;
  door.address = "127.0.0.1";
  door.port = 0;
  infinara::app::HttpServer server({.door = door}, radio, memory,
                                   plain ? static_cast<webrtc::Sessions&>(*sessions) : peers,
                                   [](infinara::door::AcceptedRequest) {});
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);

  struct Replacing {
    const std::string& launch;
    Ref<GstElement>& pipeline;
    webrtc::Peers& peers;

    /// Hands over the appsink of a new pipeline.
    void begin() {
      pipeline = Ref<GstElement>::sink(gst_parse_launch(launch.c_str(), nullptr));
      peers.hear(Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "peers")));
    }
    void end() {
      peers.hear(nullptr);
      gst_element_set_state(pipeline, GST_STATE_NULL);
    }
  } replacing{launch, pipeline, peers};
  g_unix_signal_add(
      SIGUSR1,
      [](gpointer data) -> gboolean {
        auto& replacing = *static_cast<Replacing*>(data);
        replacing.end();
        replacing.begin();  // one that never starts
        replacing.end();
        replacing.begin();
        gst_element_set_state(replacing.pipeline, GST_STATE_PLAYING);
        return G_SOURCE_CONTINUE;
      },
      &replacing);
  g_unix_signal_add(
      SIGUSR2,
      [](gpointer) -> gboolean {
        const auto heap = ::mallinfo2();
        std::printf("%zu\n", heap.uordblks + heap.hblkhd);
        std::fflush(stdout);
        return G_SOURCE_CONTINUE;
      },
      nullptr);
  const auto loop = Ref<GMainLoop>::adopt(g_main_loop_new(nullptr, FALSE));
  g_unix_fd_add(
      0, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP),
      [](gint, GIOCondition, gpointer loop) -> gboolean {
        g_main_loop_quit(static_cast<GMainLoop*>(loop));
        return G_SOURCE_REMOVE;
      },
      loop.get());
  g_unix_signal_add(
      SIGTERM,
      [](gpointer loop) -> gboolean {
        g_main_loop_quit(static_cast<GMainLoop*>(loop));
        return G_SOURCE_CONTINUE;
      },
      loop.get());
  g_main_loop_run(loop);
  peers.say_goodbye();
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const int result = run(argc, argv);
  gst_deinit();  // where GStreamer's tracer says what is left
  infinara::app::exit_now(result);
}

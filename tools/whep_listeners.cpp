// SPDX-License-Identifier: Apache-2.0
// Listens to a station by WHEP with GStreamer's own webrtcbin, any number of times at once, and
// says what came. Ends with its standard input; all leave by DELETE then.
//
// usage: whep_listeners [ADDRESS:]PORT COUNT [stay|leave|mute|wide|ticks|tells|close|moves|roams]
//   With an address other than 127.0.0.1 they use all addresses of this machine.
//   prints a line when all are connected: milliseconds from offer to first packet, sorted;
//   then each second a line: packets received by all, packets by the one with fewest, packets whose
//   RTP sequence number or timestamp did not follow the one before.
//   With "leave" it ends by itself once all are connected; with "mute" none says a word of RTCP;
//   with "wide" they use all addresses of this machine and not 127.0.0.1 alone.
//   With "tells" there is a line "session" and its path for each, and a line "closed" and the
//   monotonic clock's microseconds when a DTLS session ends. So there is with the next two:
//   with "close" each ends its DTLS session once all are connected; with "moves" each then behaves
//   as after a change of networks: its sockets are gone, it asks for an ICE restart, is refused
//   with 422 and begins a new session at once: a line "moved" and milliseconds until each hears
//   again; with "roams" each does so at SIGUSR1. With "ticks" a line for each tick that is heard
//   after silence: the monotonic clock's microseconds when its first sample is decoded.
#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <libsoup/soup.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gstpp/ref.hpp"
#include "local_webrtc.hpp"
#include "until_told.hpp"
#include "webrtc/webrtcbin.hpp"
#include "whep_post.hpp"

namespace {

using gstpp::Ref;
using infinara::webrtc::nick_of;
using infinara::webrtc::SessionDescription;

GMainLoop* loop;
std::string base;
bool told = false, leaves = false, mute = false, wide = false, ticks = false, tells = false,
     closes = false, moves = false, roams = false;

bool is_rtcp(GstBuffer* buffer) {
  guint8 head[2]{};
  return gst_buffer_extract(buffer, 0, head, 2) == 2 && head[0] >= 128 && head[0] < 192 &&
         (head[1] & 0x7f) >= 64 && (head[1] & 0x7f) < 96;
}

/// Lets no RTCP out of this webrtcbin.
void hush(GstElement* webrtc) {
  g_signal_connect(webrtc, "deep-element-added",
                   G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer) {
                     if (!g_str_has_prefix(GST_OBJECT_NAME(element), "nicesink")) return;
                     const auto pad =
                         Ref<GstPad>::adopt(gst_element_get_static_pad(element, "sink"));
                     gst_pad_add_probe(
                         pad,
                         static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                                      GST_PAD_PROBE_TYPE_BUFFER_LIST),
                         [](GstPad*, GstPadProbeInfo* info, gpointer) {
                           GstBuffer* buffer =
                               (info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0
                                   ? GST_PAD_PROBE_INFO_BUFFER(info)
                                   : gst_buffer_list_get(GST_PAD_PROBE_INFO_BUFFER_LIST(info), 0);
                           return is_rtcp(buffer) ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
                         },
                         nullptr, nullptr);
                   }),
                   nullptr);
}

/// One listener. It lives until the process ends.
struct Listener {
  Ref<GstElement> pipeline, webrtc, dtls;
  std::string location;
  gint64 began = 0;
  std::atomic<gint64> first = 0;  // microseconds to the first packet
  std::atomic<unsigned> packets = 0;
  std::atomic<unsigned> jumps = 0;
  guint16 sequence = 0;   // of the last packet
  guint32 timestamp = 0;  // likewise
  std::string failed;
  int silent = 0;  // samples in a row, of decoded sound

  void open() {
    began = g_get_monotonic_time();
    pipeline = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    webrtc = Ref<GstElement>::sink(gst_element_factory_make("webrtcbin", nullptr));
    gst_util_set_object_arg(G_OBJECT(webrtc.get()), "bundle-policy", "max-bundle");
    g_object_set(webrtc, "latency", 0u, nullptr);
    if (mute) hush(webrtc);
    g_signal_connect(webrtc, "deep-element-added",
                     G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer self) {
                       if (g_str_has_prefix(GST_OBJECT_NAME(element), "dtlsenc"))
                         static_cast<Listener*>(self)->watch(element);
                     }),
                     this);
    keep_local(webrtc, wide);
    gst_bin_add(GST_BIN(pipeline.get()), webrtc);
    g_signal_connect(webrtc, "pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer self) {
                       static_cast<Listener*>(self)->take(pad);
                     }),
                     this);
    g_signal_connect(webrtc, "notify::ice-gathering-state",
                     G_CALLBACK(+[](GObject* webrtc, GParamSpec*, gpointer self) {
                       if (nick_of(webrtc, "ice-gathering-state") == "complete")
                         g_idle_add(
                             [](gpointer self) -> gboolean {
                               static_cast<Listener*>(self)->post();
                               return G_SOURCE_REMOVE;
                             },
                             self);
                     }),
                     this);
    const auto caps = Ref<GstCaps>::adopt(
        gst_caps_from_string("application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,"
                             "payload=109,encoding-params=(string)2"));
    constexpr int kReceiveOnly = 3;  // of GstWebRTCRTPTransceiverDirection
    Ref<GstObject> transceiver;
    g_signal_emit_by_name(webrtc, "add-transceiver", kReceiveOnly, caps.get(), transceiver.out());
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_signal_emit_by_name(
        webrtc, "create-offer", nullptr,
        gst_promise_new_with_change_func(
            [](GstPromise* promise, gpointer self) {
              const auto offer = SessionDescription::of(gst_promise_get_reply(promise), "offer");
              gst_promise_unref(promise);
              g_signal_emit_by_name(static_cast<Listener*>(self)->webrtc, "set-local-description",
                                    offer.get(), nullptr);
            },
            this, nullptr));
  }

  void watch(GstElement* dtlsenc) {
    dtls = Ref<GstElement>::share(dtlsenc);
    g_signal_connect(dtlsenc, "notify::connection-state",
                     G_CALLBACK(+[](GObject* dtlsenc, GParamSpec*, gpointer) {
                       gint state = 0;
                       g_object_get(dtlsenc, "connection-state", &state, nullptr);
                       if (state != 1 || !tells) return;  // GstDtlsConnectionState: closed
                       std::printf("closed %lld\n", static_cast<long long>(g_get_monotonic_time()));
                       std::fflush(stdout);
                     }),
                     nullptr);
  }

  void end_dtls() {
    const auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(dtls, "sink"));
    gst_pad_send_event(in, gst_event_new_stream_start("end"));
    gst_pad_send_event(in, gst_event_new_eos());
  }

  /// The host has another address from now on.
  void move() {
    gst_element_set_state(pipeline, GST_STATE_NULL);
    packets = 0;
    first = 0;
    const gint64 moved = g_get_monotonic_time();
    const auto session = Ref<SoupSession>::adopt(soup_session_new());
    const auto ask = [&](const char* method, const char* body) {
      const auto message = Ref<SoupMessage>::adopt(soup_message_new(method, location.c_str()));
      soup_message_headers_append(soup_message_get_request_headers(message), "If-Match", "*");
      GBytes* bytes = g_bytes_new(body, std::string_view(body).size());
      soup_message_set_request_body_from_bytes(message, "application/trickle-ice-sdpfrag", bytes);
      g_bytes_unref(bytes);
      const auto answer =
          Ref<GBytes>::adopt(soup_session_send_and_read(session, message, nullptr, nullptr));
      return soup_message_get_status(message);
    };
    const auto status = ask("PATCH",
                            "a=ice-ufrag:new1\r\na=ice-pwd:0123456789abcdefghijkl+/\r\n"
                            "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:audio0\r\n");
    if (status != 422) failed = "a restart was answered with " + std::to_string(status);
    ask("DELETE", "");
    open();
    began = moved;
  }

  /// Counts what did not follow the packet before it (RFC 3550): the same stream goes on.
  void follow(GstBuffer* buffer) {
    guint8 head[12]{};
    if (gst_buffer_extract(buffer, 0, head, sizeof head) != sizeof head) return;
    const auto number = static_cast<guint16>(head[2] << 8 | head[3]);
    const guint32 time =
        guint32{head[4]} << 24 | guint32{head[5]} << 16 | guint32{head[6]} << 8 | head[7];
    const guint32 later = time - timestamp;
    if (packets > 0 && (number != guint16(sequence + 1) || later == 0 || later > 48000u * 60))
      ++jumps;
    sequence = number;
    timestamp = time;
  }

  void take(GstPad* pad) {
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
    gst_bin_add(GST_BIN(pipeline.get()), sink);
    const auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
    gst_pad_add_probe(
        in, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer self) {
          auto* listener = static_cast<Listener*>(self);
          if (!ticks) listener->follow(GST_PAD_PROBE_INFO_BUFFER(info));
          if (listener->packets++ == 0) listener->first = g_get_monotonic_time() - listener->began;
          return GST_PAD_PROBE_OK;
        },
        this, nullptr);
    if (ticks)
      listen(pad, sink);
    else
      gst_pad_link(pad, in);
    gst_element_sync_state_with_parent(sink);
  }

  void listen(GstPad* pad, GstElement* sink) {
    GstElement* decoder = gst_parse_bin_from_description(
        "rtpopusdepay ! opusdec plc=false ! audioconvert ! "
        "audio/x-raw,format=S16LE,channels=1,rate=48000",
        TRUE, nullptr);
    gst_bin_add(GST_BIN(pipeline.get()), decoder);
    gst_element_link(decoder, sink);
    const auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(decoder, "sink"));
    const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(decoder, "src"));
    gst_pad_add_probe(
        out, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer self) {
          const gstpp::Map map(GST_PAD_PROBE_INFO_BUFFER(info), GST_MAP_READ);
          static_cast<Listener*>(self)->hear(map.as<const gint16>());
          return GST_PAD_PROBE_OK;
        },
        this, nullptr);
    gst_pad_link(pad, in);
    gst_element_sync_state_with_parent(decoder);
  }

  void hear(std::span<const gint16> samples) {
    constexpr int kLoud = 800, kLong = 4800;
    for (const gint16 sample : samples) {
      if (std::abs(sample) > kLoud) {
        if (silent > kLong)
          std::printf("tick %lld\n", static_cast<long long>(g_get_monotonic_time()));
        silent = 0;
      } else {
        ++silent;
      }
    }
  }

  void post() {
    const std::string text = SessionDescription::of(webrtc, "local-description").text();
    post_offer(base + "/whep", text, [this](SoupMessage* message, std::string_view answer) {
      answered(message, answer);
    });
  }

  void answered(SoupMessage* message, std::string_view text) {
    const guint status = soup_message_get_status(message);
    if (status != 201) {
      failed = std::to_string(status) + " " + std::string(text);
      return;
    }
    const char* relative =
        soup_message_headers_get_one(soup_message_get_response_headers(message), "Location");
    const gstpp::String whole(
        g_uri_resolve_relative((base + "/whep").c_str(), relative, G_URI_FLAGS_NONE, nullptr));
    location = whole.get();
    if (tells) std::printf("session %s\n", location.substr(base.size()).c_str());
    const auto answer = SessionDescription::read(SessionDescription::Type::kAnswer, text);
    g_signal_emit_by_name(webrtc, "set-remote-description", answer.get(), nullptr);
  }

  void leave() {
    if (!location.empty()) {
      const auto session = Ref<SoupSession>::adopt(soup_session_new());
      const auto message = Ref<SoupMessage>::adopt(soup_message_new("DELETE", location.c_str()));
      const auto bytes =
          Ref<GBytes>::adopt(soup_session_send_and_read(session, message, nullptr, nullptr));
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
  }
};

std::vector<std::unique_ptr<Listener>> listeners;
gboolean tell(gpointer) {
  static bool moved = false;
  std::vector<double> first;
  unsigned all = 0, fewest = ~0u, refused = 0, jumps = 0;
  for (const auto& listener : listeners) {
    if (!listener->failed.empty()) {
      ++refused;
      continue;
    }
    all += listener->packets;
    jumps += listener->jumps;
    fewest = std::min<unsigned>(fewest, listener->packets);
    if (listener->first > 0) first.push_back(static_cast<double>(listener->first) / 1000);
  }
  if (!told && first.size() + refused == listeners.size()) {
    told = true;
    std::sort(first.begin(), first.end());
    std::printf("connected");
    for (const double ms : first) std::printf(" %.1f", ms);
    std::printf("\n");
    if (refused > 0) std::printf("refused %u\n", refused);
    if (leaves) g_main_loop_quit(loop);
    for (const auto& listener : listeners) {
      if (closes) listener->end_dtls();
      if (moves) listener->move();
    }
  } else if (told && moves && !moved && first.size() + refused == listeners.size()) {
    moved = true;
    std::printf("moved");
    for (const double ms : first) std::printf(" %.1f", ms);
    std::printf("\n");
  }
  if (told) std::printf("packets %u %u %u\n", all, fewest, jumps);
  std::fflush(stdout);
  return G_SOURCE_CONTINUE;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 3) {
    std::fprintf(stderr,
                 "usage: whep_listeners [ADDRESS:]PORT COUNT "
                 "[stay|leave|mute|wide|ticks|tells|close|moves|roams]\n");
    return 2;
  }
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const std::string_view where = argv[1];
  const bool is_far = where.find(':') != where.npos;
  base = (is_far ? "http://" : "http://127.0.0.1:") + std::string(where);
  leaves = argc > 3 && std::string_view(argv[3]) == "leave";
  mute = argc > 3 && std::string_view(argv[3]) == "mute";
  ticks = argc > 3 && std::string_view(argv[3]) == "ticks";
  closes = argc > 3 && std::string_view(argv[3]) == "close";
  moves = argc > 3 && std::string_view(argv[3]) == "moves";
  roams = argc > 3 && std::string_view(argv[3]) == "roams";
  tells = closes || moves || roams || (argc > 3 && std::string_view(argv[3]) == "tells");
  wide = is_far || (argc > 3 && std::string_view(argv[3]) == "wide");
  if (roams)
    g_unix_signal_add(
        SIGUSR1,
        [](gpointer) -> gboolean {
          moves = true;
          for (const auto& listener : listeners) listener->move();
          return G_SOURCE_CONTINUE;
        },
        nullptr);
  loop = g_main_loop_new(nullptr, FALSE);
  // One after the other, so that a connect is measured and not a crowd.
  static int left;
  left = std::atoi(argv[2]);
  listeners.reserve(static_cast<std::size_t>(left));
  const auto next = [](gpointer) -> gboolean {
    listeners.push_back(std::make_unique<Listener>());
    listeners.back()->open();
    if (--left > 0) return G_SOURCE_CONTINUE;
    g_timeout_add(leaves ? 20 : 1000, tell, nullptr);
    return G_SOURCE_REMOVE;
  };
  g_timeout_add(leaves ? 5 : 150, next, nullptr);
  if (!leaves) quit_at_input(loop);
  g_main_loop_run(loop);
  for (const auto& listener : listeners) listener->leave();
  listeners.clear();
  g_main_loop_unref(loop);
  return 0;
}

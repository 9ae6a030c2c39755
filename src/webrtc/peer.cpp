// SPDX-License-Identifier: Apache-2.0
#include "webrtc/peer.hpp"

#include <algorithm>

#include "webrtc/ice_path.hpp"
#include "webrtc/webrtcbin.hpp"

namespace infinara::webrtc {
namespace {

using gstpp::Ref;

constexpr int kMostProofs = 50;  // packets; then all go through webrtcbin
constexpr std::chrono::milliseconds kMostGoodbye{200};
constexpr std::size_t kMostTrickled = 64;  // candidates of one client

/// The error that webrtcbin put into a promise's reply.
std::string error_of(const GstStructure* reply) {
  const GValue* value = reply != nullptr ? gst_structure_get_value(reply, "error") : nullptr;
  if (value == nullptr || !G_VALUE_HOLDS(value, G_TYPE_ERROR)) return "";
  return static_cast<const GError*>(g_value_get_boxed(value))->message;
}

bool made_by(GstElement* element, std::string_view factory) {
  const GstElementFactory* made = gst_element_get_factory(element);
  return made != nullptr && factory == GST_OBJECT_NAME(made);
}

/// Whether a datagram is RTP or RTCP (RFC 7983), and which (RFC 5761).
bool is_media(std::span<const std::uint8_t> datagram, bool rtcp) {
  if (datagram.size() < 12 || datagram[0] < 128 || datagram[0] > 191) return false;
  const int type = datagram[1] & 0x7f;
  return (type >= 64 && type < 96) == rtcp;
}

}  // namespace

/// What outlives the peer in a callback's data: a way to find it, if it is still there.
class Peer::Hook {
 public:
  explicit Hook(Peer& peer) : peer_(peer.weak_from_this()) {}
  std::shared_ptr<Peer> peer() const {
    auto peer = peer_.lock();
    return peer && !peer->closed_ ? peer : nullptr;
  }
  static void free(gpointer hook) { delete static_cast<Hook*>(hook); }
  static void free(gpointer hook, GClosure*) { free(hook); }

 private:
  std::weak_ptr<Peer> peer_;
};

Peer::Peer(PeerSettings settings, Offer offer, Tell tell)
    : settings_(std::move(settings)), offer_(std::move(offer)), tell_(std::move(tell)) {}

Peer::~Peer() = default;

void Peer::fail(std::string why, int status) {
  tell_(Gone{std::move(why), status});
}

void Peer::open() {
  const std::lock_guard life(life_);
  if (closed_ || !build()) return;
  const auto offer = SessionDescription::read(SessionDescription::Type::kOffer, offer_.sdp);
  if (!offer) return fail("the offer cannot be read", 400);
  g_signal_emit_by_name(webrtc_, "set-remote-description", offer.get(), then(&Peer::on_remote_set));
}

bool Peer::build() {
  pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
  webrtc_ = Ref<GstElement>::sink(gst_element_factory_make("webrtcbin", nullptr));
  if (!webrtc_) {
    fail("webrtcbin is missing", 503);
    return false;
  }
  gst_util_set_object_arg(G_OBJECT(webrtc_.get()), "bundle-policy", "max-bundle");
  g_object_set(webrtc_, "latency", 0, nullptr);
  if (!settings_.stun.empty())
    g_object_set(webrtc_, "stun-server", settings_.stun.c_str(), nullptr);
  if (!settings_.turn.empty())
    g_object_set(webrtc_, "turn-server", settings_.turn.c_str(), nullptr);

  Ref<GObject> ice, agent;
  g_object_get(webrtc_, "ice-agent", ice.out(), nullptr);
  g_object_get(ice, "agent", agent.out(), nullptr);
  g_object_set(ice, "ice-tcp", FALSE, nullptr);
  g_object_set(agent, "upnp", FALSE, nullptr);
  if (!watches_consent(agent)) g_object_set(agent, "keepalive-conncheck", TRUE, nullptr);
  if (!bind_addresses(ice)) return false;

  // An element's error ends this peer and no other.
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_));
  gst_bus_set_sync_handler(
      bus,
      [](GstBus*, GstMessage* message, gpointer hook) {
        if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
          Ref<GstMessage> kept;
          gstpp::Error error;
          gst_message_parse_error(message, error.out(), nullptr);
          if (const auto peer = static_cast<Hook*>(hook)->peer())
            peer->fail(std::string(GST_MESSAGE_SRC_NAME(message)) + ": " + error.message(), 500);
        }
        gst_message_unref(message);
        return GST_BUS_DROP;
      },
      new Hook(*this), [](gpointer hook) { Hook::free(hook); });

  g_signal_connect_data(pipeline_, "deep-element-added",
                        G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer hook) {
                          if (const auto peer = static_cast<Hook*>(hook)->peer())
                            peer->on_element(element);
                        }),
                        new Hook(*this), Hook::free, GConnectFlags{});
  gst_bin_add(GST_BIN(pipeline_.get()), webrtc_);

  const std::string caps_text =
      "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=" +
      std::to_string(offer_.payload_type);
  const auto wanted = Ref<GstCaps>::adopt(gst_caps_from_string(caps_text.c_str()));
  const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(
      (caps_text + ",encoding-params=(string)2,sprop-stereo=(string)1,ssrc=(uint)" +
       std::to_string(settings_.ssrc))
          .c_str()));
  out_ = Ref<GstPad>::sink(gst_pad_new("out", GST_PAD_SRC));
  gst_pad_set_active(out_, TRUE);
  const auto in = Ref<GstPad>::adopt(gst_element_request_pad_simple(webrtc_, "sink_%u"));
  if (!in || gst_pad_link(out_, in) != GST_PAD_LINK_OK) {
    fail("webrtcbin takes no sound", 500);
    return false;
  }
  Ref<GObject> transceiver;
  g_object_get(in, "transceiver", transceiver.out(), nullptr);
  gst_util_set_object_arg(transceiver, "direction", "sendonly");
  g_object_set(transceiver, "codec-preferences", wanted.get(), nullptr);

  const auto clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
  gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock);
  gst_element_set_start_time(pipeline_, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time(pipeline_, settings_.epoch);

  const auto watch = [this](gpointer object, const char* signal, GCallback call) {
    handlers_.emplace_back(object, g_signal_connect_data(object, signal, call, new Hook(*this),
                                                         Hook::free, GConnectFlags{}));
  };
  watch(webrtc_, "notify::ice-gathering-state",
        G_CALLBACK(+[](GObject*, GParamSpec*, gpointer hook) {
          if (const auto peer = static_cast<Hook*>(hook)->peer()) peer->on_gathering();
        }));
  watch(webrtc_, "notify::connection-state", G_CALLBACK(+[](GObject*, GParamSpec*, gpointer hook) {
          if (const auto peer = static_cast<Hook*>(hook)->peer()) peer->on_connection();
        }));
  if (gst_element_set_state(pipeline_, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    fail("webrtcbin does not start", 503);
    return false;
  }
  gst_pad_push_event(out_, gst_event_new_stream_start("infinara"));
  gst_pad_push_event(out_, gst_event_new_caps(caps));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(out_, gst_event_new_segment(&segment));
  return true;
}

bool Peer::bind_addresses(GObject* agent) {
  for (const auto& address : settings_.addresses) {
    gboolean taken = FALSE;
    g_signal_emit_by_name(agent, "add-local-ip-address", address.c_str(), &taken);
    if (taken) continue;
    fail("the address " + address + " cannot be used for WebRTC", 503);
    return false;
  }
  return true;
}

/// A promise whose reply goes to `method`, unless the peer has gone or the reply is an error.
template <class Method>
GstPromise* Peer::then(Method method) {
  struct Step {
    Hook hook;
    Method method;
  };
  return gst_promise_new_with_change_func(
      [](GstPromise* promise, gpointer data) {
        const auto& step = *static_cast<Step*>(data);
        const auto peer = step.hook.peer();
        if (peer && gst_promise_wait(promise) == GST_PROMISE_RESULT_REPLIED) {
          const GstStructure* reply = gst_promise_get_reply(promise);
          if (const auto error = error_of(reply); !error.empty())
            peer->fail("invalid SDP offer: " + error, 400);
          else
            (peer.get()->*step.method)(reply);
        }
        gst_promise_unref(promise);
      },
      new Step{Hook(*this), method}, [](gpointer data) { delete static_cast<Step*>(data); });
}

void Peer::on_remote_set(const GstStructure*) {
  g_signal_emit_by_name(webrtc_, "create-answer", nullptr, then(&Peer::on_answer));
}

void Peer::on_answer(const GstStructure* reply) {
  const auto answer = SessionDescription::of(reply, "answer");
  if (!answer) return fail("there is no answer to this offer", 422);
  g_signal_emit_by_name(webrtc_, "set-local-description", answer.get(), then(&Peer::on_local_set));
}

void Peer::on_local_set(const GstStructure*) {
  Ref<GObject> transceiver, sender, transport;
  const auto in = Ref<GstPad>::adopt(gst_pad_get_peer(out_));
  if (in) g_object_get(in, "transceiver", transceiver.out(), nullptr);
  if (transceiver) g_object_get(transceiver, "sender", sender.out(), nullptr);
  if (sender) g_object_get(sender, "transport", transport.out(), nullptr);
  if (!transport) return fail("this offer would be met with silence", 422);
  {
    const std::lock_guard lock(inside_);
    handlers_.emplace_back(
        transport.get(),
        g_signal_connect_data(transport, "notify::state",
                              G_CALLBACK(+[](GObject* dtls, GParamSpec*, gpointer hook) {
                                if (const auto peer = static_cast<Hook*>(hook)->peer())
                                  peer->on_dtls(dtls);
                              }),
                              new Hook(*this), Hook::free, GConnectFlags{}));
  }
  local_set_ = true;
  on_gathering();
}

void Peer::on_gathering() {
  if (local_set_ && nick_of(webrtc_.get(), "ice-gathering-state") == "complete") tell_answer(false);
}

void Peer::answer_now() {
  tell_answer(true);
}

void Peer::tell_answer(bool early) {
  std::string text;
  if (local_set_)
    if (const auto local = SessionDescription::of(webrtc_, "local-description"))
      text = local.text();
  const bool has_address = text.find("a=candidate:") != text.npos;
  if ((early && !has_address) || answered_.exchange(true)) return;
  if (!has_address)
    return fail("this machine has no address for WebRTC; RADIO_WEBRTC_ADDRESSES names some", 503);
  auto whole = whole_answer(offer_, text);
  if (!whole) return fail("this offer would be met with silence", 422);
  tell_(Answered{*std::move(whole)});
}

void Peer::on_connection() {
  const auto state = nick_of(webrtc_.get(), "connection-state");
  if (state == "connected") {
    if (!connected_.exchange(true)) tell_(Connected{});
  } else if (state == "failed") {
    fail("the connection failed", 500);
  }
}

void Peer::on_dtls(GObject* transport) {
  const auto state = nick_of(transport, "state");
  if (state == "closed" || state == "failed") fail("the client closed", 410);
}

void Peer::on_element(GstElement* element) {
  const auto probe = [&](const char* pad_name, bool (Peer::*see)(GstPadProbeInfo*)) {
    struct Eye {
      Hook hook;
      bool (Peer::*see)(GstPadProbeInfo*);  // false: it has seen enough
    };
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, pad_name));
    if (!pad) return;
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
          const auto& eye = *static_cast<Eye*>(data);
          const auto peer = eye.hook.peer();
          return peer && !(peer.get()->*eye.see)(info) ? GST_PAD_PROBE_REMOVE : GST_PAD_PROBE_OK;
        },
        new Eye{Hook(*this), see}, [](gpointer data) { delete static_cast<Eye*>(data); });
  };
  if (made_by(element, "nicesrc")) {
    probe("src", &Peer::hear);
  } else if (made_by(element, "clocksync")) {
    g_object_set(element, "sync", FALSE, nullptr);  // it would make all wait for one
  } else if (made_by(element, "nicesink")) {
    probe("sink", &Peer::see);
    const std::lock_guard lock(inside_);
    nice_ = Ref<GstElement>::share(element);
  } else if (made_by(element, "dtlsenc")) {
    const std::lock_guard lock(inside_);
    dtls_ = Ref<GstElement>::share(element);
  }
}

/// A datagram from the client.
bool Peer::hear(GstPadProbeInfo* info) {
  if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) == 0) return true;
  const gstpp::Map map(GST_PAD_PROBE_INFO_BUFFER(info), GST_MAP_READ);
  if (is_media(map.as<const std::uint8_t>(), true))
    heard_ = std::chrono::steady_clock::now().time_since_epoch().count();
  return true;
}

void Peer::listen() {
  std::unique_lock lock(inside_);
  const auto path = IcePath::of(nice_);
  lock.unlock();
  const auto read = path ? path->last_read() : std::nullopt;
  if (read && read != last_read_)
    heard_ = std::chrono::steady_clock::now().time_since_epoch().count();
  last_read_ = read;
}

/// A datagram from webrtcbin; compared with the fast path's while that is being proven.
bool Peer::see(GstPadProbeInfo* info) {
  if (path_ != Path::kProving) return path_ == Path::kUntried;
  GstBuffer* buffer = (info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0
                          ? GST_PAD_PROBE_INFO_BUFFER(info)
                          : gst_buffer_list_get(GST_PAD_PROBE_INFO_BUFFER_LIST(info), 0);
  const gstpp::Map map(buffer, GST_MAP_READ);
  const auto bytes = map.as<const std::uint8_t>();
  if (!is_media(bytes, false)) return true;
  const std::lock_guard lock(inside_);
  seen_.assign(bytes.begin(), bytes.end());
  return true;
}

void Peer::add(const Trickle& trickle) {
  for (const auto& candidate : trickle.candidates)
    if (webrtc_ && candidates_++ < kMostTrickled)
      g_signal_emit_by_name(webrtc_, "add-ice-candidate", 0u, candidate.c_str());
}

void Peer::send(const Packet& packet) {
  if (!connected_ || closed_) return;
  switch (path_) {
    case Path::kUntried: {
      const std::lock_guard lock(inside_);
      fast_path_ = settings_.fast_path ? SrtpFastPath::between(dtls_, nice_) : nullptr;
      path_ = fast_path_ ? Path::kProving : Path::kWebrtcbin;
    }
      if (fast_path_) return prove(packet);
      return push(packet);
    case Path::kProving:
      return prove(packet);
    case Path::kWebrtcbin:
      return push(packet);
    case Path::kFast:
      if (const auto bytes = fast_path_->encrypt(packet.bytes, offer_.payload_type); !bytes.empty())
        fast_path_->send(bytes);
  }
}

/// Sends a packet through webrtcbin and compares what came out with what the fast path makes of it.
void Peer::prove(const Packet& packet) {
  const auto own = fast_path_->encrypt(packet.bytes, offer_.payload_type);
  push(packet);  // webrtcbin encrypts on this very thread
  const std::lock_guard lock(inside_);
  if (!seen_.empty() && std::ranges::equal(seen_, own))
    path_ = Path::kFast;
  else if (++proofs_ == kMostProofs)
    path_ = Path::kWebrtcbin;
  if (path_ != Path::kProving) seen_ = {};
}

void Peer::push(const Packet& packet) {
  GstBuffer* buffer = gst_buffer_new_memdup(packet.bytes.data(), packet.bytes.size());
  GST_BUFFER_PTS(buffer) = packet.time;
  const auto type = static_cast<std::uint8_t>((packet.bytes[1] & 0x80) | offer_.payload_type);
  gst_buffer_fill(buffer, 1, &type, 1);
  gst_pad_push(out_, buffer);  // a peer on its way out says FLUSHING: that is no error
}

void Peer::say_goodbye() {
  closed_ = true;
  const std::lock_guard life(life_);
  say_goodbye_now();
}

void Peer::say_goodbye_now() {
  if (!connected_ || std::exchange(said_goodbye_, true)) return;
  std::unique_lock lock(inside_);
  const auto dtls = dtls_, nice = nice_;
  lock.unlock();
  close_notify_.send(dtls, nice);
}

void Peer::close() {
  closed_ = true;
  const std::lock_guard life(life_);
  if (!pipeline_) return;
  say_goodbye_now();
  close_notify_.wait(kMostGoodbye);
  gst_element_set_state(pipeline_, GST_STATE_NULL);
  gst_pad_set_active(out_, FALSE);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_));
  gst_bus_set_sync_handler(bus, nullptr, nullptr, nullptr);
  const std::lock_guard lock(inside_);
  handlers_.clear();
}

}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
#include "webrtc/peers.hpp"

#include <fcntl.h>
#include <gst/app/gstappsink.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <condition_variable>

#include "gstpp/finally.hpp"
#include "posix/addresses.hpp"
#include "webrtc/big_endian.hpp"
#include "webrtc/rtp_stream.hpp"

namespace infinara::webrtc {
namespace {

using gstpp::Ref;
using namespace std::chrono_literals;

constexpr int kGoodbye = 410;  // to whoever still waits for an answer; not worth a log line
constexpr auto kTick = 500ms;
constexpr int kOpusDelay = 312;        // samples by which libopus' encoder delays sound
constexpr int kLeaving = 16;           // peers that may be on their way out beside the others
constexpr int kSpareDescriptors = 48;  // GLib ends the program when one peer's cannot be had

std::uint32_t any_number() {
  std::uint32_t number = 0;
  static_cast<void>(::getrandom(&number, sizeof number, 0));
  return number;
}

std::string new_id() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != ssize_t{16}) return "";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += "0123456789abcdef"[byte >> 4];
    id += "0123456789abcdef"[byte & 15];
  }
  return id;
}

bool can_open(int descriptors) {
  std::vector<int> opened;
  for (int i = 0; i < descriptors; ++i)
    if (const int fd = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0); fd >= 0)
      opened.push_back(fd);
    else if (const int other = ::open("/dev/null", O_RDONLY | O_CLOEXEC); other >= 0)
      opened.push_back(other);
  for (const int fd : opened) ::close(fd);
  return static_cast<int>(opened.size()) == descriptors;
}

/// On the default main context, never at once.
void post(std::function<void()> call) {
  g_idle_add_full(
      G_PRIORITY_DEFAULT,
      [](gpointer call) -> gboolean {
        (*static_cast<std::function<void()>*>(call))();
        return G_SOURCE_REMOVE;
      },
      new std::function<void()>(std::move(call)),
      [](gpointer call) { delete static_cast<std::function<void()>*>(call); });
}

}  // namespace

std::string why_unavailable() {
  std::string names;
  for (const char* name : {"webrtcbin", "nicesrc", "nicesink", "dtlsenc", "dtlsdec", "dtlssrtpenc",
                           "dtlssrtpdec", "srtpenc", "srtpdec", "rtpbin"})
    if (!Ref<GstElementFactory>::adopt(gst_element_factory_find(name)))
      names += (names.empty() ? "" : ", ") + std::string(name);
  if (names.empty()) return "";
  return names +
         " not installed: install gstreamer1.0-plugins-bad, gstreamer1.0-plugins-good and "
         "gstreamer1.0-nice";
}

/// Sends each packet to all connected peers, on the appsink's thread. It may outlive the Peers for
/// a moment.
class Peers::FanOut {
 public:
  using Receivers = std::vector<std::shared_ptr<Peer>>;
  FanOut(GstClockTime epoch, RtpStream stream) : epoch_(epoch), stream_(stream) {}

  void set(Receivers receivers) {
    auto now = std::make_shared<const Receivers>(std::move(receivers));
    const std::lock_guard lock(mutex_);
    receivers_.swap(now);
  }
  std::shared_ptr<const Receivers> get() const {
    const std::lock_guard lock(mutex_);
    return receivers_;
  }
  /// Packets of other sources are dropped from now on.
  void set_source(unsigned source) {
    const std::lock_guard lock(mutex_);
    source_ = source;
    newest_.reset();
  }
  std::optional<RtpPosition> newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }
  void send(GstBuffer* buffer, unsigned source) {
    std::unique_lock lock(mutex_);
    // The appsink before this one may still be at its last packet.
    sent_.wait(lock, [this] { return !is_sending_; });
    if (source != source_) return;
    auto receivers = receivers_;
    is_sending_ = true;
    const gstpp::Finally sent([&] {
      if (!lock.owns_lock()) lock.lock();
      is_sending_ = false;
      sent_.notify_all();
    });
    lock.unlock();
    send(buffer, source, *receivers);
    receivers = nullptr;
  }
  /// Blocks until no packet is on its way to a peer that set() has taken out. One second at most: a
  /// peer that is closed only after this may hold a packet up.
  void settle() {
    std::unique_lock lock(mutex_);
    sent_.wait_for(lock, 1s, [this] { return !is_sending_; });
  }

 private:
  void send(GstBuffer* buffer, unsigned source, const Receivers& receivers) {
    const gstpp::Map map(buffer, GST_MAP_READ);
    const Packet packet{stream_.adopt(map.as<const std::uint8_t>(), source, Clock::now()),
                        gst_util_get_timestamp() - epoch_};
    if (packet.bytes.empty()) return;
    if (GST_BUFFER_PTS_IS_VALID(buffer)) {
      const auto pts = static_cast<std::int64_t>(
          gst_util_uint64_scale_round(GST_BUFFER_PTS(buffer), RtpStream::kRate, GST_SECOND));
      const std::lock_guard lock(mutex_);
      if (source == source_)
        newest_ = RtpPosition{get_big_endian(&packet.bytes[4]), pts - kOpusDelay};
    }
    for (const auto& peer : receivers) peer->send(packet);
  }

  const GstClockTime epoch_;
  RtpStream stream_;          // of the one call of send() at a time
  mutable std::mutex mutex_;  // guards the rest
  std::shared_ptr<const Receivers> receivers_ = std::make_shared<const Receivers>();
  unsigned source_ = 0;
  std::optional<RtpPosition> newest_;  // of source_
  bool is_sending_ = false;
  std::condition_variable sent_;
};

Peers::Peers(PeersSettings settings)
    : settings_(std::move(settings)),
      ssrc_(any_number()),
      epoch_(gst_util_get_timestamp()),
      here_(std::make_shared<Peers*>(this)),
      slots_(door::ConnectionSlots::with_limits(
          0, static_cast<std::size_t>(settings_.most_per_address))),
      // RFC 3711, section 3.3.1: a first sequence number in the lower half, so that a lost first
      // packet cannot hide a rollover
      fan_out_(std::make_shared<FanOut>(
          epoch_,
          RtpStream(ssrc_, static_cast<std::uint16_t>(any_number() & 0x7fff), any_number()))) {}

Peers::~Peers() {
  hear(nullptr);
  say_goodbye();
  while (!sessions_.empty()) remove(sessions_.begin()->first, "the station ends", 503);
  here_ = nullptr;
}

void Peers::say_goodbye() {
  for (const auto& [id, session] : sessions_)
    if (session.connected) session.peer->say_goodbye();
}

void Peers::hear(GstElement* appsink) {
  if (appsink_) {
    GstAppSinkCallbacks none{};
    gst_app_sink_set_callbacks(GST_APP_SINK(appsink_.get()), &none, nullptr, nullptr);
  }
  appsink_ = Ref<GstElement>::share(appsink);
  fan_out_->set_source(++source_);
  if (appsink == nullptr) return;

  g_object_set(appsink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
  struct Source {
    std::shared_ptr<FanOut> fan_out;
    unsigned number;
  };
  GstAppSinkCallbacks callbacks{};
  callbacks.new_sample = [](GstAppSink* sink, gpointer data) {
    const auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(sink));
    if (!sample) return GST_FLOW_EOS;
    const auto& source = *static_cast<Source*>(data);
    if (GstBuffer* buffer = gst_sample_get_buffer(sample))
      source.fan_out->send(buffer, source.number);
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks, new Source{fan_out_, source_},
                             [](gpointer data) { delete static_cast<Source*>(data); });
}

unsigned Peers::connected() const {
  return static_cast<unsigned>(fan_out_->get()->size());
}

std::optional<RtpPosition> Peers::rtp() const {
  return fan_out_->newest();
}

unsigned Peers::on_fast_path() const {
  unsigned count = 0;
  for (const auto& peer : *fan_out_->get()) count += peer->is_fast() ? 1 : 0;
  return count;
}

/// Why no further peer can be taken; empty if one can.
std::string Peers::no_room() const {
  if (sessions_.size() >= static_cast<std::size_t>(settings_.most) ||
      *alive_ >= settings_.most + kLeaving)
    return "all " + std::to_string(settings_.most) + " WebRTC sessions are taken";
  if (!can_open(kSpareDescriptors)) return "the station has no file descriptors left for WebRTC";
  return "";
}

void Peers::begin(Offer offer, const sockaddr_storage& from, Begun begun) {
  if (!appsink_) return begun(Refusal{409, "there is no sound for WebRTC at the moment", 5});
  if (const auto why = why_unavailable(); !why.empty())
    return begun(Refusal{503, "WebRTC cannot be served: " + why, 0});
  if (const auto why = no_room(); !why.empty()) return begun(Refusal{503, why, 10});
  door::ConnectionSlot slot;
  if (!slots_->enter(slot) || !slot.count_for(door::Address::of(from)))
    return begun(Refusal{503, "too many WebRTC listeners at your address", 10});
  const std::string id = new_id();
  if (id.empty()) return begun(Refusal{500, "there is no chance for an id", 0});

  PeerSettings settings{.addresses = settings_.addresses,
                        .stun = settings_.stun,
                        .turn = settings_.turn,
                        .ssrc = ssrc_,
                        .epoch = epoch_,
                        .fast_path = settings_.fast_path};
  if (settings.addresses.empty() && posix::has_only_loopback()) settings.addresses = {"127.0.0.1"};
  auto peer = std::make_shared<Peer>(std::move(settings), std::move(offer),
                                     [id, here = std::weak_ptr<Peers*>(here_)](PeerEvent event) {
                                       post([id, here, event = std::move(event)] {
                                         if (const auto peers = here.lock())
                                           (*peers)->on_event(id, event);
                                       });
                                     });
  ++*alive_;
  sessions_.emplace(id, Listener{peer, std::move(begun), false, Clock::now(), std::move(slot)});
  if (!ticking_.is_running()) ticking_.every(kTick, [this] { tick(); });
  pool_.run([peer = std::move(peer)] { peer->open(); });
}

void Peers::on_event(const std::string& id, const PeerEvent& event) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  Listener& session = found->second;
  if (const auto* answered = std::get_if<Answered>(&event)) {
    session.since = Clock::now();
    if (const auto begun = std::exchange(session.begun, nullptr)) begun(Session{id, answered->sdp});
  } else if (std::holds_alternative<Connected>(event)) {
    session.since = Clock::now();
    session.connected = true;
    update_fan_out();
  } else {
    const auto& gone = std::get<Gone>(event);
    remove(id, gone.why, gone.status);
  }
}

/// `status` is what HTTP says if it still waits for an answer.
void Peers::remove(const std::string& id, const std::string& why, int status) {
  auto node = sessions_.extract(id);
  if (node.empty()) return;
  Listener& session = node.mapped();
  if (session.connected) update_fan_out();
  if (session.connected && status != kGoodbye && settings_.log)
    settings_.log("a WebRTC listener is gone: " + why);
  pool_.run([peer = std::move(session.peer), fan_out = fan_out_, alive = alive_]() mutable {
    peer->close();
    fan_out->settle();  // else it might be taken down by the thread that makes packets
    peer = nullptr;
    --*alive;
  });
  if (session.begun) session.begun(Refusal{status, why, 0});
}

void Peers::update_fan_out() {
  FanOut::Receivers receivers;
  for (const auto& [id, session] : sessions_)
    if (session.connected) receivers.push_back(session.peer);
  fan_out_->set(std::move(receivers));
}

void Peers::tick() {
  const auto now = Clock::now();
  std::vector<std::pair<std::string, std::string>> gone;
  for (auto& [id, session] : sessions_) {
    const auto waited = now - session.since;
    if (session.begun) {
      // What is known late is known well enough; some servers never answer.
      if (waited > settings_.to_answer) session.peer->answer_now();
      if (waited > settings_.to_gather) gone.emplace_back(id, "no address was found in time");
    } else if (!session.connected) {
      if (waited > settings_.to_connect) gone.emplace_back(id, "it never connected");
    } else {
      session.peer->listen();
      const auto heard = session.peer->heard();
      if (heard != Clock::time_point() && now - heard > settings_.silence)
        gone.emplace_back(id, "nothing was heard of it");
    }
  }
  for (const auto& [id, why] : gone) remove(id, why, 504);
}

bool Peers::has(std::string_view id) {
  return sessions_.find(id) != sessions_.end();
}

bool Peers::trickle(std::string_view id, const Trickle& trickle) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return true;
  Peer& peer = *found->second.peer;
  if (!trickle.ufrag.empty() && trickle.ufrag != peer.offer().ufrag) return false;
  if (!trickle.password.empty() && trickle.password != peer.offer().password) return false;
  peer.add(trickle);
  return true;
}

bool Peers::end(std::string_view id) {
  if (!has(id)) return false;
  remove(std::string(id), "it said goodbye", kGoodbye);
  return true;
}

std::string Peers::stun() {
  constexpr std::string_view kScheme = "stun://";
  return settings_.stun.starts_with(kScheme) ? "stun:" + settings_.stun.substr(kScheme.size()) : "";
}

}  // namespace infinara::webrtc

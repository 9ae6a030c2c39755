// SPDX-License-Identifier: Apache-2.0
// One WebRTC listener: a webrtcbin that answers its offer and gets packets that were encoded and
// packed once for all.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "gstpp/ref.hpp"
#include "webrtc/close_notify.hpp"
#include "webrtc/offer.hpp"
#include "webrtc/srtp_fast_path.hpp"

namespace infinara::webrtc {

struct PeerSettings {
  std::vector<std::string> addresses;  // that ICE may use; none: all of the host's
  std::string stun, turn;              // as webrtcbin spells them; may be empty
  std::uint32_t ssrc = 0;
  GstClockTime epoch = 0;  // of the system clock: base time of all peers
  bool fast_path = true;   // false: all packets go through webrtcbin
};

/// An RTP packet on its way to all peers; the payload type is each peer's own.
struct Packet {
  std::span<const std::uint8_t> bytes;
  GstClockTime time = 0;  // since the epoch
};

// What becomes of a peer.
struct Answered {
  std::string sdp;
};
struct Connected {};
struct Gone {
  std::string why;
  int status = 0;  // of HTTP, if it was not answered yet
};
using PeerEvent = std::variant<Answered, Connected, Gone>;

class Peer : public std::enable_shared_from_this<Peer> {
 public:
  /// Called on any thread; must neither block nor call the peer.
  using Tell = std::function<void(PeerEvent)>;

  Peer(PeerSettings settings, Offer offer, Tell tell);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();  // after close(), if open() was called

  /// Takes some ten milliseconds: on a thread that may block, and none of webrtcbin's.
  void open();
  /// Sends a connected client DTLS's close_notify, so that it knows at once that the station has
  /// ended the session. Sends no media afterwards. Blocks only while open() runs; any thread but
  /// webrtcbin's.
  void say_goodbye();
  /// Says goodbye, waits until the close_notify has left (200 ms at most), then ends ICE and gives
  /// all back. Nothing answers the client's consent checks any more (RFC 7675, section 5.2). On a
  /// thread as open()'s.
  void close();

  /// Any thread.
  void add(const Trickle& trickle);
  const Offer& offer() const { return offer_; }
  /// Tells the answer with the candidates that are known by now, if there are some.
  void answer_now();
  /// When the client was last heard, as far as RTCP and the calls of listen() tell; the epoch of
  /// the clock if they do not.
  std::chrono::steady_clock::time_point heard() const {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(heard_.load()));
  }
  /// Looks whether anything came from the connected client since the last call: a client without
  /// RTCP answers ICE's checks at least. On one thread only.
  void listen();

  /// On one thread only. Drops what comes before the client is connected.
  void send(const Packet& packet);
  /// Whether packets take the SRTP fast path.
  bool is_fast() const { return path_ == Path::kFast; }

 private:
  enum class Path { kUntried, kProving, kFast, kWebrtcbin };
  class Hook;

  bool build();
  bool bind_addresses(GObject* agent);
  template <class Method>
  GstPromise* then(Method method);
  void on_element(GstElement* element);
  void on_remote_set(const GstStructure* reply);
  void on_answer(const GstStructure* reply);
  void on_local_set(const GstStructure* reply);
  void on_gathering();
  void on_connection();
  void on_dtls(GObject* transport);
  void tell_answer(bool early);
  void say_goodbye_now();
  bool hear(GstPadProbeInfo* info);
  bool see(GstPadProbeInfo* info);
  void fail(std::string why, int status);
  void push(const Packet& packet);
  void prove(const Packet& packet);

  const PeerSettings settings_;
  const Offer offer_;
  const Tell tell_;
  std::atomic<bool> connected_ = false;
  std::atomic<bool> closed_ = false;
  std::atomic<bool> answered_ = false;
  std::atomic<bool> local_set_ = false;
  std::atomic<std::int64_t> heard_ = 0;
  std::atomic<std::size_t> candidates_ = 0;

  std::mutex life_;  // one of open(), say_goodbye() and close() at a time
  bool said_goodbye_ = false;
  CloseNotify close_notify_;
  gstpp::Ref<GstElement> pipeline_, webrtc_;
  gstpp::Ref<GstPad> out_;

  std::mutex inside_;  // guards what of webrtcbin's inside is seen as it is made
  gstpp::Ref<GstElement> dtls_, nice_;
  std::vector<std::uint8_t> seen_;  // the last RTP packet that webrtcbin sent
  std::vector<gstpp::Handler> handlers_;

  std::optional<std::int64_t> last_read_;  // the listening thread's own

  // The sending thread's own.
  std::atomic<Path> path_ = Path::kUntried;
  std::unique_ptr<SrtpFastPath> fast_path_;
  int proofs_ = 0;
};

}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
// All WebRTC listeners: who may come, who has left, and every packet to each of them from the one
// thread that makes packets.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "door/connection_slot.hpp"
#include "glibpp/timer.hpp"
#include "gstpp/ref.hpp"
#include "posix/thread_pool.hpp"
#include "webrtc/peer.hpp"
#include "webrtc/signalling.hpp"

namespace infinara::webrtc {

struct PeersSettings {
  bool on = true;
  int most = 64;
  int most_per_address = 0;            // 0: no limit
  std::vector<std::string> addresses;  // none: all of the host's, or loopback if it has no other
  std::function<void(const std::string&)> log;  // a line for an operator; may be null
  std::string stun, turn;  // "stun://host:port", "turn://user:password@host:port"
  bool fast_path = true;   // false: all packets go through webrtcbin
  std::chrono::milliseconds to_answer{4000};  // with the addresses that are known by then
  std::chrono::milliseconds to_gather{8000};  // the first of them
  std::chrono::milliseconds to_connect{10000};
  std::chrono::milliseconds silence{15000};  // of a client that has gone
};

/// Why WebRTC cannot be served here, which names what is not installed; empty if it can. After
/// gst_init().
std::string why_unavailable();

/// What a session plays at a time stamp. Both count 48000 a second.
struct RtpPosition {
  std::uint32_t timestamp = 0;  // of a packet, as every session gets it
  std::int64_t position = 0;    // of the first sample decoded for it, by the appsink's time stamps
};

/// Belongs to the thread of the default main context, but for what its appsink's thread does.
class Peers : public Sessions {
 public:
  explicit Peers(PeersSettings settings);
  ~Peers() override;  // all leave
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  /// Sends the RTP packets of this appsink from now on, as one stream with those sent before.
  /// Before the pipeline plays. Null: there is no sound for a while.
  void hear(GstElement* appsink);
  /// All clients learn at once that the station ends (DTLS close_notify); the destructor takes care
  /// of the rest. For the beginning of the station's end, which may take longer than a second.
  void say_goodbye();

  /// Who listens: connected, and not gone.
  unsigned connected() const;
  /// How many of those get their packets by the SRTP fast path.
  unsigned on_fast_path() const;

  /// Of the newest packet; nothing if there is none of the present appsink.
  std::optional<RtpPosition> rtp() const;

  bool is_on() override { return settings_.on; }
  void begin(Offer offer, const sockaddr_storage& from, Begun begun) override;
  bool has(std::string_view id) override;
  bool trickle(std::string_view id, const Trickle& trickle) override;
  bool end(std::string_view id) override;
  std::string stun() override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Listener {
    std::shared_ptr<Peer> peer;
    Begun begun;  // null once called
    bool connected = false;
    Clock::time_point since;  // of the last step: asked, answered, connected
    door::ConnectionSlot slot;
  };
  class FanOut;

  std::string no_room() const;
  void on_event(const std::string& id, const PeerEvent& event);
  void remove(const std::string& id, const std::string& why, int status = 0);
  void tick();
  void update_fan_out();

  const PeersSettings settings_;
  const std::uint32_t ssrc_;
  const GstClockTime epoch_;
  std::shared_ptr<Peers*> here_;  // null for those who come too late
  const std::shared_ptr<door::ConnectionSlots> slots_;
  std::map<std::string, Listener, std::less<>> sessions_;
  std::shared_ptr<FanOut> fan_out_;
  gstpp::Ref<GstElement> appsink_;
  unsigned source_ = 0;  // counts the appsinks
  glibpp::Timer ticking_;
  std::shared_ptr<std::atomic<int>> alive_ = std::make_shared<std::atomic<int>>(0);
  posix::ThreadPool pool_{3};  // last: what they still do may need the rest
};

}  // namespace infinara::webrtc

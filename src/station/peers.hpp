// SPDX-License-Identifier: Apache-2.0
// All WebRTC listeners: who may come, who has left, and every packet to each of them from the one
// thread that makes packets.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "door/visit.hpp"
#include "gstpp/ref.hpp"
#include "station/hands.hpp"
#include "station/peer.hpp"
#include "station/signalling.hpp"
#include "station/timer.hpp"

namespace infinara::station {

struct PeersSettings {
  bool on = true;
  int most = 64;
  int most_per_address = 0;            // 0: no limit
  std::vector<std::string> addresses;  // none: all of the host's, or loopback if it has no other
  std::string stun, turn;              // "stun://host:port", "turn://user:password@host:port"
  bool short_way = true;
  std::chrono::milliseconds to_answer{4000};  // with the addresses that are known by then
  std::chrono::milliseconds to_gather{8000};  // the first of them
  std::chrono::milliseconds to_connect{10000};
  std::chrono::milliseconds silence{15000};  // of a client that has gone
};

/// Belongs to the thread of the default main context, but for what its appsink's thread does.
class Peers : public Seats {
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
  /// How many of those get their packets by the short way.
  unsigned on_short_way() const;

  bool is_on() override { return settings_.on; }
  void take(Offer offer, const sockaddr_storage& from, Seated seated) override;
  bool has(std::string_view id) override;
  bool trickle(std::string_view id, const Trickle& trickle) override;
  bool leave(std::string_view id) override;
  std::string stun() override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Session {
    std::shared_ptr<Peer> peer;
    Seated seated;  // null once called
    bool connected = false;
    Clock::time_point since;  // of the last step: asked, answered, connected
    door::Visit visit;
  };
  class Fan;

  std::string no_room() const;
  void hear_of(const std::string& id, const PeerNews& news);
  void end(const std::string& id, const std::string& why, int status = 0);
  void tick();
  void sit();

  const PeersSettings settings_;
  const std::uint32_t ssrc_;
  const GstClockTime epoch_;
  std::shared_ptr<Peers*> here_;  // null for those who come too late
  const std::shared_ptr<door::Visits> visits_;
  std::map<std::string, Session, std::less<>> sessions_;
  std::shared_ptr<Fan> fan_;
  gstpp::Ref<GstElement> appsink_;
  unsigned source_ = 0;  // counts the appsinks
  Timer ticking_;
  std::shared_ptr<std::atomic<int>> alive_ = std::make_shared<std::atomic<int>>(0);
  Hands hands_{3};  // last: what they still do may need the rest
};

}  // namespace infinara::station

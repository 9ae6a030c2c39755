// SPDX-License-Identifier: Apache-2.0
// Sessions without WebRTC: one session, always the same, until it is ended.
#pragma once

#include <optional>
#include <string>

#include "webrtc/signalling.hpp"

namespace infinara::webrtc {

struct FakeSessions : Sessions {
  const std::string id = "0123456789abcdef0123456789abcdef";
  const std::string answer = "v=0\r\nan answer\r\n";
  std::optional<Refusal> none;
  int taken = 0, trickled = 0;
  bool ended = false, on = true;

  bool is_on() override { return on; }
  void begin(Offer, const sockaddr_storage&, Begun begun) override {
    if (none) return begun(*none);
    ++taken;
    begun(Session{id, answer});
  }
  bool has(std::string_view one) override { return one == id && !ended; }
  bool trickle(std::string_view, const Trickle& trickle) override {
    if (trickle.ufrag != "Ab1/" || trickle.password.starts_with("another")) return false;
    ++trickled;
    return true;
  }
  bool end(std::string_view one) override { return has(one) && (ended = true); }
  std::string stun() override { return "stun:127.0.0.1:3478"; }
};

}  // namespace infinara::webrtc

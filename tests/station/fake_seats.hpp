// SPDX-License-Identifier: Apache-2.0
// Seats without WebRTC: one session, always the same, until it is ended.
#pragma once

#include <optional>
#include <string>

#include "station/signalling.hpp"

namespace infinara::station {

struct FakeSeats : Seats {
  const std::string id = "0123456789abcdef0123456789abcdef";
  const std::string answer = "v=0\r\nan answer\r\n";
  std::optional<NoSeat> none;
  int taken = 0, trickled = 0;
  bool ended = false, on = true;

  bool is_on() override { return on; }
  void take(Offer, const sockaddr_storage&, Seated seated) override {
    if (none) return seated(*none);
    ++taken;
    seated(Seat{id, answer});
  }
  bool has(std::string_view one) override { return one == id && !ended; }
  bool trickle(std::string_view, const Trickle& trickle) override {
    if (trickle.ufrag != "Ab1/" || trickle.password.starts_with("another")) return false;
    ++trickled;
    return true;
  }
  bool leave(std::string_view one) override { return has(one) && (ended = true); }
  std::string stun() override { return "stun:127.0.0.1:3478"; }
};

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// HTTP for WebRTC: POST /offer, and WHEP at /whep (draft-ietf-wish-whep, the working group's text
// of 29 April 2026; without authentication). It knows no sockets and no WebRTC, so its tests need
// neither.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "station/api.hpp"
#include "station/offer.hpp"

namespace infinara::station {

/// Where WebRTC listeners sit. All calls on the thread of the default main context.
class Seats {
 public:
  struct Seat {
    std::string id;      // cannot be guessed: whoever knows it may end it
    std::string answer;  // SDP
  };
  struct NoSeat {
    int status = 503;
    std::string why;
    int retry_after = 0;  // seconds; 0: do not say
  };
  using Seated = std::function<void(std::variant<Seat, NoSeat>)>;

  virtual ~Seats() = default;
  /// False if the station has no WebRTC at all.
  virtual bool is_on() = 0;
  /// Calls `seated` once, now or within some seconds. `from` is where the offer came from.
  virtual void take(Offer offer, const sockaddr_storage& from, Seated seated) = 0;
  virtual bool has(std::string_view id) = 0;
  /// False if these are candidates of another ICE session than the offer's (an ICE restart).
  virtual bool trickle(std::string_view id, const Trickle& trickle) = 0;
  /// False if there is none.
  virtual bool leave(std::string_view id) = 0;
  /// URLs of the STUN servers that a client should use as well, as "stun:host:port".
  virtual std::string stun() = 0;
};

/// Whether `path` is one of signalling's.
bool is_signalling(std::string_view path);

/// Calls `said` once with the reply, now or when there is a seat.
void signal(const Request& request, Seats& seats, std::function<void(Reply)> said);

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// HTTP for WebRTC: POST /offer, and WHEP at /whep (draft-ietf-wish-whep, the working group's text
// of 29 April 2026; without authentication). It knows no sockets and no WebRTC, so its tests need
// neither.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "text/result.hpp"
#include "webrtc/offer.hpp"

namespace infinara::webrtc {

/// The WebRTC sessions of a station. All calls on the thread of the default main context.
class Sessions {
 public:
  struct Session {
    std::string id;      // cannot be guessed: whoever knows it may end it
    std::string answer;  // SDP
  };
  struct Refusal {
    int status = 503;
    std::string why;
    int retry_after = 0;  // seconds; 0: do not say
  };
  using Begun = std::function<void(Result<Session, Refusal>)>;

  virtual ~Sessions() = default;
  /// False if the station has no WebRTC at all.
  virtual bool is_on() = 0;
  /// Answers an offer: calls `begun` once, now or within some seconds. `from` is the client.
  virtual void begin(Offer offer, const sockaddr_storage& from, Begun begun) = 0;
  virtual bool has(std::string_view id) = 0;
  /// False if these are candidates of another ICE session than the offer's (an ICE restart).
  virtual bool trickle(std::string_view id, const Trickle& trickle) = 0;
  /// False if there is none of this id.
  virtual bool end(std::string_view id) = 0;
  /// URLs of the STUN servers that a client should use as well, as "stun:host:port".
  virtual std::string stun() = 0;
};

/// Whether `path` is one of signalling's.
bool is_signalling(std::string_view path);

/// Calls `said` once with the reply, now or when the offer is answered.
void signal(const http::Request& request, Sessions& sessions,
            std::function<void(http::Reply)> said);

}  // namespace infinara::webrtc

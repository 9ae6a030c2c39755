// SPDX-License-Identifier: Apache-2.0
// Ends a DTLS session so that the other side knows at once (RFC 5246, section 7.2.1). webrtcbin
// does not: it just stops.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <memory>

#include "gstpp/ref.hpp"

namespace infinara::webrtc {

class CloseNotify {
 public:
  /// Queues close_notify in webrtcbin's "dtlsenc"; its own thread hands it to "nicesink". Call
  /// once, after the DTLS handshake. Does nothing if an element is null or not what is expected.
  /// Any thread; does not block.
  void send(GstElement* dtlsenc, GstElement* nicesink);
  /// Returns once the alert has been given to the ICE agent, or after `most`. False if it was not
  /// sent. Not on a thread of these elements.
  bool wait(std::chrono::milliseconds most) const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // null if nothing was sent; the pad's probe shares it
  gstpp::Ref<GstPad> pad_;        // nicesink's
};

}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
// The path that ICE found to a WebRTC client, as libnice's agent has it: for what does not go
// through webrtcbin.
#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

#include <cstdint>
#include <optional>
#include <span>

#include "gstpp/ref.hpp"

namespace infinara::webrtc {

/// Whether this NiceAgent asks the other side for its consent every five seconds (RFC 7675):
/// webrtcbin makes it so where libnice can (GStreamer 1.24 with libnice 0.1.22). It cannot be set
/// later. An agent that does not needs `keepalive-conncheck`, so that the other side answers.
bool watches_consent(GObject* agent);

struct IcePath {
  gstpp::Ref<NiceAgent> agent;
  guint stream = 0, component = 0;

  /// That of webrtcbin's "nicesink"; nothing if it is not what is expected.
  static std::optional<IcePath> of(GstElement* nicesink);
  /// Any thread; never waits. False if the datagram did not leave.
  bool send(std::span<const std::uint8_t> datagram) const;
  /// A number that changes with each datagram read from the client's path, whatever it is: media,
  /// and what ICE alone sees, such as the answers to its keepalives. Nothing if the system cannot
  /// tell, or a stream stands in for the path.
  std::optional<std::int64_t> last_read() const;
};

}  // namespace infinara::webrtc

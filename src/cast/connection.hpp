// SPDX-License-Identifier: Apache-2.0
// A client's TCP connection: socket options, what the kernel knows of the other host, and sending
// of small responses. All functions are thread-safe and never block.
#pragma once

#include <chrono>
#include <string_view>

#include "cast/burst_ring.hpp"

namespace infinara::cast {

/// Sets the options of a client's socket:
/// - Bounded buffers. `send_buffer` is SO_SNDBUF in bytes; it bounds what a client that stopped
///   reading costs. Nobody reads what a client sends after its request.
/// - Keepalive, so that the other host is asked every 30 s while nothing is sent to it.
/// - On Linux 6.15 and later, at most 12 s between two retransmissions, so that the stream goes on
///   soon after a network outage. Older kernels double the delay up to 120 s.
void configure_connection(int fd, int send_buffer);

/// Time since the other host last acknowledged anything, once it has left at least two packets
/// (retransmissions, window probes, keepalive probes) without an answer; else zero. Zero for a
/// socket that is not TCP.
Seconds silence_of(int fd);

/// Reads and drops what the client has sent. Bytes left unread would turn close() into a reset.
void discard_input(int fd);

/// True if all of `text` went into the send buffer, where a response head always fits on a new
/// connection.
bool send_all(int fd, std::string_view text);

/// Ends the stream with a FIN, after what the send buffer holds. Keeps the descriptor open.
void end_stream(int fd);
/// After end_stream(): true if the other host has acknowledged everything up to the FIN, or the
/// connection has failed.
bool is_end_acknowledged(int fd);
/// Ends the stream with a FIN and closes the descriptor. The kernel goes on sending what the send
/// buffer holds.
void close_with_fin(int fd);
/// Closes with a reset, which drops what the send buffer holds.
void close_with_reset(int fd);

}  // namespace infinara::cast

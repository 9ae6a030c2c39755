// SPDX-License-Identifier: Apache-2.0
#include "broadcast/listener_values.hpp"

#include <string>

#include "text/number.hpp"
#include "text/printable.hpp"

namespace infinara {

namespace {

using Kind = cast::StreamRequest::Kind;

constexpr std::size_t kMaxListed = 100;

}  // namespace

cast::StreamRequest stream_request_of(const onair::ListenerRequest& request) {
  cast::StreamRequest wanted;
  wanted.kind = request.method == "HEAD"      ? Kind::kHead
                : request.method == "OPTIONS" ? Kind::kPreflight
                                              : Kind::kStream;
  wanted.minor = request.minor;
  wanted.icy = request.icy;
  wanted.burst = request.burst;
  wanted.agent = text::printable(request.agent);
  wanted.address = text::printable(request.address);
  wanted.key = request.key;
  return wanted;
}

cast::StreamRequest stream_request_of(const door::AcceptedRequest& accepted) {
  const door::Request& request = accepted.request;
  cast::StreamRequest wanted;
  wanted.kind = request.method == door::Method::kHead      ? Kind::kHead
                : request.method == door::Method::kOptions ? Kind::kPreflight
                                                           : Kind::kStream;
  wanted.minor = request.minor;
  const std::string* icy = request.header("icy-metadata");
  wanted.icy = icy != nullptr && *icy == "1";
  wanted.burst = text::number<double>(request.query_value("burst"));
  if (const std::string* agent = request.header("user-agent"))
    wanted.agent = text::printable(*agent);
  wanted.address = accepted.peer.address;
  wanted.key = request.query_value("listener");
  return wanted;
}

onair::StreamStats stats_of(const cast::Broadcaster& broadcaster) {
  const cast::Totals totals = broadcaster.totals();
  onair::StreamStats stats{.listeners = static_cast<unsigned>(totals.listeners),
                           .joined = totals.joined,
                           .dropped = totals.dropped,
                           .refused = totals.refused,
                           .bytes_sent = totals.bytes,
                           .list = {}};
  for (const cast::ListenerInfo& listener : broadcaster.listeners(kMaxListed))
    stats.list.push_back({listener.agent, listener.address, listener.since.count(),
                          listener.lag.count(), listener.bytes});
  return stats;
}

}  // namespace infinara

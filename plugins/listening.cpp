// SPDX-License-Identifier: Apache-2.0
#include "listening.hpp"

#include <string>

#include "text/number.hpp"
#include "text/printable.hpp"

namespace infinara {

namespace {

using Kind = cast::StreamRequest::Kind;

constexpr std::size_t kMostListed = 100;

std::string text_of(const GstStructure* structure, const char* field) {
  const gchar* text = gst_structure_get_string(structure, field);
  return text != nullptr ? text::printable(text) : "";
}

}  // namespace

cast::StreamRequest stream_request_of(const GstStructure* request) {
  cast::StreamRequest wanted;
  const std::string method = text_of(request, "method");
  wanted.kind = method == "HEAD"      ? Kind::kHead
                : method == "OPTIONS" ? Kind::kPreflight
                                      : Kind::kStream;
  wanted.minor = text_of(request, "version") == "HTTP/1.0" ? 0 : 1;
  gboolean icy = FALSE;
  wanted.icy = gst_structure_get_boolean(request, "icy", &icy) && icy;
  double burst;
  if (gst_structure_get_double(request, "burst", &burst)) wanted.burst = burst;
  wanted.agent = text_of(request, "agent");
  wanted.address = text_of(request, "address");
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
  return wanted;
}

gstpp::Structure stats_of(const cast::Broadcaster* broadcaster, cast::Seconds delay) {
  const cast::Totals totals = broadcaster != nullptr ? broadcaster->totals() : cast::Totals{};
  gstpp::Structure stats(gst_structure_new(
      "stats", "listeners", G_TYPE_UINT, static_cast<guint>(totals.listeners), "joined",
      G_TYPE_UINT64, static_cast<guint64>(totals.joined), "dropped", G_TYPE_UINT64,
      static_cast<guint64>(totals.dropped), "refused", G_TYPE_UINT64,
      static_cast<guint64>(totals.refused), "bytes-sent", G_TYPE_UINT64,
      static_cast<guint64>(totals.bytes), "delay", G_TYPE_DOUBLE, delay.count(), nullptr));
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  if (broadcaster != nullptr) {
    for (const cast::ListenerInfo& facts : broadcaster->listeners(kMostListed)) {
      GValue entry = G_VALUE_INIT;
      g_value_init(&entry, GST_TYPE_STRUCTURE);
      g_value_take_boxed(
          &entry,
          gst_structure_new("listener", "address", G_TYPE_STRING, facts.address.c_str(), "agent",
                            G_TYPE_STRING, facts.agent.c_str(), "since", G_TYPE_DOUBLE,
                            facts.since.count(), "lag", G_TYPE_DOUBLE, facts.lag.count(), "bytes",
                            G_TYPE_UINT64, static_cast<guint64>(facts.bytes), nullptr));
      gst_value_list_append_and_take_value(&list, &entry);
    }
  }
  gst_structure_take_value(stats.get(), "list", &list);
  return stats;
}

}  // namespace infinara

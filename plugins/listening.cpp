// SPDX-License-Identifier: Apache-2.0
#include "listening.hpp"

#include <string>

#include "text/number.hpp"
#include "text/printable.hpp"

namespace infinara {

namespace {

using Want = cast::Asked::Want;

constexpr std::size_t kMostListed = 100;

std::string text_of(const GstStructure* structure, const char* field) {
  const gchar* text = gst_structure_get_string(structure, field);
  return text != nullptr ? text::printable(text) : "";
}

}  // namespace

cast::Asked asked_of(const GstStructure* request) {
  cast::Asked asked;
  const std::string method = text_of(request, "method");
  asked.want = method == "HEAD"      ? Want::kHead
               : method == "OPTIONS" ? Want::kPreflight
                                     : Want::kStream;
  asked.minor = text_of(request, "version") == "HTTP/1.0" ? 0 : 1;
  gboolean icy = FALSE;
  asked.icy = gst_structure_get_boolean(request, "icy", &icy) && icy;
  double burst;
  if (gst_structure_get_double(request, "burst", &burst)) asked.burst = burst;
  asked.agent = text_of(request, "agent");
  asked.address = text_of(request, "address");
  return asked;
}

cast::Asked asked_of(const door::AcceptedRequest& accepted) {
  const door::Request& request = accepted.request;
  cast::Asked asked;
  asked.want = request.method == door::Method::kHead      ? Want::kHead
               : request.method == door::Method::kOptions ? Want::kPreflight
                                                          : Want::kStream;
  asked.minor = request.minor;
  const std::string* icy = request.header("icy-metadata");
  asked.icy = icy != nullptr && *icy == "1";
  asked.burst = text::number<double>(request.query_value("burst"));
  if (const std::string* agent = request.header("user-agent"))
    asked.agent = text::printable(*agent);
  asked.address = accepted.peer.address;
  return asked;
}

gstpp::Structure stats_of(const cast::Writer* writer, cast::Seconds delay) {
  const cast::Totals totals = writer != nullptr ? writer->totals() : cast::Totals{};
  gstpp::Structure stats(gst_structure_new(
      "stats", "listeners", G_TYPE_UINT, static_cast<guint>(totals.listeners), "joined",
      G_TYPE_UINT64, static_cast<guint64>(totals.joined), "dropped", G_TYPE_UINT64,
      static_cast<guint64>(totals.dropped), "refused", G_TYPE_UINT64,
      static_cast<guint64>(totals.refused), "bytes-sent", G_TYPE_UINT64,
      static_cast<guint64>(totals.bytes), "delay", G_TYPE_DOUBLE, delay.count(), nullptr));
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  if (writer != nullptr) {
    for (const cast::ListenerFacts& facts : writer->listeners(kMostListed)) {
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

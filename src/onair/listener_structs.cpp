// SPDX-License-Identifier: Apache-2.0
#include "onair/listener_structs.hpp"

namespace infinara::onair {
namespace {

std::string field_text(const GstStructure* structure, const char* field) {
  const char* text = gst_structure_get_string(structure, field);
  return text != nullptr ? text : "";
}

double double_of(const GstStructure* structure, const char* field) {
  double value = 0;
  gst_structure_get_double(structure, field, &value);
  return value;
}

std::uint64_t uint64_of(const GstStructure* structure, const char* field) {
  guint64 value = 0;
  gst_structure_get_uint64(structure, field, &value);
  return value;
}

}  // namespace

gstpp::Structure structure_of(const ListenerRequest& request) {
  gstpp::Structure structure(gst_structure_new(
      "listener", "method", G_TYPE_STRING, request.method.c_str(), "version", G_TYPE_STRING,
      request.minor == 0 ? "HTTP/1.0" : "HTTP/1.1", "icy", G_TYPE_BOOLEAN, gboolean{request.icy},
      "agent", G_TYPE_STRING, request.agent.c_str(), "address", G_TYPE_STRING,
      request.address.c_str(), "key", G_TYPE_STRING, request.key.c_str(), nullptr));
  if (request.burst)
    gst_structure_set(structure.get(), "burst", G_TYPE_DOUBLE, *request.burst, nullptr);
  if (request.ticket)
    gst_structure_set(structure.get(), "ticket", G_TYPE_BYTES, request.ticket.get(), nullptr);
  return structure;
}

ListenerRequest listener_request_of(const GstStructure* structure) {
  ListenerRequest request;
  if (const auto method = field_text(structure, "method"); !method.empty()) request.method = method;
  request.minor = field_text(structure, "version") == "HTTP/1.0" ? 0 : 1;
  gboolean icy = FALSE;
  request.icy = gst_structure_get_boolean(structure, "icy", &icy) && icy;
  double burst = 0;
  if (gst_structure_get_double(structure, "burst", &burst)) request.burst = burst;
  request.agent = field_text(structure, "agent");
  request.address = field_text(structure, "address");
  request.key = field_text(structure, "key");
  const GValue* ticket = gst_structure_get_value(structure, "ticket");
  if (ticket != nullptr && G_VALUE_HOLDS(ticket, G_TYPE_BYTES))
    request.ticket = gstpp::Ref<GBytes>::share(static_cast<GBytes*>(g_value_get_boxed(ticket)));
  return request;
}

gstpp::Structure structure_of(const StreamStats& stats) {
  gstpp::Structure structure(gst_structure_new(
      "stats", "listeners", G_TYPE_UINT, guint{stats.listeners}, "joined", G_TYPE_UINT64,
      guint64{stats.joined}, "dropped", G_TYPE_UINT64, guint64{stats.dropped}, "refused",
      G_TYPE_UINT64, guint64{stats.refused}, "bytes-sent", G_TYPE_UINT64, guint64{stats.bytes_sent},
      "delay", G_TYPE_DOUBLE, stats.delay, nullptr));
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  for (const ListenerStats& listener : stats.list) {
    GValue entry = G_VALUE_INIT;
    g_value_init(&entry, GST_TYPE_STRUCTURE);
    g_value_take_boxed(
        &entry, gst_structure_new("listener", "address", G_TYPE_STRING, listener.address.c_str(),
                                  "agent", G_TYPE_STRING, listener.agent.c_str(), "since",
                                  G_TYPE_DOUBLE, listener.since, "lag", G_TYPE_DOUBLE, listener.lag,
                                  "bytes", G_TYPE_UINT64, guint64{listener.bytes}, nullptr));
    gst_value_list_append_and_take_value(&list, &entry);
  }
  gst_structure_take_value(structure.get(), "list", &list);
  return structure;
}

StreamStats stream_stats_of(const GstStructure* structure) {
  StreamStats stats;
  guint listeners = 0;
  gst_structure_get_uint(structure, "listeners", &listeners);
  stats.listeners = listeners;
  stats.joined = uint64_of(structure, "joined");
  stats.dropped = uint64_of(structure, "dropped");
  stats.refused = uint64_of(structure, "refused");
  stats.bytes_sent = uint64_of(structure, "bytes-sent");
  stats.delay = double_of(structure, "delay");
  const GValue* list = gst_structure_get_value(structure, "list");
  if (list == nullptr || !GST_VALUE_HOLDS_LIST(list)) return stats;
  for (guint i = 0; i < gst_value_list_get_size(list); ++i) {
    const GValue* entry = gst_value_list_get_value(list, i);
    if (!GST_VALUE_HOLDS_STRUCTURE(entry)) continue;
    const GstStructure* listener = gst_value_get_structure(entry);
    stats.list.push_back({field_text(listener, "agent"), field_text(listener, "address"),
                          double_of(listener, "since"), double_of(listener, "lag"),
                          uint64_of(listener, "bytes")});
  }
  return stats;
}

}  // namespace infinara::onair

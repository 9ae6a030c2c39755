// SPDX-License-Identifier: Apache-2.0
#include "station/stream_sinks.hpp"

#include <algorithm>
#include <string>

#include "gstpp/optional_property.hpp"
#include "text/number.hpp"
#include "text/printable.hpp"

namespace infinara::station {
namespace {

using gstpp::Ref;

/// Bytes that free the slot when the last one who holds them lets go.
Ref<GBytes> ticket_of(door::ConnectionSlot slot) {
  auto* kept = new door::ConnectionSlot(std::move(slot));
  return Ref<GBytes>::adopt(g_bytes_new_with_free_func(
      kept, 1, [](gpointer slot) { delete static_cast<door::ConnectionSlot*>(slot); }, kept));
}

double number_of(const GstStructure* structure, const char* field) {
  guint64 whole = 0;
  double value = 0;
  if (gst_structure_get_uint64(structure, field, &whole)) return static_cast<double>(whole);
  return gst_structure_get_double(structure, field, &value) ? value : 0;
}

std::string type_of(GstElement* element) {
  char* read = nullptr;
  g_object_get(element, "content-type", &read, nullptr);
  const gstpp::String type(read);
  return type ? type.get() : "";
}

/// The element before this one, by its first input; nothing if there is none.
Ref<GstElement> before(GstElement* element) {
  Ref<GstPad> pad;
  GST_OBJECT_LOCK(element);
  if (element->sinkpads != nullptr)
    pad = Ref<GstPad>::share(static_cast<GstPad*>(element->sinkpads->data));
  GST_OBJECT_UNLOCK(element);
  if (!pad) return {};
  const auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(pad));
  if (!peer) return {};
  return Ref<GstElement>::adopt(gst_pad_get_parent_element(peer));
}

/// In kbit/s, from the encoder whose sound the sink sends; 0 if none says it. Encoders speak of
/// kbit/s or bit/s, and none of audio makes as few as 1000 bit/s.
int bitrate_of(GstElement* sink) {
  for (auto element = before(sink); element; element = before(element)) {
    const int bitrate = gstpp::number_of(G_OBJECT(element.get()), "bitrate");
    if (bitrate > 0) return bitrate < 1000 ? bitrate : bitrate / 1000;
  }
  return 0;
}

/// `T` is the property's own type.
template <class T>
unsigned sum_of(const Streams& streams, const char* property) {
  unsigned all = 0;
  for (const auto& stream : streams) {
    T here = 0;
    g_object_get(stream.get(), property, &here, nullptr);
    all += static_cast<unsigned>(here);
  }
  return all;
}

}  // namespace

void hand_over(GstElement* stream, door::AcceptedRequest accepted) {
  const door::Request& request = accepted.request;
  const auto header = [&](const char* name) {
    const auto* value = request.header(name);
    return value != nullptr ? text::printable(*value) : std::string();
  };
  const auto ticket = ticket_of(std::move(accepted.slot));
  const gstpp::Structure listener(gst_structure_new(
      "listener", "method", G_TYPE_STRING, door::name_of(request.method), "version", G_TYPE_STRING,
      request.minor == 0 ? "HTTP/1.0" : "HTTP/1.1", "icy", G_TYPE_BOOLEAN,
      gboolean{header("icy-metadata") == "1"}, "agent", G_TYPE_STRING, header("user-agent").c_str(),
      "address", G_TYPE_STRING, accepted.peer.address.c_str(), "ticket", G_TYPE_BYTES, ticket.get(),
      nullptr));
  const auto burst = text::number<double>(request.query_value("burst"));
  if (burst && *burst >= 0)
    gst_structure_set(listener.get(), "burst", G_TYPE_DOUBLE, *burst, nullptr);
  gboolean taken = FALSE;
  g_signal_emit_by_name(stream, "add", accepted.socket.release(), listener.get(), &taken);
}

Stream told_by(GstElement* element, std::string_view path, Detail detail) {
  Stream stream{.path = path, .type = type_of(element), .bitrate = bitrate_of(element), .list = {}};
  guint64 joined = 0, dropped = 0, bytes = 0;
  double burst = 0, interval = 0;
  g_object_get(element, "listeners", &stream.listeners, "joined", &joined, "dropped", &dropped,
               "bytes-sent", &bytes, "burst", &burst, "interval", &interval, nullptr);
  stream.joined = static_cast<double>(joined);
  stream.dropped = static_cast<double>(dropped);
  stream.bytes_sent = static_cast<double>(bytes);
  stream.delay = std::max(0.0, burst - interval);
  if (detail == Detail::kSums) return stream;
  GstStructure* read = nullptr;
  g_object_get(element, "stats", &read, nullptr);
  const gstpp::Structure stats(read);
  const GValue* list = gst_structure_get_value(read, "list");
  for (guint i = 0; i < gst_value_list_get_size(list); ++i) {
    const GstStructure* one = gst_value_get_structure(gst_value_list_get_value(list, i));
    const char* agent = gst_structure_get_string(one, "agent");
    stream.list.push_back({agent != nullptr ? agent : "", number_of(one, "since"),
                           number_of(one, "lag"), number_of(one, "bytes")});
  }
  return stream;
}

unsigned listeners_of(const Streams& streams) {
  return sum_of<guint>(streams, "listeners");
}

unsigned dropped_of(const Streams& streams) {
  return sum_of<guint64>(streams, "dropped");
}

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
#include "station/stream_sinks.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "gstpp/optional_property.hpp"
#include "onair/listener_structs.hpp"
#include "text/number.hpp"
#include "text/printable.hpp"

namespace infinara::station {
namespace {

using gstpp::Ref;

/// Bytes that own the slot: their last reference frees it.
Ref<GBytes> ticket_of(door::ConnectionSlot slot) {
  auto* owned = new door::ConnectionSlot(std::move(slot));
  return Ref<GBytes>::adopt(g_bytes_new_with_free_func(
      owned, 1, [](gpointer slot) { delete static_cast<door::ConnectionSlot*>(slot); }, owned));
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

/// In kbit/s, from the property of the encoder before the sink; 0 if none has it. Encoders count
/// kbit/s or bit/s: a value below 1000 is kbit/s, since no audio encoder makes so few bit/s.
int bitrate_of(GstElement* sink) {
  for (auto element = before(sink); element; element = before(element)) {
    const int bitrate = gstpp::number_of(G_OBJECT(element.get()), "bitrate");
    if (bitrate > 0) return bitrate < 1000 ? bitrate : bitrate / 1000;
  }
  return 0;
}

/// A client's word, fit for a structure.
std::string key_of(std::string_view listener) {
  constexpr std::size_t kMostBytes = 64;
  return text::printable(listener, kMostBytes);
}

/// `T` is the property's own type.
template <class T>
unsigned sum_of(const StreamSinks& sinks, const char* property) {
  unsigned all = 0;
  for (const auto& sink : sinks) {
    T here = 0;
    g_object_get(sink.get(), property, &here, nullptr);
    all += static_cast<unsigned>(here);
  }
  return all;
}

}  // namespace

void add_listener(GstElement* sink, door::AcceptedRequest accepted) {
  const door::Request& request = accepted.request;
  const auto header = [&](const char* name) {
    const auto* value = request.header(name);
    return value != nullptr ? text::printable(*value) : std::string();
  };
  onair::ListenerRequest listener{.method = door::name_of(request.method),
                                  .minor = request.minor,
                                  .icy = header("icy-metadata") == "1",
                                  .burst = text::number<double>(request.query_value("burst")),
                                  .agent = header("user-agent"),
                                  .address = accepted.peer.address,
                                  .key = key_of(request.query_value("listener")),
                                  .ticket = ticket_of(std::move(accepted.slot))};
  if (listener.burst && !(*listener.burst >= 0)) listener.burst.reset();
  gboolean added = FALSE;
  g_signal_emit_by_name(sink, "add", accepted.socket.release(), structure_of(listener).get(),
                        &added);
}

std::optional<Samples> position_of(const StreamSinks& sinks, std::string_view listener) {
  const std::string key = key_of(listener);
  for (const auto& sink : sinks) {
    gint64 position = G_MININT64;
    g_signal_emit_by_name(sink.get(), "position-of", key.c_str(), &position);
    if (position != G_MININT64) return position;
  }
  return {};
}

Stream stream_of(GstElement* sink, const Output& output, Detail detail) {
  Stream stream{
      .path = output.path, .type = output.content_type, .bitrate = bitrate_of(sink), .list = {}};
  guint64 joined = 0, dropped = 0, behind = 0, bytes = 0;
  double burst = 0, interval = 0;
  g_object_get(sink, "listeners", &stream.listeners, "joined", &joined, "dropped", &dropped,
               "dropped-behind", &behind, "bytes-sent", &bytes, "burst", &burst, "interval",
               &interval, nullptr);
  stream.joined = static_cast<double>(joined);
  stream.dropped = static_cast<double>(dropped);
  stream.dropped_behind = static_cast<double>(behind);
  stream.bytes_sent = static_cast<double>(bytes);
  stream.delay = std::max(0.0, burst - interval);
  if (detail == Detail::kSums) return stream;
  GstStructure* read = nullptr;
  g_object_get(sink, "stats", &read, nullptr);
  const gstpp::Structure stats(read);
  for (auto& listener : onair::stream_stats_of(stats.get()).list)
    stream.list.push_back({std::move(listener.agent), listener.since, listener.lag,
                           static_cast<double>(listener.bytes)});
  return stream;
}

unsigned listeners_of(const StreamSinks& sinks) {
  return sum_of<guint>(sinks, "listeners");
}

unsigned dropped_of(const StreamSinks& sinks) {
  return sum_of<guint64>(sinks, "dropped");
}

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
#include "acestep_uri.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "gstpp/ref.hpp"

namespace infinara {
namespace {

// What a URI may set: nothing that names files or secrets of ours.
constexpr std::array kUriNames = {"genre", "prompt",         "caption",     "title", "lyrics",
                                  "bpm",   "duration",       "key",         "seed",  "model",
                                  "shift", "time-signature", "audio-format"};

gboolean set_uri(GstURIHandler* handler, const gchar* text, GError** error) {
  auto* object = G_OBJECT(handler);
  const auto refuse = [&](GstURIError code, const std::string& why) {
    g_set_error_literal(error, GST_URI_ERROR, code, why.c_str());
    return FALSE;
  };
  if (GST_STATE(handler) > GST_STATE_READY)
    return refuse(GST_URI_ERROR_BAD_STATE, "the URI cannot change while a track is played");
  GstUri* uri = gst_uri_from_string(text);
  if (uri == nullptr) return refuse(GST_URI_ERROR_BAD_URI, "not a URI");
  const std::unique_ptr<GstUri, gstpp::FreeWith<gst_uri_unref>> owner(uri);
  const char* host = gst_uri_get_host(uri);
  if (host != nullptr && *host != '\0') {
    const bool secure = g_strcmp0(gst_uri_get_scheme(uri), "acesteps") == 0;
    const bool bare6 = std::string_view(host).find(':') != std::string_view::npos && host[0] != '[';
    std::string location = secure ? "https://" : "http://";
    location += bare6 ? "[" + std::string(host) + "]" : host;
    if (const guint port = gst_uri_get_port(uri); port != GST_URI_NO_PORT)
      location += ":" + std::to_string(port);
    g_object_set(object, "location", location.c_str(), nullptr);
  }
  GHashTable* query = gst_uri_get_query_table(uri);
  if (query == nullptr) return TRUE;
  const std::unique_ptr<GHashTable, gstpp::FreeWith<g_hash_table_unref>> table(query);
  GHashTableIter at;
  gpointer name = nullptr, value = nullptr;
  g_hash_table_iter_init(&at, query);
  while (g_hash_table_iter_next(&at, &name, &value) != FALSE) {
    const std::string_view key = static_cast<const char*>(name);
    if (std::ranges::find(kUriNames, key) == kUriNames.end())
      return refuse(GST_URI_ERROR_UNSUPPORTED_PROTOCOL,
                    "acestep URIs know no \"" + std::string(key) + "\"");
    gst_util_set_object_arg(object, static_cast<const char*>(name),
                            value != nullptr ? static_cast<const char*>(value) : "");
  }
  return TRUE;
}

gchar* get_uri(GstURIHandler* handler) {
  gchar* text = nullptr;
  g_object_get(handler, "location", &text, nullptr);
  const gstpp::String location(text);
  std::string_view from = location != nullptr ? location.get() : "";
  from = from.substr(0, from.find(','));
  const bool secure = from.starts_with("https://");
  if (const auto slashes = from.find("://"); slashes != std::string_view::npos)
    from.remove_prefix(slashes + 3);
  return g_strdup(((secure ? "acesteps://" : "acestep://") + std::string(from) + "/").c_str());
}

}  // namespace

void acestep_uri_init(gpointer interface, gpointer) {
  auto* handler = static_cast<GstURIHandlerInterface*>(interface);
  handler->get_type = [](GType) { return GST_URI_SRC; };
  handler->get_protocols = [](GType) -> const gchar* const* {
    static const gchar* const kProtocols[] = {"acestep", "acesteps", nullptr};
    return kProtocols;
  };
  handler->get_uri = get_uri;
  handler->set_uri = set_uri;
}

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "acestep/acestep_uri.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "acestep/acestep_config.hpp"
#include "gstpp/ref.hpp"
#include "text/ascii.hpp"
#include "text/printable.hpp"
#include "text/query.hpp"
#include "uri_properties.hpp"

namespace infinara {
namespace {

// What a URI may set: nothing that names files or secrets of ours.
constexpr std::array kNames = {
    UriProperty{"genre", expected_genre},
    UriProperty{"prompt"},
    UriProperty{"caption"},
    UriProperty{"title"},
    UriProperty{"lyrics"},
    UriProperty{"duration"},
    UriProperty{"bpm", expected_bpm},
    UriProperty{"key", expected_key},
    UriProperty{"time-signature", expected_time_signature},
    UriProperty{"seed"},
    UriProperty{"model"},
    UriProperty{"inference-steps"},
    UriProperty{"guidance-scale"},
    UriProperty{"shift"},
    UriProperty{"audio-format", expected_audio_format},
};

gboolean set_uri(GstURIHandler* handler, const gchar* text, GError** error) {
  auto* object = G_OBJECT(handler);
  const auto parts = split_new_uri(handler, text, error);
  if (!parts) return FALSE;
  const text::UriParts& uri = *parts;
  const auto is_blank = [](char c) { return c == ' ' || text::is_control(c); };
  if (std::ranges::any_of(uri.authority.value_or(""), is_blank) ||
      std::ranges::any_of(uri.path, is_blank))
    return refuse_uri(error, "there is a space or a control character in the address");
  std::string location;
  if (const std::string_view host = uri.authority.value_or(""); !host.empty()) {
    if (host.find('@') != host.npos)
      return refuse_uri(
          error,
          "a key has no place in a URI, which players show; set ACESTEP_API_KEY or the "
          "property api-key");
    location = uri.scheme == "acesteps" ? "https://" : "http://";
    location += host;
    location += uri.path;
    const auto servers = remote::parse_locations(location);
    if (!servers) return refuse_uri(error, servers.error().detail);
    if (location.find(',') != location.npos)
      return refuse_uri(error, "a URI names one server; set location for several");
    while (location.ends_with('/')) location.pop_back();
  } else if (!uri.path.empty() && uri.path != "/") {
    return refuse_uri(error,
                      "write acestep://HOST:PORT/?NAME=VALUE, not " + text::printable(text, 80));
  }
  if (!set_uri_properties(object, kNames, uri.query.value_or(""), error)) return FALSE;
  g_object_set(object, "location", location.c_str(), nullptr);
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
  std::string out = (secure ? "acesteps://" : "acestep://") + std::string(from) + "/";
  const std::string query = print_uri_properties(G_OBJECT(handler), kNames);
  if (!query.empty()) out += "?" + query;
  return g_strdup(out.c_str());
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

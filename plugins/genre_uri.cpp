// SPDX-License-Identifier: Apache-2.0
#include "genre_uri.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "gstpp/ref.hpp"
#include "music/genre.hpp"
#include "text/percent.hpp"
#include "text/printable.hpp"
#include "text/query.hpp"

namespace infinara {
namespace {

std::string default_genre(GObject* object) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), "genre");
  const char* genre = g_value_get_string(g_param_spec_get_default_value(spec));
  return genre != nullptr ? genre : "";
}

std::string form_decoded(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return text::percent_decoded(spaced).value_or(spaced);
}

}  // namespace

gboolean set_genre_uri(GstURIHandler* handler, const gchar* text,
                       std::span<const UriProperty> table, GError** error) {
  auto* object = G_OBJECT(handler);
  const auto parts = split_new_uri(handler, text, error);
  if (!parts) return FALSE;
  const text::UriParts& uri = *parts;
  const std::string shape = std::string(uri.scheme) + "://GENRE?NAME=VALUE";
  if (!uri.authority || !(uri.path.empty() || uri.path == "/"))
    return refuse_uri(error, "write " + shape + ", not " + text::printable(text, 80));
  std::string genre = form_decoded(*uri.authority);
  if (genre.empty()) {
    genre = default_genre(object);
  } else if (music::find_genre(genre) == nullptr) {
    return refuse_uri(error, "there is no genre \"" + text::printable(genre, 60) + "\" in " +
                                 shape + "; the genres are " + music::genre_names());
  }
  if (!set_uri_properties(object, table, uri.query.value_or(""), error)) return FALSE;
  g_object_set(object, "genre", genre.c_str(), nullptr);
  return TRUE;
}

std::string genre_uri(const char* scheme, std::string_view genre, const std::string& query) {
  std::string out = std::string(scheme) + "://";
  for (const char c : genre) out += c == ' ' ? "%20" : text::form_encoded({&c, 1});
  return query.empty() ? out : out + "?" + query;
}

gchar* get_genre_uri(GstURIHandler* handler, const char* scheme,
                     std::span<const UriProperty> table) {
  auto* object = G_OBJECT(handler);
  gchar* genre = nullptr;
  g_object_get(object, "genre", &genre, nullptr);
  const gstpp::String owned(genre);
  return g_strdup(
      genre_uri(scheme, genre != nullptr ? genre : "", print_uri_properties(object, table))
          .c_str());
}

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// SCHEME://GENRE?NAME=VALUE&… for an element with a text property "genre".
#pragma once

#include <gst/gst.h>

#include <span>
#include <string>
#include <string_view>

#include "uri_properties.hpp"

namespace infinara {

/// Sets `genre` to the URI's host ("+" and "%20" are a space; an empty one is the default) and the
/// properties of `table` to what its query says, or to their defaults. Where anything in it is not
/// right, or the element is above READY, nothing is set and `error` says why in one sentence. As
/// GstURIHandlerInterface::set_uri: any thread.
gboolean set_genre_uri(GstURIHandler* handler, const gchar* uri, std::span<const UriProperty> table,
                       GError** error);

/// SCHEME://GENRE?QUERY; without a "?" if the query is empty.
std::string genre_uri(const char* scheme, std::string_view genre, const std::string& query);

/// The URI that leads to what is set now; the caller frees it.
gchar* get_genre_uri(GstURIHandler* handler, const char* scheme,
                     std::span<const UriProperty> table);

/// Makes elements of `type` handle the URIs of `scheme` that set the properties of `table`.
template <const char* scheme, const auto& table>
void add_genre_uri(GType type) {
  const GInterfaceInfo info{
      [](gpointer interface, gpointer) {
        auto* handler = static_cast<GstURIHandlerInterface*>(interface);
        handler->get_type = [](GType) { return GST_URI_SRC; };
        handler->get_protocols = [](GType) -> const gchar* const* {
          static const gchar* const protocols[] = {scheme, nullptr};
          return protocols;
        };
        handler->get_uri = [](GstURIHandler* self) { return get_genre_uri(self, scheme, table); };
        handler->set_uri = [](GstURIHandler* self, const gchar* uri, GError** error) {
          return set_genre_uri(self, uri, table, error);
        };
      },
      nullptr, nullptr};
  g_type_add_interface_static(type, GST_TYPE_URI_HANDLER, &info);
}

}  // namespace infinara

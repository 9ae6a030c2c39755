// SPDX-License-Identifier: Apache-2.0
// SCHEME://GENRE?NAME=VALUE&… for an element with a text property "genre".
#pragma once

#include <gst/gst.h>

#include <span>

#include "uri_properties.hpp"

namespace infinara {

/// Sets `genre` to the URI's host ("+" and "%20" are a space; an empty one is the default) and the
/// properties of `table` to what its query says, or to their defaults. Where anything in it is not
/// right, or the element is above READY, nothing is set and `error` says why in one sentence. As
/// GstURIHandlerInterface::set_uri: any thread.
gboolean set_genre_uri(GstURIHandler* handler, const gchar* uri, std::span<const UriProperty> table,
                       GError** error);

/// The URI that leads to what is set now; the caller frees it.
gchar* get_genre_uri(GstURIHandler* handler, const char* scheme,
                     std::span<const UriProperty> table);

}  // namespace infinara

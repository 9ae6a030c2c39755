// SPDX-License-Identifier: Apache-2.0
// The query of an element's URI ("?genre=jazz&duration=60") as values of the element's properties.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "text/query.hpp"

namespace infinara {

/// A property that a URI may set: text, a number, a boolean or an enum.
struct UriProperty {
  const char* name;
  /// What `value` should have been, such as "one of jazz, rock"; empty if `value` is right. Null
  /// allows what the property's type and range allow. An empty text is the default and not asked.
  std::string (*expected)(std::string_view value) = nullptr;
};

/// False, with `error` a GST_URI_ERROR_BAD_URI that says `why`.
bool refuse_uri(GError** error, const std::string& why);

/// The parts of a URI that `handler` is given, which point into `uri`. Nothing, and `error` says
/// why, if the element is above READY or the URI has a fragment. Any thread.
std::optional<text::UriParts> split_new_uri(GstURIHandler* handler, const gchar* uri,
                                            GError** error);

/// Sets the properties of `table` to what `query` says (text/query.hpp), and those that it does not
/// name to their defaults, since a URI is the whole order. Where a name is unknown or given twice,
/// or a value is of the wrong type or out of range, nothing is set and `error` is a
/// GST_URI_ERROR_BAD_URI that has the name, the value and what is allowed. Any thread.
bool set_uri_properties(GObject* object, std::span<const UriProperty> table, std::string_view query,
                        GError** error);

/// The query for set_uri_properties() that leads to the values `object` has now; empty if all are
/// the defaults. Any thread.
std::string print_uri_properties(GObject* object, std::span<const UriProperty> table);

}  // namespace infinara

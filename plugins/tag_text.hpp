// SPDX-License-Identifier: Apache-2.0
// The text of a tag, as a C++ string.
#pragma once

#include <gst/gst.h>

#include <string>

#include "gstpp/ref.hpp"

namespace infinara {

/// Several values are joined as GStreamer does; empty if there is none or no list at all.
inline std::string text_of(const GstTagList* tags, const char* tag) {
  gchar* value = nullptr;
  if (tags != nullptr) gst_tag_list_get_string(tags, tag, &value);
  const gstpp::String owned(value);
  return owned ? owned.get() : "";
}

}  // namespace infinara

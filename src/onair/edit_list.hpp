// SPDX-License-Identifier: Apache-2.0
// The mixer's edit list on the bus: smoothstepmix posts each entry as an element message, mooddj
// reads them. Writer and reader are this one file; people find the messages' names and fields in
// the documentation of smoothstepmix.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>
#include <string_view>

#include "gstpp/ref.hpp"
#include "sound/edit.hpp"

namespace infinara::onair {

/// An entry of the edit list, and what is known of its track: null where that is not told.
struct Edit {
  sound::Edit entry;
  gstpp::Ref<GstTagList> tags = nullptr;
};

gstpp::Structure to_structure(const Edit& edit);

/// Nothing, if the structure is no entry or lacks a field.
std::optional<Edit> edit_of(const GstStructure* structure);

/// Posts it as an element message of `source`. Any thread; hold no lock.
void post(GstElement* source, const Edit& edit);

/// The mixer's pad for the track of this number: sink_N.
std::string pad_name(unsigned track);

/// The number in such a name; nothing if it is another name.
std::optional<unsigned> track_of(std::string_view pad);

}  // namespace infinara::onair

// SPDX-License-Identifier: Apache-2.0
// The streams that the station sends over HTTP. A further one is a row here and a line in
// pipelines/station.launch.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace infinara::station {

struct Output {
  std::string_view path;       // where clients find it
  std::string_view alias;      // another path that players and their users expect; empty: none
  const char* content_type;    // media type
  const char* element;         // name of its httpbroadcastsink in the launch text
  unsigned max_listeners = 0;  // of this output; 0: the limit for all outputs together
};

/// Playlists list them in this order. The first one is for every player.
inline constexpr std::array kOutputs{
    Output{"/stream", "/stream.mp3", "audio/mpeg", "listeners"},
    Output{"/stream.opus", "/stream.ogg", "audio/ogg", "opus_listeners"},
};

/// The index in kOutputs of the output that clients find at `path`, with or without a slash at its
/// end. SHOUTcast's paths begin with "/;" and mean the first output.
constexpr std::optional<std::size_t> output_at(std::string_view path) {
  if (path.starts_with("/;")) return 0;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto found = std::ranges::find_if(kOutputs, [&](const Output& output) {
    return path == output.path || (path == output.alias && !path.empty());
  });
  if (found == kOutputs.end()) return {};
  return static_cast<std::size_t>(found - kOutputs.begin());
}

}  // namespace infinara::station

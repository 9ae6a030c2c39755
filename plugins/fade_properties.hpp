// SPDX-License-Identifier: Apache-2.0
// What smoothstepmix and mooddj tell alike of their fades.
#pragma once

#include <glib-object.h>

#include "gstpp/properties.hpp"
#include "music/ranges.hpp"

namespace infinara {

/// The GType of sound::Curve. Any thread.
GType curve_type();

/// The GType of sound::JoinStyle. Any thread.
GType join_type();

/// The rows `crossfade`, `curve` and `join`, of the members of these names.
template <class Impl>
gstpp::Properties<Impl>& add_fades(gstpp::Properties<Impl>& rows) {
  using Settings = typename Impl::Settings;
  return rows
      .template number<&Settings::crossfade>(
          "crossfade", "Crossfade",
          "How long two tracks are heard together, in seconds; at most half of the shorter one. 0 "
          "joins them end to start. Planned joins are no longer.",
          music::kCrossfades.low, music::kCrossfades.high, gstpp::kPlaying)
      .template choice<&Settings::curve>("curve", "Curve",
                                         "The shape of the gains in fades that begin from now on; "
                                         "that of planned joins is always smoothstep.",
                                         curve_type(), gstpp::kPlaying)
      .template choice<&Settings::join>(
          "join", "Join",
          "How long joins are. plain: as long as the crossfade. planned: whole bars on a downbeat "
          "of both tracks, where tempo and beats are told by their tags or found in their sound; "
          "bars "
          "in which they rest may be left out.",
          join_type(), gstpp::kPlaying);
}

}  // namespace infinara

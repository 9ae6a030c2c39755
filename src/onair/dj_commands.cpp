// SPDX-License-Identifier: Apache-2.0
#include "onair/dj_commands.hpp"

namespace infinara::onair {

bool change_genre(GstElement* dj, const std::string& genre, music::When when) {
  gboolean changed = FALSE;
  g_signal_emit_by_name(dj, "change-genre", genre.c_str(), static_cast<gint>(when), &changed);
  return changed != FALSE;
}

}  // namespace infinara::onair

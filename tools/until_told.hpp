// SPDX-License-Identifier: Apache-2.0
// How the tools' listeners end: when their standard input is written to or closed.
#pragma once

#include <glib-unix.h>

/// Quits `loop` as soon as standard input has a byte or its end.
inline void quit_at_input(GMainLoop* loop) {
  g_unix_fd_add(
      0, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP),
      [](gint, GIOCondition, gpointer data) -> gboolean {
        g_main_loop_quit(static_cast<GMainLoop*>(data));
        return G_SOURCE_REMOVE;
      },
      loop);
}

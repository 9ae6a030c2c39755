// SPDX-License-Identifier: Apache-2.0
// A call on the thread that runs a main context, each time its moment has come.
#pragma once

#include <glib.h>

#include <functional>
#include <memory>
#include <utility>

namespace glibpp {

/// A GSource with a ready time. It leaves its context with its owner: no call begins after that.
class Source {
 public:
  /// Of `context`; null: the default one. It is called only once it has a ready time.
  Source(GMainContext* context, std::function<void()> call)
      : source_(g_source_new(&functions(), sizeof(GSource))) {
    g_source_set_callback(
        source_.get(),
        [](gpointer call) -> gboolean {
          (*static_cast<std::function<void()>*>(call))();  // may end the owner's life
          return G_SOURCE_CONTINUE;
        },
        new std::function<void()>(std::move(call)),
        [](gpointer call) { delete static_cast<std::function<void()>*>(call); });
    g_source_attach(source_.get(), context);
  }

  // Any thread. It is called once each time it gets ready; a later moment replaces an earlier one.
  /// `time` is that of g_get_monotonic_time().
  void ready_at(gint64 time) { g_source_set_ready_time(source_.get(), time); }
  void ready_in(double seconds) {
    ready_at(g_get_monotonic_time() + static_cast<gint64>(seconds * G_USEC_PER_SEC));
  }
  void ready_now() { ready_at(0); }
  void never_ready() { ready_at(-1); }

 private:
  struct Destroy {
    void operator()(GSource* source) const {
      g_source_destroy(source);
      g_source_unref(source);
    }
  };
  static GSourceFuncs& functions() {
    static GSourceFuncs functions{nullptr,
                                  nullptr,
                                  [](GSource* source, GSourceFunc call, gpointer data) -> gboolean {
                                    g_source_set_ready_time(source, -1);
                                    return call(data);
                                  },
                                  nullptr,
                                  nullptr,
                                  nullptr};
    return functions;
  }

  std::unique_ptr<GSource, Destroy> source_;
};

}  // namespace glibpp

// SPDX-License-Identifier: Apache-2.0
// A call later, or again and again, on the default main context, for as long as its owner lives.
#pragma once

#include <glib.h>

#include <chrono>
#include <functional>
#include <utility>

namespace glibpp {

class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }

  void once(std::chrono::milliseconds after, std::function<void()> call) {
    start(after, std::move(call), [](gpointer self) -> gboolean {
      auto& timer = *static_cast<Timer*>(self);
      timer.source_ = 0;
      std::exchange(timer.call_, nullptr)();  // may start this timer again, or end its life
      return G_SOURCE_REMOVE;
    });
  }
  void every(std::chrono::milliseconds period, std::function<void()> call) {
    start(period, std::move(call), [](gpointer self) -> gboolean {
      static_cast<Timer*>(self)->call_();  // must not end the timer's life
      return G_SOURCE_CONTINUE;
    });
  }
  bool is_running() const { return source_ != 0; }
  void stop() {
    if (source_ != 0) g_source_remove(std::exchange(source_, 0u));
    call_ = nullptr;
  }

 private:
  void start(std::chrono::milliseconds time, std::function<void()> call, GSourceFunc fire) {
    stop();
    call_ = std::move(call);
    source_ = g_timeout_add(static_cast<guint>(time.count()), fire, this);
  }

  guint source_ = 0;
  std::function<void()> call_;
};

}  // namespace glibpp

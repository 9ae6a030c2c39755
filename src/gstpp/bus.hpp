// SPDX-License-Identifier: Apache-2.0
// A bus whose messages reach lambdas, by type, on the thread that runs the default main context.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <map>

#include "gstpp/ref.hpp"

namespace gstpp {

class BusWatch {
 public:
  using Handle = std::function<void(GstMessage*)>;

  /// Watches the pipeline's bus until destroyed. One watch a bus.
  explicit BusWatch(GstElement* pipeline);
  BusWatch(const BusWatch&) = delete;
  BusWatch& operator=(const BusWatch&) = delete;
  ~BusWatch();

  /// The lambda for one type of message; a second one replaces the first.
  BusWatch& on(GstMessageType type, Handle handle);

 private:
  Ref<GstBus> bus_;
  std::map<GstMessageType, Handle> handles_;
};

/// "ELEMENT: sentence (debug detail)" of an error or warning message.
std::string describe_error(GstMessage* message);

}  // namespace gstpp

// SPDX-License-Identifier: Apache-2.0
// One GStreamer pipeline made from a launch text, and the error where there can be none.
#pragma once

#include <gst/gst.h>

#include <stdexcept>
#include <string>

#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "station/stream_sinks.hpp"

namespace infinara::station {

/// what() is one sentence for the person who started the program.
class CannotPlay : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The text of pipelines/station.launch.
std::string station_launch();

/// Plays until it is destroyed. Belongs to the thread of the default main context.
struct Pipeline {
  /// `launch` names its mooddj "dj" and its httpbroadcastsinks as kOutputs does. WebRTC sends the
  /// RTP packets of an appsink "peers", if there is one. Throws CannotPlay.
  explicit Pipeline(const std::string& launch);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline();

  /// Throws CannotPlay.
  void pause();
  bool play();

  gstpp::Ref<GstElement> element;
  gstpp::Ref<GstElement> dj;
  StreamSinks sinks;
  gstpp::Ref<GstElement> peers;  // null if there is none
  gstpp::BusWatch bus;
};

}  // namespace infinara::station

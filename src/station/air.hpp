// SPDX-License-Identifier: Apache-2.0
// One pipeline made from a launch text, and why there can be none.
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

/// A pipeline that plays, until destroyed. Belongs to the thread of the default main context.
struct Air {
  /// `launch` names its mooddj "dj" and its httpbroadcastsinks "listeners" and "opus_listeners".
  /// And its appsink of RTP "peers", if it is to be heard by WebRTC. Throws CannotPlay.
  explicit Air(const std::string& launch);
  Air(const Air&) = delete;
  Air& operator=(const Air&) = delete;
  ~Air();

  /// Throws CannotPlay.
  void pause();
  bool play();

  gstpp::Ref<GstElement> pipeline;
  gstpp::Ref<GstElement> dj;
  Streams streams;
  gstpp::Ref<GstElement> peers;  // null if there is none
  gstpp::BusWatch bus;
};

}  // namespace infinara::station

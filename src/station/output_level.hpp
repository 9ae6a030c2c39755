// SPDX-License-Identifier: Apache-2.0
// How loud the programme went out, by the messages of a `level` element.
#pragma once

#include <gst/gst.h>

namespace infinara::station {

class OutputLevel {
 public:
  /// True if the structure was a message of `level`, which is then taken in.
  bool hear(const GstStructure* structure);

  double rms() const { return rms_; }          // dBFS, of the last interval
  double peak() const { return peak_; }        // likewise
  double silence() const { return silence_; }  // seconds in all

 private:
  double rms_ = -100, peak_ = -100;
  double silence_ = 0;
};

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// How loud the programme went out, by EBU R 128, measured on a pad that it passes.
#pragma once

#include <gst/gst.h>

#include <memory>

namespace infinara::station {

class OutputLoudness {
 public:
  /// LUFS; -100 is silence.
  struct Values {
    double momentary = -100;   // of the last 0.4 s
    double short_term = -100;  // of the last 3 s
    double integrated = -100;  // of all, gated
  };

  OutputLoudness();

  /// Measures what leaves the pad `src` of `element` from now on, until the element is destroyed.
  /// What was measured before counts on.
  void hear(GstElement* element);

  /// Any thread.
  Values now() const;

 private:
  struct Meter;
  std::shared_ptr<Meter> meter_;  // a pad's probe may outlive this
};

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// What tests of smoothstepmix share: buffers to push, messages and flow as lines of text,
// and a live mixer under a test clock.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "gstpp/ref.hpp"
#include "sound/frame.hpp"

namespace infinara {

inline constexpr const char* kCaps =
    "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved";

GstBuffer* make_level(std::int64_t samples, std::int16_t value);

/// One of the mixer's messages as a line, times in milliseconds; "" for any other message.
std::string line_of(GstMessage* message);

/// All the mixer's messages that wait on a bus.
std::vector<std::string> told(GstBus* bus);

/// What passes a pad: buffers as their timestamp in milliseconds, tags as text.
class Flow {
 public:
  Flow() = default;
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  /// The pad must not pass anything any more when the Flow is destroyed.
  void watch(GstPad* pad);

  std::vector<std::string> seen() const;

 private:
  void see(GstPadProbeInfo* info);

  mutable std::mutex lock_;
  std::vector<std::string> seen_;
};

/// A live mixer whose time stands still until a frame is asked for.
class Live {
 public:
  explicit Live(const std::string& settings = "");
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;
  ~Live();

  GstElement* element() const { return element_; }
  GstHarness* harness() const { return harness_; }

  /// A track's harness: what it pushes must fit in the look-ahead.
  GstHarness* add();
  GstPad* pad(std::size_t track) const { return GST_PAD_PEER(tracks_[track]->srcpad); }

  /// The next frame; the clock moves on to where it is due.
  gstpp::Ref<GstBuffer> frame();
  void frames(int count);

  std::vector<std::string> messages() { return told(bus_); }

  std::vector<std::int16_t> sound;

 private:
  // A lock that the task has held after it wrote a frame: a thread checker does not see those
  // inside of the harness's queue.
  Flow handed_;
  gstpp::Ref<GstElement> element_;
  gstpp::Ref<GstBus> bus_;
  GstHarness* harness_;
  std::vector<GstHarness*> tracks_;
  bool first_ = true;
  std::int64_t count_ = 0;
};

void push_level(GstHarness* track, std::int64_t samples, std::int16_t value);

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// The bytes of a file decoded in one go, on the caller's thread.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstddef>
#include <span>
#include <string>

#include "gstpp/ref.hpp"

namespace infinara {

/// What takes the decoded samples. False ends the decoding.
class SampleSink {
 public:
  virtual ~SampleSink() = default;
  virtual bool format(int rate, int channels) = 0;
  virtual bool samples(std::span<const float> interleaved) = 0;
};

/// Bytes through a fixed chain to a sink, all on this thread: a pad of ours pushes into the chain,
/// and another takes what comes out, within the same call. For one run.
class Decoding {
 public:
  /// `caps` are those of allowed_caps() for the bytes.
  Decoding(GstCaps* caps, SampleSink& samples) : caps_(caps), samples_(samples) {}
  ~Decoding();
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

  /// True if the decoder took it to the end without an error and the sink wanted all of it.
  /// `cancel`, if given, ends it soon after it becomes true; `missing` names what GStreamer lacks.
  bool run(std::span<const std::byte> bytes, const std::atomic<bool>* cancel, std::string* missing);

 private:
  bool build(std::string* missing);
  void watch_format();
  GstFlowReturn push_all(std::span<const std::byte> bytes, const std::atomic<bool>* cancel);

  bool accept(const GstCaps* caps);
  GstFlowReturn take(GstBuffer* buffer);
  gboolean hear(GstEvent* event);
  gboolean answer(GstPad* pad, GstObject* parent, GstQuery* query);

  GstCaps* const caps_;
  SampleSink& samples_;
  gstpp::Ref<GstElement> decoder_;
  gstpp::Ref<GstBus> bus_;
  gstpp::Ref<GstPad> in_;
  gstpp::Ref<GstPad> out_;
  gstpp::Ref<GstCaps> floats_;  // all that comes out
  bool has_format_ = false;
  int rate_ = 0;
  int channels_ = 0;
  bool refused_ = false;
};

}  // namespace infinara

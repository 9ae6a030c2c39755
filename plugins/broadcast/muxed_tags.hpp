// SPDX-License-Identifier: Apache-2.0
// Muxers keep TAG events to themselves. A sink behind one hears them at the muxer's inputs instead.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <vector>

#include "gstpp/ref.hpp"

namespace infinara {

class MuxedTags {
 public:
  /// `only_input`: the muxer has no other, so what the tags say of coding is true of the stream.
  using Take = std::function<void(const GstTagList* tags, bool only_input)>;

  MuxedTags() = default;
  MuxedTags(const MuxedTags&) = delete;
  MuxedTags& operator=(const MuxedTags&) = delete;
  ~MuxedTags() { forget(); }

  /// Looks upstream of `sink` for the nearest muxer, through elements of one input and through
  /// bins. `take` gets the tags that its inputs have now, and each later TAG event on the thread
  /// that brings it, for as long as `owner` lives and until the next find() or forget(). It may
  /// still be called once while forget() returns. For the sink's streaming thread or a state
  /// change.
  void find(GstPad* sink, GstElement* owner, const Take& take);
  void forget();

 private:
  struct Input {
    gstpp::Ref<GstPad> pad;
    gulong probe;
  };
  std::vector<Input> inputs_;
};

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// What the mixer's task, its pads' streaming threads and callers from other threads share.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "mix_titles.hpp"
#include "onair/edit_list.hpp"
#include "sound/mix.hpp"

namespace infinara {

/// An input of the mixer as its task sees it. Called with `MixShared::lock` held.
class MixInput {
 public:
  /// Takes what the streaming thread waits with, room or not.
  virtual void take_all() = 0;
  /// Wakes the streaming thread if it waits and there is room for a good piece of work, or for
  /// anything at all if `eager`.
  virtual void invite(bool eager) = 0;

 protected:
  ~MixInput() = default;
};

/// All of it is used with `lock` held, inside of which only a GStreamer object lock may be taken.
class MixShared {
 public:
  std::mutex lock;
  sound::Mix mix;
  MixTitles titles;
  std::vector<MixInput*> inputs;  // those not released
  std::condition_variable wake;   // of the task: state, look-ahead or settings have changed

  /// Ends the programme after the samples that the tracks have given, those that wait for room
  /// included.
  void close();
  /// Wakes the task, and each pad that waits and has room for anything at all.
  void wake_everybody();

  /// Takes the entries of the edit list from the engine, and the titles that are due with them.
  void absorb_edits();
  /// The tags that go before the frame that begins at this sample; null if none do.
  gstpp::Ref<GstTagList> take_tags(std::int64_t begin);
  /// Posts the entries as messages of `element`, in their order and with the lock released
  /// meanwhile; false if there were none. If another thread is posting, it posts these too.
  bool tell(std::unique_lock<std::mutex>& held, GstElement& element);
  bool is_telling() const { return telling_; }

  /// Returns to the state before the first track; see Mix::reset().
  void reset();

 private:
  std::vector<onair::Edit> outbox_;
  bool telling_ = false;
};

}  // namespace infinara

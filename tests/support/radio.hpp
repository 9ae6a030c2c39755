// SPDX-License-Identifier: Apache-2.0
// mooddj in a pipeline of its own, with everything it says and every buffer it gives under watch.
#pragma once

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "music/when.hpp"
#include "onair/message.hpp"
#include "sound/frame.hpp"
#include "support/testtrack_src.hpp"

namespace infinara {

class Radio {
 public:
  /// `properties` as on a command line: "generators=testtracksrc seed=1".
  explicit Radio(const std::string& properties);
  ~Radio();
  Radio(const Radio&) = delete;
  Radio& operator=(const Radio&) = delete;

  /// Plays that much programme, up to its EOS; false if an error ended it.
  bool play(double seconds);

  /// EOS or ERROR, whichever comes first.
  GstMessageType await(GstClockTime patience = 500 * GST_SECOND);

  void set_state(GstState state);

  /// What to do at these positions (seconds), on the streaming thread and so at exactly that
  /// buffer.
  std::multimap<double, std::function<void()>> script;

  void skip() { g_signal_emit_by_name(dj, "skip"); }
  bool choose(const char* genre, music::When when);
  template <class T>
  T get(const char* property) {
    T value{};
    g_object_get(dj, property, &value, nullptr);
    return value;
  }
  std::string text(const char* property);

  template <class T>
  std::vector<T> messages_of() {
    const std::lock_guard lock(mutex_);
    std::vector<T> out;
    for (const auto& one : messages)
      if (const T* of_kind = std::get_if<T>(&one)) out.push_back(*of_kind);
    return out;
  }

  gstpp::Ref<GstElement> dj;
  std::string error;
  std::vector<onair::Message> messages;
  bool keeps = true;  // messages and titles
  std::vector<std::pair<onair::Position, std::string>> titles;
  std::vector<std::string> artists;            // of the same TAG events
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a of the 64 bit words on src
  bool hashes = true;
  bool records = false;  // the sound, into `pcm`: interleaved stereo
  std::vector<std::int16_t> pcm;
  std::uint64_t buffers = 0;
  std::uint64_t longest_silence = 0;  // buffers that are silent throughout, after the first sound
  int largest_step = 0;
  std::vector<std::string> faults;  // in the stream's form
  std::vector<std::string> warnings;

 private:
  GstBusSyncReply hear(GstMessage* message);

  void listen(GstPadProbeInfo* info);

  gstpp::Ref<GstElement> pipeline_;
  gstpp::Ref<GstBus> bus_;
  std::mutex mutex_;  // guards messages
  std::uint64_t silence_ = 0;
  bool sounded_ = false;
  std::int16_t last_ = 0;
};

}  // namespace infinara

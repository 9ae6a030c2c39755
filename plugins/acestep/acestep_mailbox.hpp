// SPDX-License-Identifier: Apache-2.0
// What a pool of servers has to say to an acestepsrc: its streaming thread waits for it here, and
// the bus is told at once of what is for everybody.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "onair/message.hpp"
#include "remote/acestep/pool.hpp"

namespace infinara {

onair::Servers servers_message(const std::vector<remote::ServerView>& view);

class AceStepMailbox final : public remote::OrderObserver {
 public:
  /// Messages are `element`'s.
  explicit AceStepMailbox(GstElement& element) : element_(element) {}

  struct Mail {
    std::optional<remote::Progressed> progress{};
    std::optional<remote::Arrived> arrived{};
    std::shared_ptr<remote::SpooledTrack> track{};  // if it arrived
    std::optional<remote::GaveUp> gave_up{};
  };
  /// All that came since the last one, as soon as there is some; nothing if the element flushes.
  std::optional<Mail> wait();
  /// It is there again for the next who waits.
  void put_back(Mail mail);
  void clear();

  /// Ends a wait, and every later one until it is false again.
  void set_flushing(bool flushing);
  /// The same for whoever looks now and then. Any thread.
  const std::atomic<bool>& is_flushing() const { return flushing_; }

 private:
  void progressed(const remote::Progressed& progress) override;
  void arrived(const remote::Arrived& arrived, std::shared_ptr<remote::SpooledTrack>) override;
  void gave_up(const remote::GaveUp& end) override;
  void servers_changed(const std::vector<remote::ServerView>& view) override;
  void logged(const std::string& text) override;

  GstElement& element_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Mail mail_;
  std::atomic<bool> flushing_ = false;  // changed with the mutex held
};

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// The messages of the elements inside of mooddj: the mixer's edit list, the sources' errors and
// reports. They become events for the programme and messages for the application.
#pragma once

#include <gst/gst.h>

#include <mutex>
#include <string>
#include <vector>

#include "decks.hpp"
#include "join_listener.hpp"
#include "onair/edit_list.hpp"
#include "onair/message.hpp"
#include "programme_executor.hpp"

namespace infinara {

class InnerMessages {
 public:
  /// `mixer` is an element of `bin`; null if there is none.
  InnerMessages(GstBin& bin, GstElement* mixer, ProgrammeExecutor& executor, Decks& decks,
                JoinListener& joins)
      : bin_(bin), mixer_(mixer), executor_(executor), decks_(decks), joins_(joins) {}

  /// False, if the message is for the application as it is. Any thread.
  bool take(GstMessage* message);

  /// Of the track on air; empty before the first. Any thread.
  std::string current_genre() const;

  /// Forgets the messages so far.
  void clear();

 private:
  void hear_mixer(const onair::Edit& edit);
  void tell_fade(const sound::Edit& entry);
  void tell_on_air(const onair::Edit& edit);
  void hear_source(music::TrackId id, GstMessage* message);
  void pass_on(GstMessage* message);

  GstBin& bin_;
  GstElement* const mixer_;
  ProgrammeExecutor& executor_;
  Decks& decks_;
  JoinListener& joins_;

  mutable std::mutex mutex_;  // guards what follows; nothing else is locked inside of it
  std::string genre_on_air_;
  std::vector<onair::Server> told_servers_;
};

}  // namespace infinara

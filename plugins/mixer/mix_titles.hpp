// SPDX-License-Identifier: Apache-2.0
// The tags of the tracks in a mix, and when each track's go out: with the middle of its fade-in,
// the moment at which it is said to be on air; what comes in later goes out at once.
#pragma once

#include <gst/gst.h>

#include <map>
#include <optional>

#include "gstpp/ref.hpp"
#include "sound/edit.hpp"

namespace infinara {

class MixTitles {
 public:
  /// More of a track's tags: those that describe music are kept.
  void add(sound::VoiceId voice, const GstTagList* list);
  /// Nothing of the track goes out any more.
  void forget(sound::VoiceId voice) { tags_.erase(voice); }
  /// What came about in the mix, told in order.
  void hear(const sound::Edit& edit);
  /// What is known of the track; null if nothing is.
  gstpp::Ref<GstTagList> of(sound::VoiceId voice) const {
    const auto found = tags_.find(voice);
    return found != tags_.end() ? found->second : nullptr;
  }
  /// What goes before the next buffer; null if nothing does. A track without tags has an empty
  /// list, which takes the last one's title away.
  gstpp::Ref<GstTagList> take_due() { return std::exchange(due_, nullptr); }
  /// Where what is due changes the title of a track that was announced as on air before; once.
  std::optional<sound::Edit> take_retitled() { return std::exchange(retitled_, std::nullopt); }

 private:
  std::map<sound::VoiceId, gstpp::Ref<GstTagList>> tags_;  // of tracks that are not done
  std::optional<sound::Edit> on_air_;                      // how the track that is on air entered
  gstpp::Ref<GstTagList> due_;
  std::optional<sound::Edit> retitled_;
};

}  // namespace infinara

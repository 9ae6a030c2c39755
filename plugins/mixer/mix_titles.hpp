// SPDX-License-Identifier: Apache-2.0
// The tags of the tracks in a mix, and when they go out: in the middle of the track's fade-in,
// when it is on air; tags that come later go out at once.
#pragma once

#include <gst/gst.h>

#include <map>
#include <optional>

#include "gstpp/ref.hpp"
#include "sound/edit.hpp"

namespace infinara {

class MixTitles {
 public:
  /// Adds tags of a track; those that describe its coding are dropped.
  void add(sound::VoiceId voice, const GstTagList* list);
  /// Drops the tags of a track.
  void forget(sound::VoiceId voice) { tags_.erase(voice); }
  /// Takes each entry of the edit list, in order.
  void hear(const sound::Edit& edit);
  /// What is known of the track; null if nothing is.
  gstpp::Ref<GstTagList> of(sound::VoiceId voice) const {
    const auto found = tags_.find(voice);
    return found != tags_.end() ? found->second : nullptr;
  }
  /// The tags that go before the next buffer; null if none do. A track without tags has an empty
  /// list, which ends the title before it.
  gstpp::Ref<GstTagList> take_due() { return std::exchange(due_, nullptr); }
  /// An entry, once, if the tags that are due change the title of a track already on air.
  std::optional<sound::Edit> take_retitled() { return std::exchange(retitled_, std::nullopt); }

 private:
  std::map<sound::VoiceId, gstpp::Ref<GstTagList>> tags_;  // of tracks that are not done
  std::optional<sound::Edit> on_air_;                      // how the track that is on air entered
  gstpp::Ref<GstTagList> due_;
  std::optional<sound::Edit> retitled_;
};

}  // namespace infinara

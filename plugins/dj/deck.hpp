// SPDX-License-Identifier: Apache-2.0
// One track's chain, source ! audioconvert ! audioresample, into a pad of smoothstepmix; without
// the converters if the source speaks the mixer's format. The object is the chain: its destructor
// is the only way down.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

#include "gstpp/ref.hpp"
#include "music/track.hpp"

namespace infinara {

class Deck {
 public:
  /// Why `factory` cannot be a generator: a sentence, or nothing if it can.
  static std::optional<std::string> refusal(const std::string& factory);

  /// Builds the chain in `bin`, linked to the mixer's pad `sink_ID` and so at the end of the play
  /// order; nothing runs yet. Any thread, the mixer's too. Throws std::runtime_error.
  Deck(GstBin& bin, GstElement& mixer, const music::Order& order, const std::string& factory);
  Deck(const Deck&) = delete;
  Deck& operator=(const Deck&) = delete;
  /// Takes the chain down and out of the bin; what the mixer has already begun to play plays out.
  /// Not on a streaming thread: it waits for the source to stop.
  ~Deck();

  /// Lets it run; false if the source refuses. May take as long as the source takes to start.
  bool start();

  /// In or out of the mixer's play order. Any thread.
  void park(bool parked);

  /// The id of the order whose chain in `bin` has sent the message; 0 if none has.
  static std::uint64_t sender(GstMessage* message, GstBin& bin);

 private:
  gstpp::Ref<GstBin> bin_;
  gstpp::Ref<GstElement> mixer_;
  gstpp::Ref<GstElement> chain_;
  gstpp::Ref<GstPad> pad_;  // the mixer's
};

}  // namespace infinara

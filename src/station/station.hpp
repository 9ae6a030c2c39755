// SPDX-License-Identifier: Apache-2.0
// The station: one pipeline made from a launch text, replaced when it fails, with its controls and
// its state. It knows elements by name, property, signal and message only.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "door/door.hpp"
#include "glibpp/timer.hpp"
#include "station/logbook.hpp"
#include "station/now_playing.hpp"
#include "station/output_level.hpp"
#include "station/output_loudness.hpp"
#include "station/outputs.hpp"
#include "station/pipeline.hpp"
#include "station/radio.hpp"
#include "station/stream_sinks.hpp"
#include "station/track_numbers.hpp"
#include "webrtc/peers.hpp"

namespace infinara::station {

struct Settings {
  config::Streams streams;
  config::Dj dj;
  config::AceStep acestep;
  webrtc::PeersSettings webrtc;
  std::uint64_t last_track_id = 0;  // greatest id of tracks before this start
  /// Called with each track that comes on air, and again when its tags change; `began` is when, in
  /// milliseconds since 1970.
  std::function<void(const music::Track&, std::int64_t began)> on_air = {};
  /// Called with what a join turned out to be.
  std::function<void(const onair::Join&)> joined = {};
};

/// All of it belongs to the thread of the default main context, but for listen().
class Station : public Radio {
 public:
  /// `launch` as for Pipeline.
  Station(Settings settings, std::string launch);
  ~Station() override;

  /// Goes on air; GStreamer must be initialised. Throws CannotPlay. From then on a pipeline that
  /// breaks is replaced by a new one.
  void start();

  /// Connects a listener to the output at its path: now, or as soon as there is a pipeline. Any
  /// thread.
  void listen(door::AcceptedRequest accepted);

  std::string name() override { return settings_.streams.name; }
  /// The WebRTC listeners.
  webrtc::Peers& peers() { return peers_; }

  Now now() override;
  std::vector<Stream> streams(Detail detail) override;
  std::uint64_t revision() override;
  music::Range<int> track_durations() override {
    return config::track_durations(settings_.acestep);
  }
  PlaySettings play_settings() override { return play_settings_; }
  Generation generation() override {
    const config::AceStep& acestep = settings_.acestep;
    return {acestep.audio_format, acestep.inference_steps, acestep.guidance_scale, acestep.shift};
  }
  void change_settings(const PlaySettings& play_settings) override;
  void change_genre(const std::string& genre, When when) override;
  void skip() override;
  Health health() override;
  Counters counters() override;
  Clock clock(std::string_view listener) override;
  void observe(std::function<void(const RadioEvent&)> observer) override {
    observer_ = std::move(observer);
  }

 private:
  void connect_listener(const StreamSinks& sinks, door::AcceptedRequest accepted);
  void start_pipeline();
  void fail(const std::string& why);
  void replace_pipeline();
  void tick();
  void advance(onair::Position position);
  void log_messages(const std::vector<onair::Message>& messages);
  void log_listeners();
  void pass_on(const RadioEvent& event) const;
  void count(const onair::Message& message);
  std::optional<Samples> end_of_queue();
  void configure_generator(GstElement* source) const;
  onair::Position position() const;

  const Settings settings_;
  const std::string launch_;
  PlaySettings play_settings_;
  std::string genre_;              // where a new pipeline starts
  bool is_genre_refused_ = false;  // by the present pipeline, which knows of none of it
  TrackNumbers track_numbers_;
  NowPlaying now_playing_;
  Counters counters_;  // without what elements and the level count
  OutputLevel level_;
  OutputLoudness loudness_;
  std::function<void(const RadioEvent&)> observer_;  // may be null
  std::string programme_;                            // names what the present pipeline plays
  webrtc::Peers peers_;
  Logbook logbook_;
  std::unique_ptr<Pipeline> pipeline_;

  std::mutex mutex_;  // guards the two below; nothing is called while it is held
  StreamSinks sinks_;
  std::vector<door::AcceptedRequest> waiting_listeners_;  // while there is no pipeline
  std::atomic<std::uint64_t> all_refused_ = 0;
  std::atomic<unsigned> refused_ = 0;  // since the last log line about it

  glibpp::Timer ticking_;
  glibpp::Timer replacing_;
  onair::Position last_position_ = 0;
  unsigned ticks_still_ = 0;  // without a move of the output
  unsigned ticks_well_ = 0;
  unsigned failures_ = 0;  // since it last played well for a while
  std::string fault_;      // empty while all is well
  unsigned ticks_since_logged_ = 0;

  /// What revision() was asked about: equal as long as nothing that is shown has changed.
  struct Shown {
    gint64 tenths = -1;  // of a second, by the monotonic clock
    unsigned listeners = 0;
    unsigned peers = 0;
    std::uint64_t changes = 0;
    bool operator==(const Shown&) const = default;
  };
  Shown shown_;
  std::uint64_t revision_ = 0;
  std::uint64_t changes_ = 0;  // of settings, messages and pipelines
  std::array<unsigned, kOutputs.size()> most_listeners_{};
};

}  // namespace infinara::station

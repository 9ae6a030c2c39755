// SPDX-License-Identifier: Apache-2.0
#include "station/station.hpp"

#include <algorithm>
#include <chrono>

#include "log/log.hpp"
#include "onair/wishes.hpp"

namespace infinara::station {
namespace {

using namespace std::chrono_literals;
using gstpp::Ref;

constexpr auto kTick = 500ms;
constexpr unsigned kStillTicks = 4;       // then the output counts as standing still
constexpr unsigned kHopelessTicks = 20;   // then the pipeline is replaced
constexpr unsigned kWellTicks = 120;      // then earlier breaks are forgotten
constexpr unsigned kListenersTicks = 20;  // between two lines about the number of listeners
constexpr auto kPause = 500ms;            // before the first new pipeline; doubled each time
constexpr auto kLongestPause = 30s;
constexpr const char* kGenerator = "acestepsrc";
constexpr const char* kUsualFolder = "/acestep-outputs";

/// An enum property's value by its nick; other types by their text.
void set(GstElement* element, const char* property, const std::string& value) {
  gst_util_set_object_arg(G_OBJECT(element), property, value.c_str());
}

/// Where the DJ stands; "" before its first moment.
std::string genre_of(GstElement* dj) {
  gchar* text = nullptr;
  g_object_get(dj, "genre", &text, nullptr);
  const gstpp::String genre(text);
  return text != nullptr ? text : "";
}

/// Writes the station's name into the comment header of Ogg Opus. Titles stay out of it: it is made
/// once, and players would show the first title for ever.
void name_in_headers(GstElement* pipeline, const std::string& name) {
  const auto encoder =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), "opus_encoder"));
  if (!encoder || !GST_IS_TAG_SETTER(encoder.get())) return;
  gst_tag_setter_set_tag_merge_mode(GST_TAG_SETTER(encoder.get()), GST_TAG_MERGE_KEEP_ALL);
  gst_tag_setter_add_tags(GST_TAG_SETTER(encoder.get()), GST_TAG_MERGE_REPLACE_ALL,
                          GST_TAG_ORGANIZATION, name.c_str(), nullptr);
}

}  // namespace

Station::Station(const config::Config& config, std::string launch)
    : config_(config),
      launch_(std::move(launch)),
      wishes_{config.track_duration, config.crossfade, config.auto_dj},
      genre_(config.genre),
      peers_({.on = config.webrtc,
              .most = config.max_peers,
              .most_per_address = config.max_per_address,
              .addresses = config::webrtc_addresses(config),
              .log = [](const std::string& fact) { log::line(fact); },
              .stun = config.stun_server,
              .turn = config.turn_server,
              .fast_path = config.webrtc_fast_path}) {}

Station::~Station() {
  peers_.say_goodbye();
  const std::lock_guard lock(gate_);
  streams_ = {};
}

void Station::start() {
  go_on_air();
  ticking_.every(kTick, [this] { tick(); });
}

/// A source that has its music made elsewhere is told where and how, before it starts. Any thread.
void Station::instruct(GstElement* source) const {
  const GstElementFactory* factory = gst_element_get_factory(source);
  if (factory == nullptr || std::string_view(GST_OBJECT_NAME(factory)) != kGenerator) return;
  const config::Config& c = config_;
  std::string folder = c.acestep_folder;
  if (folder.empty() && g_file_test(kUsualFolder, G_FILE_TEST_IS_DIR) != FALSE)
    folder = kUsualFolder;
  std::string state = c.acestep_state;
  if (state.empty())
    state = std::string(g_get_user_state_dir()) + "/infinara/acestep-" + std::to_string(c.port) +
            ".json";
  g_object_set(source, "location", c.acestep_url.c_str(), "api-key", c.acestep_key.c_str(), "model",
               c.acestep_model.c_str(), "output-dir", folder.c_str(), "remote-dir",
               c.acestep_remote_dir.c_str(), "clean", c.acestep_clean ? TRUE : FALSE, "spool-dir",
               c.acestep_spool.c_str(), "state-file", state.c_str(), "audio-format",
               c.audio_format.c_str(), "inference-steps", c.inference_steps, "guidance-scale",
               c.guidance_scale, "shift", c.shift, nullptr);
}

void Station::go_on_air() {
  auto pipeline = std::make_unique<Pipeline>(launch_);
  GstElement* dj = pipeline->dj;
  if (!config_.acestep_url.empty()) {
    set(dj, "generators", std::string(kGenerator) + ",housebandsrc");
    g_signal_connect(dj, "deep-element-added",
                     G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer self) {
                       static_cast<const Station*>(self)->instruct(element);
                     }),
                     this);
  }
  set(dj, "genre", genre_);
  set(dj, "curve", config_.curve);
  g_object_set(dj, "track-duration", double(wishes_.track_duration), "crossfade", wishes_.crossfade,
               "auto-dj", gboolean{wishes_.auto_dj}, "dwell-min", config_.dwell_min, "dwell-max",
               config_.dwell_max, "buffer-ahead", config_.buffer_ahead, "seed",
               gint64{config_.seed}, nullptr);
  for (const auto& stream : pipeline->streams)
    g_object_set(stream.get(), "station-name", config_.name.c_str(), nullptr);
  name_in_headers(pipeline->element, config_.name);
  pipeline->bus
      .on(GST_MESSAGE_ELEMENT,
          [this](GstMessage* message) {
            if (auto bulletin = onair::read(message)) now_playing_.hear(*std::move(bulletin));
            ++changes_;
          })
      .on(GST_MESSAGE_ERROR,
          [this](GstMessage* message) { broken(gstpp::describe_error(message)); })
      .on(GST_MESSAGE_EOS, [this](GstMessage*) { broken("the programme ended"); })
      .on(GST_MESSAGE_WARNING,
          [](GstMessage* message) { log::line("warning: " + gstpp::describe_error(message)); })
      .on(GST_MESSAGE_LATENCY, [bin = pipeline->element.get()](GstMessage*) {
        gst_bin_recalculate_latency(GST_BIN(bin));
      });
  peers_.hear(pipeline->peers);
  ++changes_;
  now_playing_ = {};
  last_position_ = 0;
  ticks_still_ = 0;
  trouble_.clear();
  // Who waits at the gate gets an answer before the first sound is made.
  pipeline->pause();
  pipeline_ = std::move(pipeline);
  std::vector<door::AcceptedRequest> waiting;
  {
    const std::lock_guard lock(gate_);
    streams_ = pipeline_->streams;
    waiting.swap(at_the_gate_);
  }
  for (auto& accepted : waiting) let_in(pipeline_->streams, std::move(accepted));
  if (!pipeline_->play()) broken("the pipeline does not start");
}

void Station::listen(door::AcceptedRequest accepted) {
  Streams streams;
  {
    const std::lock_guard lock(gate_);
    streams = streams_;
    if (!streams.front()) {
      at_the_gate_.push_back(std::move(accepted));
      return;
    }
  }
  let_in(streams, std::move(accepted));
}

/// All streams share one limit.
void Station::let_in(const Streams& streams, door::AcceptedRequest accepted) {
  if (accepted.request.method == door::Method::kGet &&
      listeners_of(streams) >= static_cast<unsigned>(config_.max_listeners)) {
    ++refused_;
    return door::refuse(std::move(accepted), {503, "the station is full, try again soon"});
  }
  GstElement* const stream = streams[stream_of(accepted.request.path).value_or(0)];
  hand_over(stream, std::move(accepted));
}

void Station::broken(const std::string& why) {
  if (replacing_.is_running()) return;  // one break often says more than one error
  const auto pause =
      std::min<std::chrono::milliseconds>(kPause * (1 << std::min(breaks_, 6u)), kLongestPause);
  ++breaks_;
  log::line("broken: " + why + "; a new pipeline in " + std::to_string(pause.count()) + " ms");
  trouble_ = "the radio is broken: " + why;
  // Not now: this is called by the very bus that goes with it.
  replacing_.once(pause, [this] { replace(); });
}

void Station::replace() {
  // The DJ itself knows where it stands, a choice of this very moment included. Its messages tell
  // it only when the sound gets there, and that of a broken pipeline never does.
  if (pipeline_ && !is_genre_refused_)
    if (const std::string genre = genre_of(pipeline_->dj); !genre.empty()) genre_ = genre;
  is_genre_refused_ = false;
  {
    const std::lock_guard lock(gate_);
    streams_ = {};
  }
  peers_.hear(nullptr);
  ++changes_;
  pipeline_.reset();
  try {
    go_on_air();
  } catch (const CannotPlay& error) {
    broken(error.what());
  }
}

onair::Position Station::position() const {
  guint64 position = 0;
  if (pipeline_) g_object_get(pipeline_->dj, "position", &position, nullptr);
  return position;
}

void Station::tick() {
  if (!pipeline_) return;
  const onair::Position position = this->position();
  const bool moves = position > last_position_;
  last_position_ = position;
  tell(now_playing_.advance(position));
  if (replacing_.is_running()) return;

  ticks_still_ = moves ? 0 : ticks_still_ + 1;
  if (moves) {
    trouble_.clear();
    if (++ticks_well_ >= kWellTicks) breaks_ = 0;
  } else {
    ticks_well_ = 0;
    if (ticks_still_ >= kStillTicks) trouble_ = "the output stands still";
    if (ticks_still_ >= kHopelessTicks) broken("the output stands still");
  }

  streams(Detail::kSums);  // keeps the greatest number of listeners
  if (++ticks_since_told_ >= kListenersTicks) tell_listeners();
}

void Station::tell(const std::vector<onair::Bulletin>& bulletins) {
  changes_ += bulletins.size();
  for (const auto& bulletin : bulletins)
    if (const auto line = logbook_.line_of(bulletin); !line.empty()) log::line(line);
}

void Station::tell_listeners() {
  const unsigned peers = peers_.connected();
  const auto line = logbook_.line_of({.listeners = listeners_of(pipeline_->streams) + peers,
                                      .webrtc = peers,
                                      .dropped = dropped_of(pipeline_->streams),
                                      .refused = refused_.exchange(0)});
  if (line.empty()) return;
  log::line(line);
  ticks_since_told_ = 0;
}

Now Station::now() {
  tell(now_playing_.advance(position()));
  Now now = now_playing_.now();
  if (!wishes_.auto_dj) now.dwell_remaining = 0;
  if (pipeline_) now.listeners = listeners_of(pipeline_->streams);
  now.peers = peers_.connected();
  return now;
}

std::vector<Stream> Station::streams(Detail detail) {
  std::vector<Stream> all;
  for (std::size_t i = 0; pipeline_ && i < kStreamPaths.size(); ++i) {
    all.push_back(told_by(pipeline_->streams[i], kStreamPaths[i], detail));
    most_listeners_[i] = std::max(most_listeners_[i], all.back().listeners);
    all.back().most_listeners = most_listeners_[i];
  }
  return all;
}

std::uint64_t Station::revision() {
  const Shown shown{g_get_monotonic_time() / (G_USEC_PER_SEC / 10),
                    pipeline_ ? listeners_of(pipeline_->streams) : 0, peers_.connected(), changes_};
  if (shown != shown_) ++revision_;
  shown_ = shown;
  return revision_;
}

void Station::wish(const Wishes& wishes) {
  ++changes_;
  wishes_ = wishes;
  if (!pipeline_) return;
  g_object_set(pipeline_->dj, "track-duration", double(wishes.track_duration), "crossfade",
               wishes.crossfade, "auto-dj", gboolean{wishes.auto_dj}, nullptr);
}

void Station::change_genre(const std::string& genre, When when) {
  ++changes_;
  genre_ = genre;
  is_genre_refused_ = pipeline_ != nullptr && !onair::change_genre(pipeline_->dj, genre, when);
  log::line("wish: " + genre + (when == When::kNow ? " now" : " after the queue"));
}

void Station::skip() {
  ++changes_;
  if (pipeline_) g_signal_emit_by_name(pipeline_->dj, "skip");
  log::line("wish: skip");
}

Health Station::health() {
  const onair::Position position = this->position();
  const std::string reason = trouble_.empty() && position == 0 ? "the radio is starting" : trouble_;
  return {.good = reason.empty(), .reason = reason, .position = double(position) / 1e9};
}

}  // namespace infinara::station

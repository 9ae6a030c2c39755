// SPDX-License-Identifier: Apache-2.0
#include "station/station.hpp"

#include <algorithm>
#include <chrono>

#include "log/log.hpp"
#include "onair/dj_commands.hpp"

namespace infinara::station {
namespace {

using namespace std::chrono_literals;
using gstpp::Ref;

constexpr auto kTick = 500ms;
constexpr unsigned kStillTicks = 4;       // then the output counts as standing still
constexpr unsigned kHopelessTicks = 20;   // then the pipeline is replaced
constexpr unsigned kWellTicks = 120;      // then earlier failures are forgotten
constexpr unsigned kListenersTicks = 20;  // between two lines about the number of listeners
constexpr auto kPause = 500ms;            // before the first new pipeline; doubled each time
constexpr auto kLongestPause = 30s;
constexpr const char* kGenerator = "acestepsrc";
constexpr const char* kUsualFolder = "/acestep-outputs";

/// Sets an enum property by its nick, another by its text.
void set(GstElement* element, const char* property, const std::string& value) {
  gst_util_set_object_arg(G_OBJECT(element), property, value.c_str());
}

/// The genre that the DJ orders; "" before its first order.
std::string genre_of(GstElement* dj) {
  gchar* text = nullptr;
  g_object_get(dj, "genre", &text, nullptr);
  const gstpp::String genre(text);
  return text != nullptr ? text : "";
}

/// A name that no other programme has, of this process or an earlier one.
std::string new_programme() {
  char name[20];
  g_snprintf(name, sizeof name, "%08x%08x", g_random_int(), g_random_int());
  return name;
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

Station::Station(Settings settings, std::string launch)
    : settings_(std::move(settings)),
      launch_(std::move(launch)),
      play_settings_{settings_.dj.track_duration, settings_.dj.crossfade, settings_.dj.auto_dj},
      genre_(settings_.dj.genre),
      track_numbers_(settings_.last_track_id),
      peers_(settings_.webrtc) {}

Station::~Station() {
  peers_.say_goodbye();
  const std::lock_guard lock(mutex_);
  sinks_ = {};
}

void Station::start() {
  start_pipeline();
  ticking_.every(kTick, [this] { tick(); });
}

/// Gives a generator with a server of its own that server and its settings, before it starts. Any
/// thread.
void Station::configure_generator(GstElement* source) const {
  const GstElementFactory* factory = gst_element_get_factory(source);
  if (factory == nullptr || std::string_view(GST_OBJECT_NAME(factory)) != kGenerator) return;
  const config::AceStep& acestep = settings_.acestep;
  std::string folder = acestep.folder;
  if (folder.empty() && g_file_test(kUsualFolder, G_FILE_TEST_IS_DIR) != FALSE)
    folder = kUsualFolder;
  g_object_set(source, "location", acestep.url.c_str(), "api-key", acestep.key.c_str(), "model",
               acestep.model.c_str(), "output-dir", folder.c_str(), "remote-dir",
               acestep.remote_dir.c_str(), "clean", acestep.clean ? TRUE : FALSE, "spool-dir",
               acestep.spool.c_str(), "state-file", acestep.state_file.c_str(), "audio-format",
               acestep.audio_format.c_str(), "inference-steps", acestep.inference_steps,
               "guidance-scale", acestep.guidance_scale, "shift", acestep.shift, nullptr);
}

void Station::start_pipeline() {
  auto pipeline = std::make_unique<Pipeline>(launch_);
  GstElement* dj = pipeline->dj;
  if (!settings_.acestep.url.empty()) {
    set(dj, "generators", std::string(kGenerator) + ",housebandsrc");
    g_signal_connect(dj, "deep-element-added",
                     G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer self) {
                       static_cast<const Station*>(self)->configure_generator(element);
                     }),
                     this);
  }
  set(dj, "genre", genre_);
  set(dj, "curve", settings_.dj.curve);
  set(dj, "join", settings_.dj.join);
  g_object_set(dj, "track-duration", double(play_settings_.track_duration), "crossfade",
               play_settings_.crossfade, "auto-dj", gboolean{play_settings_.auto_dj}, "dwell-min",
               settings_.dj.dwell_min, "dwell-max", settings_.dj.dwell_max, "buffer-ahead",
               settings_.dj.buffer_ahead, "seed", gint64{settings_.dj.seed}, nullptr);
  programme_ = new_programme();
  for (std::size_t i = 0; i < kOutputs.size(); ++i)
    g_object_set(pipeline->sinks[i].get(), "station-name", settings_.streams.name.c_str(),
                 "content-type", kOutputs[i].content_type, "programme", programme_.c_str(),
                 "max-listeners", guint{kOutputs[i].max_listeners}, nullptr);
  name_in_headers(pipeline->element, settings_.streams.name);
  pipeline->bus
      .on(GST_MESSAGE_ELEMENT,
          [this](GstMessage* posted) {
            if (auto message = onair::read(posted)) {
              message = track_numbers_.numbered(*std::move(message));
              count(*message);
              pass_on(*message);
              now_playing_.hear(*std::move(message));
            }
            // How loud it is says nothing new to anybody but /metrics.
            if (!level_.hear(gst_message_get_structure(posted))) ++changes_;
          })
      .on(GST_MESSAGE_ERROR, [this](GstMessage* message) { fail(gstpp::describe_error(message)); })
      .on(GST_MESSAGE_EOS, [this](GstMessage*) { fail("the programme ended"); })
      .on(GST_MESSAGE_WARNING,
          [](GstMessage* message) { log::line("warning: " + gstpp::describe_error(message)); })
      .on(GST_MESSAGE_LATENCY, [bin = pipeline->element.get()](GstMessage*) {
        gst_bin_recalculate_latency(GST_BIN(bin));
      });
  peers_.hear(pipeline->peers);
  loudness_.hear(dj);
  ++changes_;
  now_playing_ = {};
  track_numbers_.begin_programme();
  last_position_ = 0;
  ticks_still_ = 0;
  fault_.clear();
  // Waiting listeners get their response heads before the first sound exists.
  pipeline->pause();
  pipeline_ = std::move(pipeline);
  std::vector<door::AcceptedRequest> waiting;
  {
    const std::lock_guard lock(mutex_);
    sinks_ = pipeline_->sinks;
    waiting.swap(waiting_listeners_);
  }
  for (auto& accepted : waiting) connect_listener(pipeline_->sinks, std::move(accepted));
  ++counters_.pipelines;
  pass_on(NewProgramme{});
  if (!pipeline_->play()) fail("the pipeline does not start");
}

void Station::listen(door::AcceptedRequest accepted) {
  StreamSinks sinks;
  {
    const std::lock_guard lock(mutex_);
    sinks = sinks_;
    if (!sinks.front()) {
      waiting_listeners_.push_back(std::move(accepted));
      return;
    }
  }
  connect_listener(sinks, std::move(accepted));
}

/// All outputs share one limit.
void Station::connect_listener(const StreamSinks& sinks, door::AcceptedRequest accepted) {
  if (accepted.request.method == door::Method::kGet &&
      listeners_of(sinks) >= static_cast<unsigned>(settings_.streams.max_listeners)) {
    ++refused_;
    ++all_refused_;
    return door::refuse(std::move(accepted), {503, "the station is full, try again soon"});
  }
  GstElement* const sink = sinks[output_at(accepted.request.path).value_or(0)];
  add_listener(sink, std::move(accepted));
}

void Station::fail(const std::string& why) {
  if (replacing_.is_running()) return;  // one failure often posts several errors
  const auto pause =
      std::min<std::chrono::milliseconds>(kPause * (1 << std::min(failures_, 6u)), kLongestPause);
  ++failures_;
  log::line("broken: " + why + "; a new pipeline in " + std::to_string(pause.count()) + " ms");
  fault_ = "the radio is broken: " + why;
  // Later: the caller is a handler of the bus that goes with the pipeline.
  replacing_.once(pause, [this] { replace_pipeline(); });
}

void Station::replace_pipeline() {
  // The DJ's own genre includes a choice whose message is still ahead of the output, which the
  // output of a failed pipeline never reaches.
  if (pipeline_ && !is_genre_refused_)
    if (const std::string genre = genre_of(pipeline_->dj); !genre.empty()) genre_ = genre;
  is_genre_refused_ = false;
  {
    const std::lock_guard lock(mutex_);
    sinks_ = {};
  }
  peers_.hear(nullptr);
  ++changes_;
  pipeline_.reset();
  try {
    start_pipeline();
  } catch (const CannotPlay& error) {
    fail(error.what());
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
  advance(position);
  if (replacing_.is_running()) return;

  ticks_still_ = moves ? 0 : ticks_still_ + 1;
  if (moves) {
    fault_.clear();
    if (++ticks_well_ >= kWellTicks) failures_ = 0;
  } else {
    ticks_well_ = 0;
    if (ticks_still_ >= kStillTicks) fault_ = "the output stands still";
    if (ticks_still_ >= kHopelessTicks) fail("the output stands still");
  }

  streams(Detail::kSums);  // updates the greatest number of listeners
  if (++ticks_since_logged_ >= kListenersTicks) log_listeners();
}

void Station::advance(onair::Position position) {
  const auto messages = now_playing_.advance(position);
  for (const auto& message : messages) {
    if (const auto* join = std::get_if<onair::Join>(&message); join && settings_.joined)
      settings_.joined(*join);
    if (const auto* on_air = std::get_if<onair::OnAir>(&message); on_air && settings_.on_air) {
      const auto since = std::chrono::nanoseconds(position - on_air->position);
      const auto began = std::chrono::system_clock::now() - since;
      settings_.on_air(
          on_air->track,
          std::chrono::floor<std::chrono::milliseconds>(began.time_since_epoch()).count());
    }
  }
  log_messages(messages);
}

void Station::log_messages(const std::vector<onair::Message>& messages) {
  changes_ += messages.size();
  for (const auto& message : messages)
    if (const auto line = logbook_.line_of(message); !line.empty()) log::line(line);
}

void Station::log_listeners() {
  const unsigned peers = peers_.connected();
  const auto line = logbook_.line_of({.listeners = listeners_of(pipeline_->sinks) + peers,
                                      .webrtc = peers,
                                      .dropped = dropped_of(pipeline_->sinks),
                                      .refused = refused_.exchange(0)});
  if (line.empty()) return;
  log::line(line);
  ticks_since_logged_ = 0;
}

Now Station::now() {
  advance(position());
  Now now = now_playing_.now();
  if (!play_settings_.auto_dj) now.dwell_remaining = 0;
  if (pipeline_) now.listeners = listeners_of(pipeline_->sinks);
  now.peers = peers_.connected();
  now.has_webrtc = peers_.is_on();
  return now;
}

std::vector<Stream> Station::streams(Detail detail) {
  std::vector<Stream> all;
  for (std::size_t i = 0; pipeline_ && i < kOutputs.size(); ++i) {
    all.push_back(stream_of(pipeline_->sinks[i], kOutputs[i], detail));
    most_listeners_[i] = std::max(most_listeners_[i], all.back().listeners);
    all.back().most_listeners = most_listeners_[i];
  }
  return all;
}

std::uint64_t Station::revision() {
  const Shown shown{g_get_monotonic_time() / (G_USEC_PER_SEC / 10),
                    pipeline_ ? listeners_of(pipeline_->sinks) : 0, peers_.connected(), changes_};
  if (shown != shown_) ++revision_;
  shown_ = shown;
  return revision_;
}

void Station::change_settings(const PlaySettings& play_settings) {
  ++changes_;
  play_settings_ = play_settings;
  pass_on(play_settings);
  if (!pipeline_) return;
  g_object_set(pipeline_->dj, "track-duration", double(play_settings.track_duration), "crossfade",
               play_settings.crossfade, "auto-dj", gboolean{play_settings.auto_dj}, nullptr);
}

void Station::change_genre(const std::string& genre, When when) {
  ++changes_;
  genre_ = genre;
  is_genre_refused_ = pipeline_ != nullptr && !onair::change_genre(pipeline_->dj, genre, when);
  pass_on(Wish{genre, when, when == When::kQueue ? end_of_queue() : std::nullopt});
  log::line("wish: " + genre + (when == When::kNow ? " now" : " after the queue"));
}

void Station::skip() {
  ++changes_;
  if (pipeline_) g_signal_emit_by_name(pipeline_->dj, "skip");
  log::line("wish: skip");
}

void Station::count(const onair::Message& message) {
  if (std::holds_alternative<onair::OnAir>(message)) ++counters_.tracks;
  if (std::holds_alternative<onair::Fade>(message)) ++counters_.fades;
  if (const auto* join = std::get_if<onair::Join>(&message)) {
    ++counters_.joins;
    counters_.join_dips += std::max(-join->dip, 0.0);
    counters_.join_basses += join->basses;
    if (join->beats_apart >= 0) {
      ++counters_.join_beats;
      counters_.join_beats_apart += join->beats_apart / 1000;
    }
    if (join->fifths >= 0) {
      ++counters_.join_keys;
      counters_.join_fifths += join->fifths;
    }
  }
  if (const auto* generator = std::get_if<onair::Generator>(&message))
    counters_.generators[generator->name] = generator->up;
}

Counters Station::counters() {
  Counters counters = counters_;
  counters.refused = static_cast<double>(all_refused_);
  const auto loudness = loudness_.now();
  counters.momentary = loudness.momentary;
  counters.short_term = loudness.short_term;
  counters.integrated = loudness.integrated;
  counters.rms = level_.rms();
  counters.peak = level_.peak();
  counters.silence = level_.silence();
  if (!pipeline_) return counters;
  const auto mixer =
      Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_->dj.get()), "mix"));
  if (!mixer) return counters;
  guint64 underruns = 0, late_frames = 0;
  g_object_get(mixer.get(), "underruns", &underruns, "late-frames", &late_frames, nullptr);
  counters.underruns = static_cast<double>(underruns);
  counters.late_frames = static_cast<double>(late_frames);
  return counters;
}

void Station::pass_on(const RadioEvent& event) const {
  if (observer_) observer_(event);
}

/// Where the tracks that are ready now have been played, about: not all of their lengths are known.
std::optional<Samples> Station::end_of_queue() {
  const Now now = this->now();
  if (!now.on_air) return {};
  double seconds = now.on_air->duration() - play_settings_.crossfade;
  if (now.next) seconds += now.ready * (now.next->duration() - play_settings_.crossfade);
  return now.positions.start + static_cast<Samples>(std::max(0.0, seconds) * 48000);
}

Clock Station::clock(std::string_view listener) {
  Clock clock{.programme = programme_, .output = samples_of(position())};
  if (const auto rtp = peers_.rtp()) clock.rtp = {rtp->timestamp, rtp->position};
  if (pipeline_ && !listener.empty()) clock.listener = position_of(pipeline_->sinks, listener);
  return clock;
}

Health Station::health() {
  const onair::Position position = this->position();
  const std::string reason = fault_.empty() && position == 0 ? "the radio is starting" : fault_;
  return {.good = reason.empty(), .reason = reason, .position = double(position) / 1e9};
}

}  // namespace infinara::station

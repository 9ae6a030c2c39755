// SPDX-License-Identifier: Apache-2.0
#include "station/station.hpp"

#include <gio/gio.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <span>

#include "station/log.hpp"

extern "C" {  // generated as C
#include "pipelines_resource.h"
}

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

/// The Debian package that brings an element of station.launch.
std::string remedy(const std::string& element) {
  if (element == "mooddj" || element == "httpbroadcastsink")
    return "libgstinfinara.so was not found; set GST_PLUGIN_PATH to its folder";
  if (element == "lamemp3enc" || element == "rtpopuspay")
    return "install gstreamer1.0-plugins-good";
  if (element == "opusenc" || element == "oggmux" || element == "appsink")
    return "install gstreamer1.0-plugins-base";
  if (element == "tee" || element == "queue") return "install libgstreamer1.0-0";
  return "install the GStreamer plugin that brings it";
}

Ref<GstElement> parse(const std::string& launch) {
  gstpp::Error error;
  GstParseContext* context = gst_parse_context_new();
  auto parsed = Ref<GstElement>::sink(
      gst_parse_launch_full(launch.c_str(), context, GST_PARSE_FLAG_FATAL_ERRORS, error.out()));
  gchar** missing = gst_parse_context_get_missing_elements(context);
  gst_parse_context_free(context);
  std::string names, remedies;
  for (gchar** name = missing; name != nullptr && *name != nullptr; ++name) {
    names += (names.empty() ? "" : ", ") + std::string(*name);
    if (const auto text = remedy(*name); remedies.find(text) == remedies.npos)
      remedies += (remedies.empty() ? "" : "; ") + text;
  }
  g_strfreev(missing);
  if (!names.empty()) throw CannotPlay("cannot play: " + names + " is missing: " + remedies);
  if (!parsed || error) throw CannotPlay("cannot play the pipeline: " + error.message());
  return parsed;
}

/// An enum property's value by its nick; other types by their text.
void set(GstElement* element, const char* property, const std::string& value) {
  gst_util_set_object_arg(G_OBJECT(element), property, value.c_str());
}

/// What made a state change fail, in the words of the element.
std::string first_error(GstElement* pipeline) {
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  const auto message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR));
  return message ? gstpp::describe_error(message) : "the pipeline does not get ready";
}

std::string clock_text(double seconds) {
  const auto whole = std::lround(seconds);
  const auto rest = std::to_string(whole % 60);
  return std::to_string(whole / 60) + ":" + (rest.size() < 2 ? "0" : "") + rest;
}

/// Bytes that free the visit when the last one who holds them lets go.
Ref<GBytes> ticket_of(door::Visit visit) {
  auto* kept = new door::Visit(std::move(visit));
  return Ref<GBytes>::adopt(g_bytes_new_with_free_func(
      kept, 1, [](gpointer visit) { delete static_cast<door::Visit*>(visit); }, kept));
}

void hand_over(GstElement* listeners, door::Guest guest) {
  const door::Request& request = guest.request;
  const auto header = [&](const char* name) {
    const auto* value = request.header(name);
    return value != nullptr ? door::printable(*value) : std::string();
  };
  const auto ticket = ticket_of(std::move(guest.visit));
  const gstpp::Structure listener(
      gst_structure_new("listener", "method", G_TYPE_STRING, door::name_of(request.method),
                        "version", G_TYPE_STRING, request.minor == 0 ? "HTTP/1.0" : "HTTP/1.1",
                        "icy", G_TYPE_BOOLEAN, gboolean{header("icy-metadata") == "1"}, "agent",
                        G_TYPE_STRING, header("user-agent").c_str(), "address", G_TYPE_STRING,
                        guest.peer.address.c_str(), "ticket", G_TYPE_BYTES, ticket.get(), nullptr));
  const std::string burst = request.query_value("burst");
  double seconds = 0;
  const auto [end, error] = std::from_chars(burst.data(), burst.data() + burst.size(), seconds);
  if (!burst.empty() && error == std::errc{} && end == burst.data() + burst.size() && seconds >= 0)
    gst_structure_set(listener.get(), "burst", G_TYPE_DOUBLE, seconds, nullptr);
  gboolean taken = FALSE;
  g_signal_emit_by_name(listeners, "add", guest.socket.release(), listener.get(), &taken);
}

double number_of(const GstStructure* structure, const char* field) {
  guint64 whole = 0;
  double value = 0;
  if (gst_structure_get_uint64(structure, field, &whole)) return static_cast<double>(whole);
  return gst_structure_get_double(structure, field, &value) ? value : 0;
}

Stream stream_of(GstElement* sink, std::string_view path) {
  Stream stream{.path = path, .list = {}};
  GstStructure* read = nullptr;
  g_object_get(sink, "stats", &read, nullptr);
  const gstpp::Structure stats(read);
  gst_structure_get_uint(read, "listeners", &stream.listeners);
  stream.joined = number_of(read, "joined");
  stream.dropped = number_of(read, "dropped");
  stream.bytes_sent = number_of(read, "bytes-sent");
  stream.delay = number_of(read, "delay");
  const GValue* list = gst_structure_get_value(read, "list");
  for (guint i = 0; i < gst_value_list_get_size(list); ++i) {
    const GstStructure* one = gst_value_get_structure(gst_value_list_get_value(list, i));
    const char* agent = gst_structure_get_string(one, "agent");
    stream.list.push_back({agent != nullptr ? agent : "", number_of(one, "since"),
                           number_of(one, "lag"), number_of(one, "bytes")});
  }
  return stream;
}

/// On all streams together.
unsigned listeners_of(std::span<const Ref<GstElement>> streams) {
  unsigned all = 0;
  for (const auto& stream : streams) {
    guint here = 0;
    g_object_get(stream.get(), "listeners", &here, nullptr);
    all += here;
  }
  return all;
}

}  // namespace

std::string station_launch() {
  const auto bytes = Ref<GBytes>::adopt(g_resource_lookup_data(
      pipelines_get_resource(), "/station.launch", G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr));
  gsize size = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(bytes, &size));
  return {text, size};
}

/// A pipeline that plays, until destroyed.
struct Station::Air {
  explicit Air(const std::string& launch)
      : pipeline(parse(launch)),
        dj(named("dj")),
        streams{named("listeners"), named("opus_listeners")},
        bus(pipeline) {}
  Air(const Air&) = delete;
  Air& operator=(const Air&) = delete;
  ~Air() { gst_element_set_state(pipeline, GST_STATE_NULL); }

  Ref<GstElement> named(const char* name) const {
    auto element = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
    if (!element)
      throw CannotPlay(std::string("cannot play: the pipeline names no \"") + name + "\"");
    return element;
  }

  Ref<GstElement> pipeline;
  Ref<GstElement> dj;
  Streams streams;
  gstpp::BusWatch bus;
};

Station::Station(const Config& config, std::string launch)
    : config_(config),
      launch_(std::move(launch)),
      wishes_{config.track_duration, config.crossfade, config.auto_dj},
      genre_(config.genre),
      peers_({.on = config.webrtc,
              .most = config.max_peers,
              .most_per_address = config.max_per_address,
              .addresses = webrtc_addresses(config),
              .stun = config.stun_server,
              .turn = config.turn_server}) {}

Station::~Station() {
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
  const Config& c = config_;
  std::string folder = c.acestep_folder;
  if (folder.empty() && g_file_test(kUsualFolder, G_FILE_TEST_IS_DIR) != FALSE)
    folder = kUsualFolder;
  std::string state = c.acestep_state;
  if (state.empty())
    state = std::string(g_get_user_state_dir()) + "/infinara/acestep-" + std::to_string(c.port) +
            ".json";
  g_object_set(source, "location", c.acestep_url.c_str(), "api-key", c.acestep_key.c_str(), "model",
               c.acestep_model.c_str(), "output-dir", folder.c_str(), "remote-dir",
               c.acestep_remote_dir.c_str(), "spool-dir", c.acestep_spool.c_str(), "state-file",
               state.c_str(), "audio-format", c.audio_format.c_str(), "inference-steps",
               c.inference_steps, "guidance-scale", c.guidance_scale, "shift", c.shift, nullptr);
}

void Station::go_on_air() {
  auto air = std::make_unique<Air>(launch_);
  GstElement* dj = air->dj;
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
  for (const auto& stream : air->streams)
    g_object_set(stream.get(), "station-name", config_.name.c_str(), nullptr);
  air->bus
      .on(GST_MESSAGE_ELEMENT,
          [this](GstMessage* message) {
            if (auto bulletin = onair::read(message)) on_air_.hear(*std::move(bulletin));
          })
      .on(GST_MESSAGE_ERROR,
          [this](GstMessage* message) { broken(gstpp::describe_error(message)); })
      .on(GST_MESSAGE_EOS, [this](GstMessage*) { broken("the programme ended"); })
      .on(GST_MESSAGE_WARNING,
          [](GstMessage* message) { log("warning: " + gstpp::describe_error(message)); })
      .on(GST_MESSAGE_LATENCY, [pipeline = air->pipeline.get()](GstMessage*) {
        gst_bin_recalculate_latency(GST_BIN(pipeline));
      });
  peers_.hear(Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(air->pipeline.get()), "peers")));
  on_air_ = {};
  last_position_ = 0;
  ticks_still_ = 0;
  trouble_ = "the radio is starting";
  // Who waits at the gate gets an answer before the first sound is made.
  if (gst_element_set_state(air->pipeline, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE)
    throw CannotPlay("cannot play: " + first_error(air->pipeline));
  air_ = std::move(air);
  std::vector<door::Guest> waiting;
  {
    const std::lock_guard lock(gate_);
    streams_ = air_->streams;
    waiting.swap(at_the_gate_);
  }
  for (auto& guest : waiting) let_in(air_->streams, std::move(guest));
  if (gst_element_set_state(air_->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    broken("the pipeline does not start");
}

void Station::listen(door::Guest guest) {
  Streams streams;
  {
    const std::lock_guard lock(gate_);
    streams = streams_;
    if (!streams.front()) {
      at_the_gate_.push_back(std::move(guest));
      return;
    }
  }
  let_in(streams, std::move(guest));
}

/// All streams share one limit.
void Station::let_in(const Streams& streams, door::Guest guest) {
  if (guest.request.method == door::Method::kGet &&
      listeners_of(streams) >= static_cast<unsigned>(config_.max_listeners)) {
    ++refused_;
    return door::refuse(std::move(guest), {503, "the station is full, try again soon"});
  }
  GstElement* const stream = streams[guest.request.path == kStreamPaths[1] ? 1 : 0];
  hand_over(stream, std::move(guest));
}

void Station::broken(const std::string& why) {
  if (replacing_.is_running()) return;  // one break often says more than one error
  const auto pause =
      std::min<std::chrono::milliseconds>(kPause * (1 << std::min(breaks_, 6u)), kLongestPause);
  ++breaks_;
  log("broken: " + why + "; a new pipeline in " + std::to_string(pause.count()) + " ms");
  trouble_ = "the radio is broken: " + why;
  // Not now: this is called by the very bus that goes with it.
  replacing_.once(pause, [this] { replace(); });
}

void Station::replace() {
  if (const std::string genre = on_air_.now().dj_genre; !genre.empty()) genre_ = genre;
  {
    const std::lock_guard lock(gate_);
    streams_ = {};
  }
  peers_.hear(nullptr);
  air_.reset();
  try {
    go_on_air();
  } catch (const CannotPlay& error) {
    broken(error.what());
  }
}

onair::Position Station::position() const {
  guint64 position = 0;
  if (air_) g_object_get(air_->dj, "position", &position, nullptr);
  return position;
}

void Station::tick() {
  if (!air_) return;
  const onair::Position position = this->position();
  const bool moves = position > last_position_;
  last_position_ = position;
  for (const auto& bulletin : on_air_.advance(position)) tell(bulletin);
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

  if (++ticks_since_told_ >= kListenersTicks) tell_listeners();
}

void Station::tell_listeners() {
  const unsigned peers = peers_.connected();
  const unsigned listeners = listeners_of(air_->streams) + peers;
  unsigned dropped = 0;
  for (const auto& stream : air_->streams) {
    guint64 here = 0;
    g_object_get(stream.get(), "dropped", &here, nullptr);
    dropped += static_cast<unsigned>(here);
  }
  const unsigned refused = refused_.exchange(0);
  const unsigned newly = dropped > dropped_told_ ? dropped - dropped_told_ : 0;
  dropped_told_ = dropped;
  if (listeners == listeners_told_ && newly == 0 && refused == 0) return;
  std::string line = std::to_string(listeners) + (listeners == 1 ? " listener" : " listeners");
  if (peers > 0) line += ", " + std::to_string(peers) + " by WebRTC";
  if (newly > 0) line += "; " + std::to_string(newly) + " let go, too slow or no longer reading";
  if (refused > 0) line += "; " + std::to_string(refused) + " turned away, the station is full";
  log(line);
  listeners_told_ = listeners;
  ticks_since_told_ = 0;
}

void Station::tell(const onair::Bulletin& bulletin) {
  if (const auto* on_air = std::get_if<onair::OnAir>(&bulletin)) {
    const std::string before = std::exchange(player_, on_air->generator);
    if (!config_.acestep_url.empty() && !before.empty() && before != player_)
      log(player_ + (player_ == kGenerator ? " takes over from " : " covers for ") + before);
    log("on air: \"" + on_air->order.title + "\", " + on_air->order.genre + ", " +
        clock_text(on_air->order.duration) + ", by " + on_air->generator);
  } else if (const auto* genre = std::get_if<onair::GenreDecided>(&bulletin))
    log("genre: " + genre->genre + " (" + genre->reason + ")" +
        (genre->dwell_end > genre->position
             ? ", for " + clock_text(double(genre->dwell_end - genre->position) / 1e9)
             : ""));
  else if (const auto* generator = std::get_if<onair::Generator>(&bulletin)) {
    const std::string said = std::exchange(remark_, {});
    const bool is_said = !said.empty() && generator->reason.find(said) != generator->reason.npos;
    log("generator: " + generator->name +
        (generator->up ? " " + generator->reason
         : is_said     ? " is down"  // the line before says why
                       : " is down: " + generator->reason));
  } else if (const auto* remark = std::get_if<onair::Remark>(&bulletin))
    log(remark_ = remark->text);
}

Now Station::now() {
  for (const auto& bulletin : on_air_.advance(position())) tell(bulletin);
  Now now = on_air_.now();
  if (!wishes_.auto_dj) now.dwell_remaining = 0;
  if (air_) now.listeners = listeners_of(air_->streams);
  now.peers = peers_.connected();
  return now;
}

std::vector<Stream> Station::streams() {
  std::vector<Stream> all;
  for (std::size_t i = 0; air_ && i < kStreamPaths.size(); ++i)
    all.push_back(stream_of(air_->streams[i], kStreamPaths[i]));
  return all;
}

void Station::wish(const Wishes& wishes) {
  wishes_ = wishes;
  if (!air_) return;
  g_object_set(air_->dj, "track-duration", double(wishes.track_duration), "crossfade",
               wishes.crossfade, "auto-dj", gboolean{wishes.auto_dj}, nullptr);
}

void Station::change_genre(const std::string& genre, When when) {
  genre_ = genre;
  gboolean changed = FALSE;
  if (air_)
    g_signal_emit_by_name(air_->dj, "change-genre", genre.c_str(), when == When::kNow ? 1 : 0,
                          &changed);
  log("wish: " + genre + (when == When::kNow ? " now" : " after the queue"));
}

void Station::skip() {
  if (air_) g_signal_emit_by_name(air_->dj, "skip");
  log("wish: skip");
}

Health Station::health() {
  return {.good = trouble_.empty(), .reason = trouble_, .position = double(position()) / 1e9};
}

}  // namespace infinara::station

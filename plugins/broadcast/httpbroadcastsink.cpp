// SPDX-License-Identifier: Apache-2.0
/**
 * SECTION:element-httpbroadcastsink
 * @title: httpbroadcastsink
 *
 * Sends one encoded stream to any number of listeners over HTTP. It is encoded once and kept once;
 * a listener is a position in it. A listener gets the headers of the format first, then the stream
 * from a random-access point on: a buffer that is no delta unit. Where none has come for 10 s, any
 * buffer is one. Caps that no player could join are refused with the name of the element to add.
 *
 * - A listener gets its response head at once, then the last #httpbroadcastsink:burst seconds in
 *   one go, starting on an MP3 frame that it can decode, then a batch every
 *   #httpbroadcastsink:interval. A listener that is there before any sound gets its first packet.
 * - A response says which output position its first sample has (`Infinara-Position`, samples of
 *   48 kHz by the buffers' time stamps), as a decoder puts it out: the delays of LAME and of MP3
 *   decoders are allowed for, the pre-skip of Opus is dropped by every player. A client that comes
 *   before the first sound is not told; #httpbroadcastsink::position-of tells it later.
 * - A client that sends `Icy-MetaData: 1` is told the titles, "ARTIST - TITLE", whatever the
 *   format. They come as TAG events in the stream, so that they change where the sound does. Where
 *   a muxer keeps those to itself, they are heard at its inputs.
 * - A listener is disconnected only if it is more than #httpbroadcastsink:max-lag behind where it
 *   began, or if its host has acknowledged nothing for 120 seconds. A player may pause, read in
 *   lumps or lose its network for as long as that, and then plays on. It never slows another.
 *   GST_DEBUG httpbroadcastsink:4 logs each disconnect with its reason.
 * - Listeners come through a port of the element's own (#httpbroadcastsink:port), where each path
 *   is the stream, or are handed in by an application with the action signal
 *   #httpbroadcastsink::add.
 *
 * ## Formats
 *
 * | caps | what happens |
 * | --- | --- |
 * | audio/mpeg, layer 3 (MP3) | served; cut into frames here, framed or not |
 * | audio/mpeg, layers 1 and 2 | served; `parsed=false` refused: mpegaudioparse |
 * | audio/mpeg, AAC in ADTS | served as audio/aac; `framed=false` refused: aacparse |
 * | audio/mpeg, AAC raw, ADIF | refused: aacparse ! audio/mpeg,stream-format=adts |
 * | audio/x-flac | converted to native FLAC (`fLaC`, STREAMINFO without a length, tags) |
 * | audio/x-wav | served; its header for each listener, with sizes of a pipe |
 * | audio/x-ac3, -eac3, -dts, -wavpack | served; `framed=false` refused: the parser |
 * | Ogg, WebM, Matroska, FLV, ASF | served with their `streamheader`; refused without |
 * | video/mpegts | served in whole packets, after PAT and PMT where the caps have them |
 * | video/mpeg, systemstream | served |
 * | MP4, fragmented | served by fragments after `ftyp` and `moov` |
 * | MP4, not fragmented | refused: mp4mux fragment-duration=1000 streamable=true |
 * | multipart/x-mixed-replace | served |
 * | audio/x-raw, -mulaw, -alaw | refused: an encoder, or wavenc |
 * | Opus, Vorbis, Speex, CELT | refused: oggmux, or webmmux streamable=true |
 * | ALAC, TTA, WMA, AMR | refused: a muxer that takes it, or another encoder |
 * | AVI, AIFF, AU, RF64, ID3 and APE tags, RTP | refused: another muxer, or none |
 * | any other, with `streamheader` | served, but for bare audio and video |
 * | any other | refused: a muxer |
 *
 * What is refused ends the pipeline with an error of STREAM/WRONG_TYPE; a client that comes then is
 * told the same sentence with status 503. Where the first data decides (WAV, MP4, WebM, Matroska,
 * FLV, ASF), listeners get their response once it is known to be good.
 *
 * The element keeps to the clock (`sync=true`), so a file is sent at the speed at which it sounds.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 audiotestsrc is-live=true ! lamemp3enc bitrate=192 cbr=true target=bitrate !
 * httpbroadcastsink port=8081
 * ]| A tone for every player that opens http://localhost:8081/.
 * |[
 * gst-launch-1.0 filesrc location=show.mp3 ! mpegaudioparse ! httpbroadcastsink port=8081 burst=2
 * ]| A recording, without encoding it again.
 * |[
 * gst-launch-1.0 audiotestsrc is-live=true ! opusenc ! oggmux ! httpbroadcastsink port=8081
 * ]| Ogg Opus; http://localhost:8081/ plays in a browser from whenever it is opened.
 * |[
 * gst-launch-1.0 audiotestsrc is-live=true ! flacenc ! httpbroadcastsink port=8081
 * ]| Lossless: native FLAC, joined at any frame.
 * |[
 * gst-launch-1.0 mooddj genre="lofi hip hop" ! lamemp3enc bitrate=192 cbr=true target=bitrate !
 * httpbroadcastsink port=8081 station-name="Rain"
 * ]| A radio in one line; `curl -H "Icy-MetaData: 1" http://localhost:8081/` shows its titles.
 */
#include <gst/base/gstbasesink.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "broadcast/listener_values.hpp"
#include "broadcast/muxed_tags.hpp"
#include "broadcast/stream_format.hpp"
#include "broadcast/stream_server.hpp"
#include "broadcast/stream_units.hpp"
#include "broadcast/upstream.hpp"
#include "cast/broadcaster.hpp"
#include "cast/icy_titles.hpp"
#include "door/door.hpp"
#include "elements.hpp"
#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
#include "onair/track_tags.hpp"

GST_DEBUG_CATEGORY_STATIC(httpbroadcastsink_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
#define GST_CAT_DEFAULT httpbroadcastsink_debug

namespace infinara {

namespace {

constexpr cast::Seconds kFarewell{1};  // at the end of the stream, for listeners' last bytes

class HttpBroadcastSink {
 public:
  using Base = GstBaseSink;
  using BaseClass = GstBaseSinkClass;
  static constexpr const char* kTypeName = "InfinaraHttpBroadcastSink";
  static GType base_type() { return GST_TYPE_BASE_SINK; }

  struct Settings {
    gint port = -1;
    std::string address = "0.0.0.0";
    double burst = 3;
    double interval = 0.5;
    double max_lag = 90;
    std::string station_name = "Infinara";
    std::string content_type;
    std::string programme;
    guint max_listeners = 0;
  } settings;

  static void class_init(BaseClass* klass);

  explicit HttpBroadcastSink(Base& self) : self_(self) {
    gst_base_sink_set_last_sample_enabled(&self, FALSE);
    // Handing a frame over takes no time that a live pipeline had to plan for.
    gst_base_sink_set_processing_deadline(&self, 0);
  }

  void changed(const char* name);
  gint bound_port() const { return server_.port(); }
  guint listeners() const { return static_cast<guint>(server_.totals().listeners); }
  guint64 bytes_sent() const { return server_.totals().bytes; }
  guint64 joined() const { return server_.totals().joined; }
  guint64 dropped() const { return server_.totals().dropped; }
  guint64 dropped_behind() const { return server_.totals().behind; }
  gstpp::Structure stats() const;
  std::optional<std::int64_t> position_of(const gchar* key) const {
    const auto broadcaster = server_.broadcaster();
    if (!broadcaster || key == nullptr || *key == '\0') return {};
    return broadcaster->position_of(key);
  }
  bool add(int fd, const cast::StreamRequest& request, std::shared_ptr<void> keep) {
    return server_.add(fd, request, std::move(keep));
  }

 private:
  gboolean start();
  gboolean stop();
  GstStateChangeReturn change_state(GstStateChange transition);
  gboolean set_caps(GstCaps* caps);
  void tell_type(cast::Broadcaster& broadcaster);
  void refuse(const std::string& sentence, const std::string& fact);
  gboolean event(GstEvent* event);
  GstFlowReturn render(GstBuffer* buffer);
  gboolean unlock();

  void begin_stream(const Settings& now);
  cast::Broadcaster::Hooks hooks();
  bool open_port(const Settings& now);
  void take_tags(const GstTagList* tags, bool describe_coding);
  Settings settings_now() const {
    gstpp::ObjectLock lock(&self_);
    return settings;
  }

  Base& self_;
  StreamServer server_;

  // The streaming thread's own.
  StreamUnits units_;
  StreamFormat format_;
  std::string type_;  // MIME type of what is sent
  bool is_type_told_ = false;
  MuxedTags muxed_tags_;
};

/// Whether the MP4 that comes to `sink` will have no fragments. Such a muxer keeps its samples,
/// live for ever, and its caps are those of fragments: only its settings tell.
bool lacks_fragments(GstPad* sink) {
  const auto muxer = muxer_before(sink);
  const GType family = g_type_from_name("GstBaseQTMux");  // mp4mux, qtmux, 3gppmux, mj2mux
  if (!muxer || family == 0 || !g_type_is_a(G_OBJECT_TYPE(muxer.get()), family)) return false;
  guint duration = 0;
  g_object_get(muxer.get(), "fragment-duration", &duration, nullptr);
  return duration == 0;
}

/// The class handler of `position-of`. A position that is not known is the least number.
gint64 position_of_handler(GstElement* element, const gchar* key) {
  const auto position = gstpp::impl_of<HttpBroadcastSink>(element).position_of(key);
  return position.value_or(G_MININT64);
}

/// The class handler of `add`. Whatever happens, the descriptor is no longer the caller's.
gboolean add_handler(GstElement* element, gint fd, const GstStructure* request) {
  if (fd < 0) return FALSE;
  door::Socket socket(fd);
  if (request == nullptr) return FALSE;
  try {
    auto listener = onair::listener_request_of(request);
    auto keep = std::make_shared<gstpp::Ref<GBytes>>(std::move(listener.ticket));
    return gstpp::impl_of<HttpBroadcastSink>(element).add(
               socket.release(), stream_request_of(listener), std::move(keep))
               ? TRUE
               : FALSE;
  } catch (const std::exception& error) {
    GST_ERROR_OBJECT(element, "a listener could not be added: %s", error.what());
    return FALSE;
  }
}

void HttpBroadcastSink::class_init(BaseClass* klass) {
  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(
      element, "HTTP broadcast sink", "Sink/Network",
      "Sends one encoded stream to any number of HTTP listeners, each with a burst at the start, "
      "titles if it asks for them, and no power to slow another. Takes MP3, AAC in ADTS, FLAC, "
      "WAV, "
      "AC-3, DTS, WavPack, Ogg, WebM, Matroska, fragmented MP4, MPEG-TS, FLV, ASF and multipart; "
      "what no player could join is refused with the name of the element to add",
      "Infinara");
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_new_any());
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));

  gstpp::bind<&HttpBroadcastSink::change_state>(element->change_state);
  gstpp::bind<&HttpBroadcastSink::start>(klass->start);
  gstpp::bind<&HttpBroadcastSink::stop>(klass->stop);
  gstpp::bind<&HttpBroadcastSink::set_caps>(klass->set_caps);
  gstpp::bind<&HttpBroadcastSink::event>(klass->event);
  gstpp::bind<&HttpBroadcastSink::render>(klass->render);
  gstpp::bind<&HttpBroadcastSink::unlock>(klass->unlock);

  using S = Settings;
  gstpp::Properties<HttpBroadcastSink>(klass)
      .number<&S::port>(
          "port", "Port",
          "TCP port on which this element serves its stream by itself, to GET and HEAD "
          "of any path. 0 takes a free one (see bound-port), -1 opens none: listeners "
          "then come through the action signal add.",
          -1, 65535, gstpp::kReady)
      .text<&S::address>("address", "Address",
                         "IP address to listen on with port. 0.0.0.0 is every IPv4 address of this "
                         "machine, :: every address of both kinds, 127.0.0.1 this machine alone.",
                         gstpp::kReady)
      .number<&S::burst>(
          "burst", "Burst",
          "Seconds of sound that a new listener gets at once, so that its player "
          "starts immediately and has something in hand. A listener can ask for 0 to 8 "
          "with ?burst=N. It then hears the programme so much later, less interval.",
          0, 8, gstpp::kPlaying)
      .number<&S::interval>(
          "interval", "Interval",
          "Seconds between two batches to a listener. Fewer sends cost less; keep it "
          "well below burst, which is what players live on in between.",
          0.02, 5, gstpp::kPlaying)
      .number<&S::max_lag>(
          "max-lag", "Max lag",
          "Seconds that a listener may fall behind where it began. One that is farther behind is "
          "disconnected: it reads an ordinary end of the stream, and players connect again. The "
          "element keeps so much of the stream and 8 seconds more, once for all listeners: 2.4 MB "
          "of MP3 at 192 kbit/s with the default.",
          5, 600, gstpp::kReady)
      .text<&S::station_name>("station-name", "Station name",
                              "Name of the station, which players show (header icy-name).",
                              gstpp::kReady)
      .text<&S::content_type>(
          "content-type", "Content type",
          "MIME type that listeners are told. Empty takes it from the caps, which makes "
          "those who come before them wait for their response.",
          gstpp::kReady)
      .text<&S::programme>(
          "programme", "Programme",
          "Name of the programme whose samples the time stamps of the buffers count. New listeners "
          "are told it (header Infinara-Programme) beside the position of the first sample that "
          "they decode (Infinara-Position), in samples of 48 kHz. Empty: only the position.",
          gstpp::kReady)
      .number<&S::max_listeners>("max-listeners", "Max listeners",
                                 "How many may listen at a time; one more is told 503 with "
                                 "Retry-After. 0 sets no limit.",
                                 0, G_MAXUINT, gstpp::kPlaying)
      .read<&HttpBroadcastSink::bound_port>(
          "bound-port", "Bound port",
          "TCP port that is open now, which is a real number when port is 0; -1 if none is.", -1,
          65535)
      .read<&HttpBroadcastSink::listeners>("listeners", "Listeners",
                                           "How many listen at this moment.")
      .read<&HttpBroadcastSink::bytes_sent>(
          "bytes-sent", "Bytes sent",
          "Bytes of the stream sent to all listeners together since the element was started.")
      .read<&HttpBroadcastSink::joined>("joined", "Joined",
                                        "How many have listened since the element was started.")
      .read<&HttpBroadcastSink::dropped>(
          "dropped", "Dropped",
          "How many were disconnected, since they were more than max-lag behind or their hosts "
          "did not answer.")
      .read<&HttpBroadcastSink::dropped_behind>(
          "dropped-behind", "Dropped behind", "How many of dropped were more than max-lag behind.")
      .read<&HttpBroadcastSink::stats>(
          "stats", "Statistics",
          "A structure: listeners (uint), joined, dropped (see there), refused for want of room, "
          "bytes-sent (uint64), "
          "delay (seconds behind the stream: burst less interval), and "
          "list, a GstValueList of structures, one a listener and at "
          "most 100: address, agent (strings), since, lag "
          "(seconds), bytes (uint64).");

  /**
   * HttpBroadcastSink::add:
   * @fd: a connected TCP socket that does not block
   * @request: a structure `listener`: method ("GET", "HEAD", "OPTIONS"), version ("HTTP/1.0",
   *   "HTTP/1.1"), icy (boolean), burst (seconds, optional), agent, address, key (strings), ticket
   *   (GBytes, optional: freed when the connection is closed)
   *
   * Hands a client to the sink, which answers it from the response head on and owns @fd from this
   * call on, whatever it returns. Request bytes that are still in the socket are thrown away. Any
   * thread, from READY on.
   *
   * Returns: TRUE if the client is served, FALSE if it was turned away.
   */
  g_signal_new_class_handler("add", G_TYPE_FROM_CLASS(klass),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(add_handler), nullptr, nullptr, nullptr, G_TYPE_BOOLEAN, 2,
                             G_TYPE_INT, GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * HttpBroadcastSink::position-of:
   * @key: what the client gave as its key (`key` of add, or `?listener=` at the element's own port)
   *
   * Returns: the position of the first sample that this listener decodes, as the header
   * Infinara-Position tells it; %G_MININT64 if there is no such listener or it has no sound yet.
   */
  g_signal_new_class_handler("position-of", G_TYPE_FROM_CLASS(klass),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(position_of_handler), nullptr, nullptr, nullptr,
                             G_TYPE_INT64, 1, G_TYPE_STRING);
}

void HttpBroadcastSink::changed(const char*) {
  const auto broadcaster = server_.broadcaster();
  if (!broadcaster) return;
  gstpp::ObjectLock lock(&self_);
  broadcaster->set_burst(cast::Seconds(settings.burst));
  broadcaster->set_interval(cast::Seconds(settings.interval));
  broadcaster->set_max_listeners(settings.max_listeners);
}

/// On the way to READY; a port that cannot be had shows here, before anything plays.
gboolean HttpBroadcastSink::start() {
  const Settings now = settings_now();
  try {
    begin_stream(now);
  } catch (const std::system_error& error) {
    GST_ELEMENT_ERROR(&self_, RESOURCE, OPEN_READ_WRITE,
                      ("The radio cannot serve listeners: %s.", error.code().message().c_str()),
                      ("%s", error.what()));
    return FALSE;
  }
  if (now.port < 0 || open_port(now)) return TRUE;
  stop();
  return FALSE;
}

/// A broadcaster with nobody and nothing in it. The one before, if any, closes its listeners.
void HttpBroadcastSink::begin_stream(const Settings& now) {
  cast::BroadcasterOptions options;
  options.name = now.station_name;
  options.burst = cast::Seconds(now.burst);
  options.interval = cast::Seconds(now.interval);
  options.max_lag = cast::Seconds(now.max_lag);
  options.max_listeners = now.max_listeners;
  options.content_type = now.content_type;
  options.programme = now.programme;
  units_ = {};
  type_.clear();
  is_type_told_ = false;
  server_.begin(options, hooks());
}

GstStateChangeReturn HttpBroadcastSink::change_state(GstStateChange transition) {
  const auto result = gstpp::parent_class_of<HttpBroadcastSink, GstElementClass>()->change_state(
      GST_ELEMENT(&self_), transition);
  // What was heard before does not go on from here.
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    muxed_tags_.forget();
    begin_stream(settings_now());
  }
  return result;
}

bool HttpBroadcastSink::open_port(const Settings& now) {
  try {
    const int port = server_.open_port(now.address, now.port);
    GST_INFO_OBJECT(&self_, "serving on %s port %d", now.address.c_str(), port);
    return true;
  } catch (const door::CannotListen& error) {
    GST_ELEMENT_ERROR(
        &self_, RESOURCE, OPEN_READ_WRITE, ("%s.", error.what()),
        ("address=%s port=%d errno=%d", now.address.c_str(), now.port, error.error()));
    return false;
  }
}

gboolean HttpBroadcastSink::stop() {
  server_.end();
  return TRUE;
}

cast::Broadcaster::Hooks HttpBroadcastSink::hooks() {
  cast::Broadcaster::Hooks hooks;
  hooks.joined = [this](const cast::ListenerInfo& listener) {
    GST_INFO_OBJECT(&self_, "listener %s (%s) joined", listener.address.c_str(),
                    listener.agent.c_str());
  };
  hooks.left = [this](const cast::ListenerInfo& listener, std::string_view reason, bool dropped) {
    GST_INFO_OBJECT(&self_,
                    "listener %s (%s) %s: %.*s, after %.1f s and %" G_GUINT64_FORMAT " bytes",
                    listener.address.c_str(), listener.agent.c_str(), dropped ? "dropped" : "left",
                    static_cast<int>(reason.size()), reason.data(), listener.since.count(),
                    static_cast<guint64>(listener.bytes));
  };
  return hooks;
}

gboolean HttpBroadcastSink::set_caps(GstCaps* caps) {
  GST_DEBUG_OBJECT(&self_, "to be sent: %" GST_PTR_FORMAT, static_cast<void*>(caps));
  const Settings now = settings_now();
  format_ = format_of(caps);
  if (!format_.refusal.empty()) {
    const gstpp::String text(gst_caps_to_string(caps));
    refuse(format_.refusal, std::string("caps ") + text.get());
    return FALSE;
  }
  if (format_.cut == StreamFormat::Cut::kMp4Fragments &&
      lacks_fragments(GST_BASE_SINK_PAD(&self_))) {
    refuse(format_.remedy, "the muxer has fragment-duration=0");
    return FALSE;
  }
  const std::string type = now.content_type.empty() ? format_.type : now.content_type;
  // Listeners have been told another type, and must come again for this one.
  if (!type_.empty() && type_ != type) begin_stream(now);
  server_.set_refusal("");
  const auto broadcaster = server_.broadcaster();
  if (!broadcaster) return TRUE;
  units_.set_caps(caps, format_, *broadcaster);
  type_ = type;
  if (!format_.is_known_late()) tell_type(*broadcaster);
  muxed_tags_.find(GST_BASE_SINK_PAD(&self_), GST_ELEMENT(&self_),
                   [this](const GstTagList* tags, bool only) { take_tags(tags, only); });
  return TRUE;
}

/// From now on listeners get their response heads.
void HttpBroadcastSink::tell_type(cast::Broadcaster& broadcaster) {
  if (!std::exchange(is_type_told_, true)) broadcaster.set_type(type_);
}

/// Says why the stream cannot be served, to the application and to each client from now on, and
/// closes the listeners that wait for it. The streaming thread.
void HttpBroadcastSink::refuse(const std::string& sentence, const std::string& fact) {
  begin_stream(settings_now());
  server_.set_refusal(sentence);
  GST_ELEMENT_ERROR(&self_, STREAM, WRONG_TYPE, ("%s", sentence.c_str()), ("%s", fact.c_str()));
}

GstFlowReturn HttpBroadcastSink::render(GstBuffer* buffer) {
  if (!units_.knows_caps()) {
    GST_ELEMENT_ERROR(&self_, STREAM, FORMAT, ("The sink was not told what kind of data it gets."),
                      ("no caps before the first buffer: put a parser, such as mpegaudioparse, "
                       "before it"));
    return GST_FLOW_NOT_NEGOTIATED;
  }
  const auto broadcaster = server_.broadcaster();
  if (!broadcaster) return GST_FLOW_FLUSHING;
  const auto skipped = units_.skipped();
  if (const auto fault = units_.push(buffer, *broadcaster)) {
    refuse(format_.remedy, *fault);
    return GST_FLOW_ERROR;
  }
  if (units_.has_begun()) tell_type(*broadcaster);
  if (units_.skipped() != skipped)
    GST_DEBUG_OBJECT(&self_, "%" G_GUINT64_FORMAT " bytes belong to no packet",
                     static_cast<guint64>(units_.skipped() - skipped));
  return GST_FLOW_OK;
}

gboolean HttpBroadcastSink::event(GstEvent* event) {
  const auto broadcaster = server_.broadcaster();
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_TAG: {
      GstTagList* tags = nullptr;
      gst_event_parse_tag(event, &tags);
      take_tags(tags, true);
      break;
    }
    case GST_EVENT_FLUSH_STOP:
      units_.reset();
      break;
    case GST_EVENT_EOS:
      if (!broadcaster) break;
      broadcaster->finish();
      broadcaster->wait_until_sent(kFarewell);
      break;
    default:
      break;
  }
  return gstpp::parent_class_of<HttpBroadcastSink>()->event(&self_, event);
}

/// Tags that name nothing, such as an encoder's own, leave the title as it is. Any thread.
/// `describe_coding`: the bitrate among them is that of the stream.
void HttpBroadcastSink::take_tags(const GstTagList* tags, bool describe_coding) {
  const auto broadcaster = server_.broadcaster();
  if (!broadcaster) return;
  const std::string artist = onair::text_of(tags, GST_TAG_ARTIST);
  const std::string title = onair::text_of(tags, GST_TAG_TITLE);
  const std::string genre = onair::text_of(tags, GST_TAG_GENRE);
  if (!title.empty()) broadcaster->set_title(artist.empty() ? title : artist + " - " + title);
  if (!genre.empty()) broadcaster->set_genre(genre);
  guint bitrate = 0;  // bits a second; MP3 frames say theirs themselves
  if (describe_coding && (gst_tag_list_get_uint(tags, GST_TAG_NOMINAL_BITRATE, &bitrate) ||
                          gst_tag_list_get_uint(tags, GST_TAG_BITRATE, &bitrate)))
    broadcaster->set_bitrate(static_cast<int>((bitrate + 500) / 1000));
}

/// A wait for listeners' last bytes must not hold up a state change.
gboolean HttpBroadcastSink::unlock() {
  if (const auto broadcaster = server_.broadcaster()) broadcaster->cancel_wait();
  return TRUE;
}

gstpp::Structure HttpBroadcastSink::stats() const {
  const Settings now = settings_now();
  const auto broadcaster = server_.broadcaster();
  auto stats = broadcaster ? stats_of(*broadcaster) : onair::StreamStats{};
  stats.delay = std::max(0.0, now.burst - now.interval);
  return onair::structure_of(stats);
}

}  // namespace

bool register_httpbroadcastsink(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(httpbroadcastsink_debug, "httpbroadcastsink", 0,
                          "one stream to many HTTP listeners");
  return gst_element_register(plugin, "httpbroadcastsink", GST_RANK_NONE,
                              gstpp::type_of<HttpBroadcastSink>());
}

}  // namespace infinara

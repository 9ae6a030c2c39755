// SPDX-License-Identifier: Apache-2.0
/**
 * SECTION:element-mooddj
 *
 * A radio in one element: it orders tracks from generators, plays them one into the other, and
 * wanders through the genres that its property `genre` lists, from each to a neighbour only.
 *
 * - A generator is any element with a pad `src` that plays one track and ends, as audio/x-raw of
 *   any format and rate or as a file of MP3, FLAC, WAV or Ogg. Of the properties `genre`,
 *   `caption`, `title`, `duration` (seconds), `length-tolerance` (0.08: the duration is a wish),
 *   `seed`, `bpm` and `key` it is told those it has. Its TAG events decide what listeners read;
 *   title and genre of the order and the element's name as artist stand in for what it does not
 *   say.
 * - Each track's key and tempo mix with those of the one before: the same key, its relative or one
 *   a fifth away; the same tempo, its double or its half, within 4 %. The last tracks of a genre
 *   lead to the tempo of the next.
 * - `buffer-ahead` tracks stand ready beside the one that plays. They are made as they are played:
 *   of each only the next seconds are in memory.
 * - The DJ stays in a genre for the number of tracks that is nearest to a time drawn between
 *   `dwell-min` and `dwell-max`, one at least; the time is counted in programme, not by a clock. A
 *   listener's choice restarts it. Where `genre-change` is now, the time itself decides.
 * - A change of genre lets the queue play out, or is heard within seconds: the old queue is then
 *   kept, and used when its genre returns.
 * - A generator that fails costs a retry with the next in the list; one that is slow is covered by
 *   it. Both are tried again, and a track that only covers is left by a crossfade, once it was
 *   heard for 10 s, when the generator for which it covers has one ready. Errors of generators
 *   never reach the application.
 *
 * On `src` come buffers of 20 ms with timestamps n * 20 ms, paced by the clock unless `is-live` is
 * false. TAG events come right before the buffer in which a track passes half of its fade-in.
 *
 * Element messages, all positions in nanoseconds as the timestamps on `src`. The fields of a track
 * are id, genre, caption, seed, ordered-title, ordered-duration (seconds), ordered-bpm and
 * ordered-key as ordered; generator, title, artist and duration (seconds) as made; and tags, all
 * that is known of what was made:
 * |[
 * infinara-on-air         position, start, and a track; once more with another title or artist if
 *                         the source changes its tags while the track is on air
 * infinara-fade           position, end, on-air, from, to,    where the next is on air; ids, 0 is
 *                         plan                                silence; a planned join in words, as
 *                                                             8 bars at 118 bpm, A minor to C major
 * infinara-join           position, from, to, dip, rise,      what it was: dB of the quietest and
 *                         basses, beats-apart, fifths         the loudest 0.4 s against both sides,
 *                                                             seconds, ms, fifths; -1: not known.
 *                                                             12 s later; not of skips
 * infinara-genre-decided  position, genre, reason, dwell-end  start|dwell|listener|settings
 * infinara-next           position, ready, and a track        id 0: none is ready
 * infinara-generator      position, name, up, reason
 * infinara-servers        position, servers           of a source that has its music made elsewhere
 * infinara-remark         position, text              one line of such a source for a log
 * ]|
 *
 * ## Examples
 * |[
 * gst-launch-1.0 mooddj genre=ambient ! audioconvert ! autoaudiosink
 * ]| A radio for this room.
 * |[
 * gst-launch-1.0 mooddj genre="lofi hip hop" crossfade=8 track-duration=40 ! lamemp3enc bitrate=192
 * cbr=true target=bitrate ! httpbroadcastsink port=8081
 * ]| A radio for the house: http://localhost:8081/.
 * |[
 * gst-launch-1.0 mooddj is-live=false seed=7 ! fakesink num-buffers=180000
 * ]| An hour of a programme as fast as it can be made; the same seed makes the same hour.
 * |[
 * gst-play-1.0 'radio://jazz?seed=7&crossfade=8'
 * ]| The radio in any player, as a URI: GENRE may be empty, a space is %20 or +, names are seed,
 * num-tracks, track-duration, crossfade, curve, join, dwell-min, dwell-max, auto-dj, buffer-ahead
 * and is-live.
 * |[
 * gst-launch-1.0 uridecodebin uri="radio://drum%20and%20bass?num-tracks=3&is-live=false" !
 * flacenc ! filesink location=mixtape.flac
 * ]| A mixtape of three tracks, as fast as it can be made.
 */
#include <gst/gst.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "deck.hpp"
#include "decks.hpp"
#include "elements.hpp"
#include "fade_properties.hpp"
#include "genre_uri.hpp"
#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
#include "inner_messages.hpp"
#include "music/programme.hpp"
#include "music/ranges.hpp"
#include "onair/message.hpp"
#include "pcm_caps.hpp"
#include "programme_executor.hpp"
#include "sound/fade.hpp"
#include "text/list.hpp"

GST_DEBUG_CATEGORY(mooddj_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
#define GST_CAT_DEFAULT mooddj_debug

namespace infinara {
namespace {

using music::When;

GstStaticPadTemplate programme_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kPcmCaps));

GType when_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(When::kQueue), "When the tracks ready now have been played", "queue"},
      {static_cast<int>(When::kNow), "As soon as there is a track of it", "now"},
      {0, nullptr, nullptr}};
  static const GType type = gstpp::enum_type("InfinaraMoodDjWhen", values);
  return type;
}

/// Of the elements that are named, those that can make music; and why the others cannot.
struct Generators {
  std::vector<std::string> usable;
  std::string refusals;
};
Generators generators_in(const std::string& names) {
  Generators out;
  for (const auto item : text::items_of(names)) {
    std::string name(item);
    if (name.empty()) continue;
    if (const auto refusal = Deck::refusal(name))
      out.refusals += (out.refusals.empty() ? "" : "; ") + *refusal;
    else
      out.usable.push_back(std::move(name));
  }
  return out;
}

class MoodDj final : private ProgrammeExecutor::Handler {
 public:
  using Base = GstBin;
  using BaseClass = GstBinClass;
  static constexpr const char* kTypeName = "InfinaraMoodDj";
  static GType base_type() { return GST_TYPE_BIN; }
  static void class_init(BaseClass* klass);
  explicit MoodDj(Base& self);

  struct Settings {
    std::string genre;
    std::string generators = "housebandsrc";
    double track_duration = 90;
    double crossfade = 5;
    sound::Curve curve = sound::Curve::kSmoothstep;
    sound::JoinStyle join = sound::JoinStyle::kPlain;
    double dwell_min = 300;
    double dwell_max = 900;
    guint buffer_ahead = 3;
    bool auto_dj = true;
    guint num_tracks = 0;
    gint64 seed = -1;
    When genre_change = When::kQueue;
    bool is_live = true;
  } settings;
  void changed(const char* property);

 private:
  GstStateChangeReturn change_state(GstStateChange transition);
  void handle_message(GstMessage* message);
  gboolean send_event(GstEvent* event);

  bool open();
  void close();
  void hear_buffer(GstBuffer* buffer);
  void carry_out(const Command& command) override;
  void give_up() override;
  bool choose(const char* genre, When when);
  void skip() { executor_.happen(music::Skip{}); }
  music::Settings settings_of_programme(bool is_live);

  std::string current_genre() const { return messages_.current_genre(); }
  double dwell_remaining() const { return executor_.dwell_remaining(); }
  guint tracks_ready() const { return executor_.tracks_ready(); }
  guint64 position() const { return executor_.position(); }

  GstBin& self_;
  GstElement* mixer_;  // owned by the bin

  ProgrammeExecutor executor_{*this};
  Decks decks_;
  JoinListener joins_;
  InnerMessages messages_;
};

void MoodDj::class_init(BaseClass* klass) {
  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element, &programme_template);
  gst_element_class_set_static_metadata(
      element, "Mood DJ", "Source/Audio",
      "An endless radio programme: orders tracks from generators, plays each into the next and "
      "wanders from genre to neighbouring genre",
      "Infinara");
  gstpp::bind<&MoodDj::change_state>(element->change_state);
  gstpp::bind<&MoodDj::send_event>(element->send_event);
  gstpp::bind<&MoodDj::handle_message>(klass->handle_message);

  static const std::string genre_blurb =
      "The genre in which the DJ stands, one of " + music::genre_names() +
      ". Empty at the start: drawn from the seed. Set while playing it is a listener's wish, heard "
      "as genre-change says; an unknown one changes nothing.";
  add_fades(
      gstpp::Properties<MoodDj>(klass)
          .text<&Settings::genre>("genre", "Genre", genre_blurb.c_str(), gstpp::kPlaying)
          .text<&Settings::generators>(
              "generators", "Generators",
              "Names of the elements that make the tracks, separated by commas, the preferred one "
              "first; the others help out when it fails or is slow.",
              gstpp::kReady)
          .number<&Settings::track_duration>(
              "track-duration", "Track duration",
              "Seconds of each track ordered from now on, at least "
              "5; a wish that a generator may miss by 8 %. 0: drawn "
              "for each track, 80 to 240, and 240 to 480 for ambient.",
              0, music::kTrackDurations.high, gstpp::kPlaying))
      .number<&Settings::dwell_min>("dwell-min", "Least dwell",
                                    "The least time in one genre, in seconds of programme, met to "
                                    "the nearest end of a track unless genre-change is now.",
                                    music::kDwells.low, music::kDwells.high, gstpp::kPlaying)
      .number<&Settings::dwell_max>(
          "dwell-max", "Longest dwell",
          "The longest time in one genre, in seconds of programme; below dwell-min it counts as "
          "that. Either one also fits the present dwell.",
          music::kDwells.low, music::kDwells.high, gstpp::kPlaying)
      .number<&Settings::buffer_ahead>("buffer-ahead", "Buffer ahead",
                                       "How many tracks stand ready beside the one that plays. "
                                       "Each takes a few seconds of sound "
                                       "in memory, and its generator.",
                                       music::kTracksAhead.low, music::kTracksAhead.high,
                                       gstpp::kPlaying)
      .flag<&Settings::auto_dj>("auto-dj", "Auto-DJ",
                                "Whether the DJ walks on to a neighbouring genre at the end of a "
                                "dwell, as dwell-min says; switched on, a new dwell begins.",
                                gstpp::kPlaying)
      .number<&Settings::num_tracks>(
          "num-tracks", "Number of tracks",
          "How many tracks are played before the programme ends with an EOS; 0 lets it never end.",
          0, G_MAXUINT, gstpp::kPlaying)
      .number<&Settings::seed>(
          "seed", "Seed",
          "Decides the walk, the titles and the tracks' own seeds: the same one makes the same "
          "programme. -1: a new one each time.",
          music::kSeeds.low, music::kSeeds.high, gstpp::kReady)
      .choice<&Settings::genre_change>(
          "genre-change", "Genre change",
          "When a change of genre is heard, be it the DJ's or one made by setting genre: queue "
          "lets the tracks ready now play out, now fades to the new genre within seconds.",
          when_type(), gstpp::kPlaying)
      .flag<&Settings::is_live>(
          "is-live", "Is live",
          "Whether the clock paces the programme; if false it is made as fast as the tracks come "
          "and waits for each.",
          gstpp::kReady)
      .read<&MoodDj::current_genre>("current-genre", "Current genre",
                                    "The genre of the track on air; empty before the first.")
      .read<&MoodDj::dwell_remaining>("dwell-remaining", "Dwell remaining",
                                      "How long the DJ means to stay in the genre, in seconds of "
                                      "programme; 0 when it is over, or if the DJ stays "
                                      "until told otherwise.",
                                      0, music::kDwells.high)
      .read<&MoodDj::tracks_ready>("tracks-ready", "Tracks ready",
                                   "How many tracks could start at once, not counting the one on "
                                   "air.")
      .read<&MoodDj::position>("position", "Position",
                               "How much of the programme has gone out, in nanoseconds.");

  const GType type = G_TYPE_FROM_CLASS(klass);
  const auto flags = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
  /**
   * InfinaraMoodDj::skip:
   * Fades to the next track in 0.4 s, as soon as there is one; with planned joins on the next beat.
   * In the first half of a crossfade the track that comes in is the next one. Ignored if nothing
   * plays.
   */
  g_signal_new_class_handler("skip", type, flags, G_CALLBACK(+[](GstElement* self) {
                               gstpp::impl_of<MoodDj>(self).skip();
                             }),
                             nullptr, nullptr, nullptr, G_TYPE_NONE, 0);
  /**
   * InfinaraMoodDj::change-genre:
   * @genre: one of those that the property `genre` lists
   * @when: queue or now
   *
   * A listener's wish; the dwell begins anew, and of two the last one counts.
   * Returns: FALSE if the genre is unknown or nothing plays yet; nothing has changed then.
   */
  g_signal_new_class_handler(
      "change-genre", type, flags,
      G_CALLBACK(+[](GstElement* self, const gchar* genre, gint when) -> gboolean {
        return gstpp::impl_of<MoodDj>(self).choose(genre, static_cast<When>(when));
      }),
      nullptr, nullptr, nullptr, G_TYPE_BOOLEAN, 2, G_TYPE_STRING, when_type());
}

MoodDj::MoodDj(Base& self)
    : self_(self),
      mixer_(gst_element_factory_make("smoothstepmix", "mix")),
      decks_(self, mixer_,
             [this](music::TrackId id, const std::string& reason) {
               executor_.happen(music::Failed{id, reason});
             }),
      joins_(*GST_ELEMENT(&self)),
      messages_(self, mixer_, executor_, decks_, joins_) {
  if (mixer_ == nullptr) return;  // open() says so
  gst_bin_add(&self, mixer_);
  const auto end = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(mixer_, "src"));
  const auto pad_template =
      gstpp::Ref<GstPadTemplate>::adopt(gst_static_pad_template_get(&programme_template));
  gst_element_add_pad(GST_ELEMENT(&self),
                      gst_ghost_pad_new_from_template("src", end, pad_template));
  gst_pad_add_probe(
      end, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer impl) {
        static_cast<MoodDj*>(impl)->hear_buffer(GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
      },
      this, nullptr);
}

// --- settings and figures

music::Settings MoodDj::settings_of_programme(bool is_live) {
  const gstpp::ObjectLock lock(&self_);
  const double least = music::kTrackDurations.low;
  return {
      .track_duration = settings.track_duration > 0 ? std::max(settings.track_duration, least) : 0,
      .crossfade = settings.crossfade,
      .dwell_min = settings.dwell_min,
      .dwell_max = settings.dwell_max,
      .buffer_ahead = settings.buffer_ahead,
      .auto_dj = settings.auto_dj,
      .num_tracks = settings.num_tracks,
      .genre_change = settings.genre_change,
      .live = is_live};
}

void MoodDj::changed(const char* property) {
  if (mixer_ == nullptr) return;
  const std::string_view name(property);
  Settings now;
  {
    const gstpp::ObjectLock lock(&self_);
    now = settings;
  }
  if (name == "crossfade") g_object_set(mixer_, "crossfade", now.crossfade, nullptr);
  if (name == "curve") g_object_set(mixer_, "curve", static_cast<gint>(now.curve), nullptr);
  if (name == "join") g_object_set(mixer_, "join", static_cast<gint>(now.join), nullptr);
  if (name == "is-live") g_object_set(mixer_, "is-live", gboolean{now.is_live}, nullptr);
  const auto standing = executor_.genre();
  if (!standing) return;  // all is judged when it starts
  if (name != "genre")
    return executor_.happen(music::Change{settings_of_programme(executor_.is_live())});
  if (choose(now.genre.c_str(), now.genre_change)) return;
  GST_ELEMENT_WARNING(&self_, LIBRARY, SETTINGS, ("There is no genre “%s”.", now.genre.c_str()),
                      ("genre is one of %s", music::genre_names().c_str()));
  const gstpp::ObjectLock lock(&self_);
  settings.genre = music::kGenres.at(*standing).name;
}

bool MoodDj::choose(const char* genre, When when) {
  const music::Genre* found = music::find_genre(genre != nullptr ? genre : "");
  if (found == nullptr || !executor_.is_open()) return false;
  executor_.happen(music::ChooseGenre{music::index_of(*found), when});
  return true;
}

// --- up and down

GstStateChangeReturn MoodDj::change_state(GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !open()) return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) executor_.close();
  const auto result = gstpp::parent_class_of<MoodDj, GstElementClass>()->change_state(
      GST_ELEMENT(&self_), transition);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    if (result == GST_STATE_CHANGE_FAILURE)
      close();
    else
      executor_.happen(music::Begin{});
  }
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) close();
  return result;
}

/// Begins a programme with the present settings; posts an error and returns false if it cannot.
bool MoodDj::open() {
  Settings now;
  {
    const gstpp::ObjectLock lock(&self_);
    now = settings;
  }
  if (mixer_ == nullptr) {
    GST_ELEMENT_ERROR(&self_, CORE, MISSING_PLUGIN, ("The mixer is missing."),
                      ("there is no element smoothstepmix"));
    return false;
  }
  std::optional<music::GenreIndex> start;
  if (!now.genre.empty()) {
    const music::Genre* genre = music::find_genre(now.genre);
    if (genre == nullptr) {
      GST_ELEMENT_ERROR(&self_, LIBRARY, SETTINGS, ("There is no genre “%s”.", now.genre.c_str()),
                        ("genre is one of %s", music::genre_names().c_str()));
      return false;
    }
    start = music::index_of(*genre);
  }
  auto [generators, refusals] = generators_in(now.generators);
  if (generators.empty()) {
    GST_ELEMENT_ERROR(&self_, CORE, MISSING_PLUGIN,
                      ("No generator in “%s” can make music.", now.generators.c_str()),
                      ("%s", refusals.empty() ? "generators is empty" : refusals.c_str()));
    return false;
  }
  if (!refusals.empty())
    GST_ELEMENT_WARNING(&self_, CORE, MISSING_PLUGIN,
                        ("Not every generator in “%s” can make music.", now.generators.c_str()),
                        ("%s", refusals.c_str()));

  const auto seed = now.seed < 0 ? g_random_int() : static_cast<guint32>(now.seed);
  const auto rules = settings_of_programme(now.is_live);
  joins_.open(now.is_live);
  executor_.open(music::Programme(rules, std::move(generators), start, seed), now.is_live);
  return true;
}

/// Takes every deck down. The mixer has stopped.
void MoodDj::close() {
  executor_.close();
  decks_.clear();
  messages_.clear();
  joins_.clear();
}

/// An EOS ends the programme, which the mixer makes; the tracks need none.
gboolean MoodDj::send_event(GstEvent* event) {
  return gst_element_send_event(mixer_, event);
}

// --- what is heard from below

void MoodDj::handle_message(GstMessage* raw) {
  auto message = gstpp::Ref<GstMessage>::adopt(raw);
  if (!messages_.take(raw))
    gstpp::parent_class_of<MoodDj>()->handle_message(&self_, message.release());
}

/// On the mixer's thread, before the buffer goes out.
void MoodDj::hear_buffer(GstBuffer* buffer) {
  joins_.hear(buffer);
  executor_.reach(GST_BUFFER_PTS(buffer) + GST_BUFFER_DURATION(buffer));
}

// --- what the programme wants done

void MoodDj::carry_out(const Command& command) {
  auto* element = GST_ELEMENT(&self_);
  const auto act = [&]<class T>(const T& x) {
    if constexpr (std::is_same_v<T, music::Make>) {
      decks_.make(x);
    } else if constexpr (std::is_same_v<T, music::Retire>) {
      decks_.retire(x.id);
    } else if constexpr (std::is_same_v<T, music::Park>) {
      decks_.park(x.id, true);
    } else if constexpr (std::is_same_v<T, music::Unpark>) {
      decks_.park(x.id, false);
    } else if constexpr (std::is_same_v<T, music::Advance>) {
      g_signal_emit_by_name(mixer_, "advance", gdouble{x.seconds});
    } else if constexpr (std::is_same_v<T, music::Finish>) {
      gst_element_send_event(mixer_, gst_event_new_eos());
    } else if constexpr (std::is_same_v<T, music::NextIs>) {
      const auto track = decks_.track(x.order.id).value_or(music::Track{.order = x.order});
      onair::post(element, onair::Next{command.at, track, x.ready});
    } else if constexpr (std::is_same_v<T, music::GeneratorIs>) {
      onair::post(element, onair::Generator{command.at, x.name, x.up, x.reason});
    } else {
      static_assert(std::is_same_v<T, music::GenreIs>);
      const std::string genre(music::kGenres.at(x.genre).name);
      {
        const gstpp::ObjectLock lock(&self_);
        settings.genre = genre;
      }
      onair::post(element, onair::GenreDecided{command.at, genre, x.reason, x.dwell_end});
      g_object_notify(G_OBJECT(&self_), "genre");
    }
  };
  if (const auto* message = std::get_if<onair::Message>(&command.what))
    onair::post(element, *message);
  else
    std::visit(act, std::get<music::Action>(command.what));
}

void MoodDj::give_up() {
  GST_ELEMENT_ERROR(&self_, RESOURCE, FAILED, ("No generator delivers music."),
                    ("every order has failed, and a programme that is not live does not wait"));
}

constexpr char kRadioScheme[] = "radio";
// What a URI may set: nothing that names elements.
constexpr std::array kRadioUriNames = {
    UriProperty{"seed"},         UriProperty{"num-tracks"}, UriProperty{"track-duration"},
    UriProperty{"crossfade"},    UriProperty{"curve"},      UriProperty{"join"},
    UriProperty{"dwell-min"},    UriProperty{"dwell-max"},  UriProperty{"auto-dj"},
    UriProperty{"buffer-ahead"}, UriProperty{"is-live"},
};

}  // namespace

bool register_mooddj(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(mooddj_debug, "mooddj", 0, "the DJ");
  const GType type = gstpp::type_of<MoodDj>();
  add_genre_uri<kRadioScheme, kRadioUriNames>(type);
  // Asked for radio:// before v4l2radio, whose URIs name a frequency; too low to be plugged by
  // itself, as autoaudiosrc would.
  return gst_element_register(plugin, "mooddj", GST_RANK_NONE + 1, type) != FALSE;
}

}  // namespace infinara

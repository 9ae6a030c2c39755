// SPDX-License-Identifier: Apache-2.0
/**
 * SECTION:element-housebandsrc
 * @title: housebandsrc
 *
 * Composes and plays one track in a genre, on the CPU alone: a pad that gives 48 kHz stereo for
 * `duration` seconds and then the end of the stream. The same genre, seed, duration,
 * length-tolerance, bpm, key, energy, form and soundfont give the same samples.
 *
 * - It is not live: sound comes as fast as it is asked for, about thirty times as fast as it plays.
 * - It knows its length and can be sought in, to the sample: the track is rendered again from its
 *   begin, so a seek takes about a thirtieth of the time that it skips. The samples at a position
 *   are the same with and without a seek.
 * - `houseband://GENRE?NAME=VALUE&…` is a URI that any player can be given. GENRE may be empty; a
 *   space is %20 or +; names are seed, duration, length-tolerance, bpm, key, energy, form,
 *   title and caption.
 * - A TAG event before the first buffer has title, artist ("Infinara House Band"), genre, comment
 *   (the caption), the tempo, the musical key, and for joins the beats and the end of the last bar.
 * - A genre, bpm, key, energy, form or duration that it does not know is an error of
 *   RESOURCE/SETTINGS that names the value and what is allowed.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 housebandsrc genre=jazz seed=7 duration=30 ! audioconvert ! wavenc ! filesink
 * location=jazz.wav
 * ]| Half a minute of jazz in a file, the same at each call.
 * |[
 * gst-launch-1.0 housebandsrc genre="lofi hip hop" key="A minor" bpm=76 ! audioconvert !
 * autoaudiosink
 * ]| A new track at each call, in a key and a tempo of your own.
 * |[
 * gst-launch-1.0 housebandsrc genre=rock energy=0.9 form="intro, verse, chorus, verse, chorus,
 * break, chorus, outro" duration=180 length-tolerance=0.08 ! audioconvert ! autoaudiosink
 * ]| A lively track with a form of your own.
 * |[
 * gst-play-1.0 'houseband://bossa%20nova?seed=3&duration=120'
 * ]| Two minutes in a player, which shows the position and can seek.
 */
#include <gst/base/gstpushsrc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "band/band.hpp"
#include "band/form_tags.hpp"
#include "band/theory.hpp"
#include "elements.hpp"
#include "genre_uri.hpp"
#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
#include "music/genre.hpp"
#include "music/ranges.hpp"
#include "music/title.hpp"
#include "onair/track_tags.hpp"
#include "pcm_caps.hpp"
#include "sound/frame.hpp"
#include "text/number.hpp"
#include "text/query.hpp"

GST_DEBUG_CATEGORY_STATIC(housebandsrc_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
#define GST_CAT_DEFAULT housebandsrc_debug

namespace infinara {
namespace {

constexpr char kScheme[] = "houseband";

class HouseBandSrc {
 public:
  using Base = GstPushSrc;
  using BaseClass = GstPushSrcClass;
  static constexpr const char* kTypeName = "InfinaraHouseBandSrc";
  static GType base_type() { return GST_TYPE_PUSH_SRC; }
  static void class_init(BaseClass* klass);

  explicit HouseBandSrc(Base& self) : self_(self) {
    gst_base_src_set_format(GST_BASE_SRC(&self), GST_FORMAT_TIME);
    gst_base_src_set_do_timestamp(GST_BASE_SRC(&self), FALSE);
  }

  struct Settings {
    std::string genre = "lofi hip hop";
    std::string caption;
    std::string title;
    double duration = 90;
    double length_tolerance = 0;
    gint64 seed = -1;
    double bpm = 0;
    std::string key;
    double energy = band::kOwnEnergy;
    std::string form;
    std::string soundfont;
  } settings;

 private:
  gboolean start();
  gboolean stop();
  gboolean is_seekable() { return TRUE; }
  gboolean do_seek(GstSegment* segment);
  gboolean unlock();
  gboolean unlock_stop();
  GstFlowReturn create(GstBuffer** out);
  bool go_to_position();
  gboolean query(GstQuery* query);
  gstpp::Ref<GstTagList> tags(const Settings& wish, std::uint32_t seed) const;

  Base& self_;
  // Set by start() and used by the streaming thread, or with its lock held.
  band::BandOrder order_;
  std::unique_ptr<band::Band> band_;
  gstpp::Ref<GstTagList> tags_;
  std::int64_t rendered_ = 0;  // samples that the band has given
  std::int64_t position_ = 0;  // of the next sample that goes out
  std::int64_t stop_ = 0;      // where it ends
  std::atomic<bool> flushing_ = false;
};

void HouseBandSrc::class_init(BaseClass* klass) {
  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element, "House band", "Source/Audio",
                                        "Composes and plays one track, without a network or a GPU",
                                        "Infinara");
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(kPcmCaps));
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  static const std::string genre_blurb =
      "What to play, one of " + music::genre_names() + "; empty is \"lofi hip hop\".";
  gstpp::Properties<HouseBandSrc>(klass)
      .text<&Settings::genre>("genre", "Genre", genre_blurb.c_str(), gstpp::kReady)
      .text<&Settings::caption>("caption", "Caption",
                                "Words about the track, passed on as the tag comment; the music "
                                "does not depend on them.",
                                gstpp::kReady)
      .text<&Settings::title>(
          "title", "Title",
          "The track's name, passed on as a tag; empty draws one from genre and seed.",
          gstpp::kReady)
      .judged_number<&Settings::duration>(
          "duration", "Duration",
          "How long the track is, in seconds, exact to the sample unless length-tolerance is set; "
          "it ends as a song does.",
          1, 3600, gstpp::kReady)
      .number<&Settings::length_tolerance>(
          "length-tolerance", "Length tolerance",
          "How far the length may be from the duration, as a share of it: the track keeps its "
          "tempo and ends with a whole section. 0 bends the tempo until the length is exact.",
          0, band::kMostTolerance, gstpp::kReady)
      .number<&Settings::seed>(
          "seed", "Seed",
          "Which of the possible tracks is played, 0 to 4294967295; -1 is a new "
          "one each time.",
          music::kSeeds.low, music::kSeeds.high, gstpp::kReady)
      .judged_number<&Settings::bpm>(
          "bpm", "Tempo", "Beats a minute, from 40 to 220; 0 leaves the tempo to the band.", 0, 220,
          gstpp::kReady)
      .text<&Settings::key>("key", "Key",
                            "The key, such as \"A minor\", \"F# major\", \"Bbm\" or \"D dorian\"; "
                            "empty leaves it to the band.",
                            gstpp::kReady)
      .judged_number<&Settings::energy>(
          "energy", "Energy",
          "How lively the track is, from 0 (few players that play softly, slow for its genre) to 1 "
          "(many that play hard, fast); as loud as any track. -1 leaves it to the band. An ordered "
          "bpm stays.",
          band::kOwnEnergy, 1, gstpp::kReady)
      .text<&Settings::form>("form", "Form",
                             "The sections in their order, with commas: intro, verse, chorus, "
                             "bridge, break, solo, outro, each as the genre knows it, stretched "
                             "to the duration; empty leaves the form to the band.",
                             gstpp::kReady)
      .text<&Settings::soundfont>("soundfont", "Soundfont",
                                  "A SoundFont file for the acoustic instruments; empty takes the "
                                  "best that is installed, \"none\" our own voices alone.",
                                  gstpp::kReady);
  auto* source = GST_BASE_SRC_CLASS(klass);
  gstpp::bind<&HouseBandSrc::start>(source->start);
  gstpp::bind<&HouseBandSrc::stop>(source->stop);
  gstpp::bind<&HouseBandSrc::is_seekable>(source->is_seekable);
  gstpp::bind<&HouseBandSrc::do_seek>(source->do_seek);
  gstpp::bind<&HouseBandSrc::unlock>(source->unlock);
  gstpp::bind<&HouseBandSrc::unlock_stop>(source->unlock_stop);
  gstpp::bind<&HouseBandSrc::query>(source->query);
  gstpp::bind<&HouseBandSrc::create>(klass->create);
}

/// All that is known of the track: the band makes it again from the same order.
gstpp::Ref<GstTagList> HouseBandSrc::tags(const Settings& wish, std::uint32_t seed) const {
  const music::Genre* genre = music::find_genre(wish.genre);
  const band::Score& score = band_->score();
  std::vector<text::QueryItem> order{{"seed", std::to_string(seed)},
                                     {"duration", text::shown(wish.duration)}};
  if (wish.length_tolerance > 0)
    order.push_back({"length-tolerance", text::shown(wish.length_tolerance)});
  if (wish.bpm > 0) order.push_back({"bpm", text::shown(wish.bpm)});
  if (!wish.key.empty()) order.push_back({"key", wish.key});
  if (wish.energy >= 0) order.push_back({"energy", text::shown(wish.energy)});
  if (!wish.form.empty()) order.push_back({"form", wish.form});
  if (!wish.title.empty()) order.push_back({"title", wish.title});
  return onair::to_tags({.title = wish.title.empty() ? music::title_of(*genre, seed) : wish.title,
                         .artist = "Infinara House Band",
                         .genre = std::string(genre->name),
                         .caption = wish.caption,
                         .seed = seed,
                         .length = band_->length(),
                         .bpm = score.bpm,
                         .beats = score.beats(),
                         .key = music::key_name(score.key),
                         .cue_out = score.end_of_groove(),
                         .link = genre_uri(kScheme, genre->name, text::print_query(order))});
}

gboolean HouseBandSrc::start() {
  Settings wish;
  {
    const gstpp::ObjectLock lock(&self_);
    wish = settings;
  }
  if (wish.genre.empty()) wish.genre = Settings{}.genre;
  const auto seed = wish.seed < 0 ? std::random_device{}() : static_cast<std::uint32_t>(wish.seed);
  order_ = {.genre = wish.genre,
            .seed = seed,
            .duration = wish.duration,
            .bpm = wish.bpm,
            .key = wish.key,
            .soundfont = wish.soundfont,
            .tolerance = wish.length_tolerance,
            .energy = wish.energy,
            .form = wish.form};
  try {
    band_ = std::make_unique<band::Band>(order_);
  } catch (const band::OrderError& error) {
    GST_ELEMENT_ERROR(&self_, RESOURCE, SETTINGS,
                      ("The house band cannot play this: %s.", error.what()), (nullptr));
    return FALSE;
  } catch (const std::runtime_error& error) {
    GST_ELEMENT_ERROR(&self_, RESOURCE, OPEN_READ,
                      ("The house band has no style sheet: %s.", error.what()), (nullptr));
    return FALSE;
  }
  tags_ = tags(wish, seed);
  rendered_ = position_ = 0;
  stop_ = band_->length();
  const gstpp::ObjectLock lock(&self_);
  GST_BASE_SRC(&self_)->segment.duration = static_cast<guint64>(sound::ns_from_samples(stop_));
  GST_DEBUG_OBJECT(&self_, "%s, seed %u, %.1f bpm", wish.genre.c_str(), seed, band_->score().bpm);
  return TRUE;
}

gboolean HouseBandSrc::stop() {
  band_.reset();
  tags_ = nullptr;
  return TRUE;
}

/// The first sample that is not before `time`.
std::int64_t sample_at(std::uint64_t time) {
  return static_cast<std::int64_t>(gst_util_uint64_scale_ceil(time, sound::kRate, GST_SECOND));
}

/// The streaming lock is held, so create() does not run. What is skipped is rendered there, where a
/// flush can interrupt it.
gboolean HouseBandSrc::do_seek(GstSegment* segment) {
  if (segment->format != GST_FORMAT_TIME || segment->rate <= 0) return FALSE;
  position_ = std::min(sample_at(segment->start), band_->length());
  stop_ = band_->length();
  if (GST_CLOCK_TIME_IS_VALID(segment->stop)) stop_ = std::min(stop_, sample_at(segment->stop));
  segment->position = segment->time = segment->start;
  return TRUE;
}

gboolean HouseBandSrc::unlock() {
  flushing_ = true;
  return TRUE;
}

gboolean HouseBandSrc::unlock_stop() {
  flushing_ = false;
  return TRUE;
}

/// Renders what was skipped; false if a flush interrupts it. Throws as Band does.
bool HouseBandSrc::go_to_position() {
  if (position_ < rendered_) {
    band_ = std::make_unique<band::Band>(order_);
    rendered_ = 0;
  }
  std::vector<std::int16_t> skipped;
  while (rendered_ < position_) {
    if (flushing_) return false;
    const auto count = std::min<std::int64_t>(10 * sound::kFrame, position_ - rendered_);
    skipped.resize(static_cast<std::size_t>(count) * sound::kChannels);
    band_->render(skipped);
    rendered_ += count;
  }
  return true;
}

GstFlowReturn HouseBandSrc::create(GstBuffer** out) {
  if (tags_) gst_pad_push_event(GST_BASE_SRC_PAD(&self_), gst_event_new_tag(tags_.release()));
  const auto count = std::min<std::int64_t>(sound::kFrame, stop_ - position_);
  if (count <= 0) return GST_FLOW_EOS;
  auto buffer = gstpp::Ref<GstBuffer>::adopt(
      gst_buffer_new_allocate(nullptr, static_cast<gsize>(count) * 4, nullptr));
  try {
    if (!go_to_position()) return GST_FLOW_FLUSHING;
    const gstpp::Map map(buffer, GST_MAP_WRITE);
    band_->render(map.as<std::int16_t>());
    rendered_ += count;
  } catch (const std::runtime_error& error) {
    GST_ELEMENT_ERROR(&self_, RESOURCE, OPEN_READ,
                      ("The house band has no instruments: %s.", error.what()), (nullptr));
    return GST_FLOW_ERROR;
  }
  const auto begin = static_cast<GstClockTime>(sound::ns_from_samples(position_));
  GST_BUFFER_PTS(buffer.get()) = begin;
  GST_BUFFER_OFFSET(buffer.get()) = static_cast<guint64>(position_);
  position_ += count;
  GST_BUFFER_DURATION(buffer.get()) =
      static_cast<GstClockTime>(sound::ns_from_samples(position_)) - begin;
  GST_BUFFER_OFFSET_END(buffer.get()) = static_cast<guint64>(position_);
  *out = buffer.release();
  return GST_FLOW_OK;
}

gboolean HouseBandSrc::query(GstQuery* query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_URI) {  // what the id of the stream is made of
    const gstpp::ObjectLock lock(&self_);
    gst_query_set_uri(query, ("houseband:" + std::to_string(settings.seed)).c_str());
    return TRUE;
  }
  return gstpp::parent_class_of<HouseBandSrc, GstBaseSrcClass>()->query(GST_BASE_SRC(&self_),
                                                                        query);
}

std::string expected_duration(std::string_view value) {
  const auto seconds = text::number<double>(value);
  if (seconds && *seconds >= band::kShortest && *seconds <= band::kLongest) return {};
  return "a number of seconds from 1 to 3600";
}

std::string expected_tolerance(std::string_view value) {
  const auto share = text::number<double>(value);
  if (share && *share >= 0 && *share <= band::kMostTolerance) return {};
  return "a number from 0 to 0.5";
}

std::string expected_bpm(std::string_view value) {
  const auto bpm = text::number<double>(value);
  if (bpm && (*bpm == 0 || (*bpm >= band::kBpmLow && *bpm <= band::kBpmHigh))) return {};
  return "a number from 40 to 220, or 0";
}

std::string expected_key(std::string_view value) {
  return music::parse_key(value) ? "" : std::string(music::kKeyWords);
}

std::string expected_energy(std::string_view value) {
  const auto energy = text::number<double>(value);
  if (energy && (*energy == band::kOwnEnergy || (*energy >= 0 && *energy <= 1))) return {};
  return "a number from 0 to 1, or -1";
}

std::string expected_form(std::string_view value) {
  try {
    band::parse_form(value);
    return {};
  } catch (const band::OrderError&) {
    return "sections with commas: intro, verse, chorus, bridge, break, solo, outro";
  }
}

// What a URI may set: nothing that names files.
constexpr std::array kUriNames = {
    UriProperty{"seed"},
    UriProperty{"duration", expected_duration},
    UriProperty{"length-tolerance", expected_tolerance},
    UriProperty{"bpm", expected_bpm},
    UriProperty{"key", expected_key},
    UriProperty{"energy", expected_energy},
    UriProperty{"form", expected_form},
    UriProperty{"title"},
    UriProperty{"caption"},
};

}  // namespace

bool register_housebandsrc(GstPlugin* plugin) {
  onair::register_track_tags();
  GST_DEBUG_CATEGORY_INIT(housebandsrc_debug, "housebandsrc", 0, "house band source");
  const GType type = gstpp::type_of<HouseBandSrc>();
  add_genre_uri<kScheme, kUriNames>(type);
  return gst_element_register(plugin, "housebandsrc", GST_RANK_NONE, type) != FALSE;
}

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
/**
 * SECTION:element-housebandsrc
 * @title: housebandsrc
 *
 * Composes and plays one track in a genre, on the CPU alone: a pad that gives 48 kHz stereo for
 * exactly `duration` seconds and then the end of the stream. The same genre, seed, duration, bpm,
 * key and soundfont give the same samples.
 *
 * - It is not live: sound comes as fast as it is asked for, about thirty times as fast as it plays.
 * - A TAG event before the first buffer has title, genre, comment (the caption), the tempo and the
 *   musical key.
 * - A genre, bpm, key or duration that it does not know is an error of RESOURCE/SETTINGS that names
 *   the value and what is allowed.
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
 */
#include <gst/base/gstpushsrc.h>
#include <gst/tag/tag.h>

#include <memory>
#include <random>

#include "band/band.hpp"
#include "elements.hpp"
#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
#include "music/genre.hpp"
#include "music/title.hpp"
#include "pcm_caps.hpp"
#include "sound/frame.hpp"

GST_DEBUG_CATEGORY_STATIC(housebandsrc_debug);
#define GST_CAT_DEFAULT housebandsrc_debug

namespace infinara {
namespace {

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
    gint64 seed = -1;
    double bpm = 0;
    std::string key;
    std::string soundfont;
  } settings;

 private:
  gboolean start();
  gboolean stop();
  GstFlowReturn create(GstBuffer** out);
  gboolean query(GstQuery* query);
  gstpp::Ref<GstTagList> tags(const Settings& wish, std::uint32_t seed) const;

  Base& self_;
  // Set by start() and used by the streaming thread.
  std::unique_ptr<band::Band> band_;
  gstpp::Ref<GstTagList> tags_;
  std::int64_t position_ = 0;  // samples
  std::int64_t length_ = 0;    // samples; under the object lock, a query may come from any thread
};

void HouseBandSrc::class_init(BaseClass* klass) {
  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(
      element, "House band", "Source/Audio",
      "Composes and plays one track in one of 14 genres, without a network or a GPU", "Infinara");
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(kPcmCaps));
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  gstpp::Properties<HouseBandSrc>(klass)
      .text<&Settings::genre>("genre", "Genre",
                              "What to play, one of the 14 genres by name, such as jazz or "
                              "\"drum and bass\"; empty is \"lofi hip hop\".",
                              gstpp::kReady)
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
          "How long the track is, in seconds; it ends with a last chord, exact to the sample.", 1,
          3600, gstpp::kReady)
      .number<&Settings::seed>(
          "seed", "Seed",
          "Which of the possible tracks is played, 0 to 4294967295; -1 is a new "
          "one each time.",
          -1, G_MAXUINT32, gstpp::kReady)
      .judged_number<&Settings::bpm>(
          "bpm", "Tempo", "Beats a minute, from 40 to 220; 0 leaves the tempo to the band.", 0, 220,
          gstpp::kReady)
      .text<&Settings::key>(
          "key", "Key",
          "The key, such as \"A minor\", \"F# major\" or \"Bbm\"; empty leaves it "
          "to the band.",
          gstpp::kReady)
      .text<&Settings::soundfont>("soundfont", "Soundfont",
                                  "A SoundFont file for the acoustic instruments; empty takes the "
                                  "best that is installed, \"none\" our own voices alone.",
                                  gstpp::kReady);
  auto* source = GST_BASE_SRC_CLASS(klass);
  gstpp::bind<&HouseBandSrc::start>(source->start);
  gstpp::bind<&HouseBandSrc::stop>(source->stop);
  gstpp::bind<&HouseBandSrc::query>(source->query);
  gstpp::bind<&HouseBandSrc::create>(klass->create);
  // Making a buffer takes a millisecond or so and never waits, so there is nothing to unlock.
}

gstpp::Ref<GstTagList> HouseBandSrc::tags(const Settings& wish, std::uint32_t seed) const {
  const music::Genre* genre = music::find_genre(wish.genre);
  const std::string title = wish.title.empty() ? music::title_of(*genre, seed) : wish.title;
  auto list = gstpp::Ref<GstTagList>::adopt(gst_tag_list_new(
      GST_TAG_TITLE, title.c_str(), GST_TAG_GENRE, std::string(genre->name).c_str(),
      GST_TAG_BEATS_PER_MINUTE, band_->score().bpm, GST_TAG_MUSICAL_KEY,
      band::name_of(band_->score().key).c_str(), nullptr));
  if (!wish.caption.empty())
    gst_tag_list_add(list, GST_TAG_MERGE_REPLACE, GST_TAG_COMMENT, wish.caption.c_str(), nullptr);
  return list;
}

gboolean HouseBandSrc::start() {
  Settings wish;
  {
    const gstpp::ObjectLock lock(&self_);
    wish = settings;
  }
  if (wish.genre.empty()) wish.genre = Settings{}.genre;
  const auto seed = wish.seed < 0 ? std::random_device{}() : static_cast<std::uint32_t>(wish.seed);
  try {
    band_ = std::make_unique<band::Band>(
        band::BandOrder{wish.genre, seed, wish.duration, wish.bpm, wish.key, wish.soundfont, ""});
  } catch (const band::OrderError& error) {
    GST_ELEMENT_ERROR(&self_, RESOURCE, SETTINGS,
                      ("The house band cannot play this: %s.", error.what()), (nullptr));
    return FALSE;
  }
  tags_ = tags(wish, seed);
  position_ = 0;
  const gstpp::ObjectLock lock(&self_);
  length_ = band_->length();
  GST_DEBUG_OBJECT(&self_, "%s, seed %u, %.1f bpm", wish.genre.c_str(), seed, band_->score().bpm);
  return TRUE;
}

gboolean HouseBandSrc::stop() {
  band_.reset();
  tags_ = nullptr;
  return TRUE;
}

GstFlowReturn HouseBandSrc::create(GstBuffer** out) {
  if (tags_) gst_pad_push_event(GST_BASE_SRC_PAD(&self_), gst_event_new_tag(tags_.release()));
  const auto count = std::min<std::int64_t>(sound::kFrame, band_->length() - position_);
  if (count <= 0) return GST_FLOW_EOS;
  auto buffer = gstpp::Ref<GstBuffer>::adopt(
      gst_buffer_new_allocate(nullptr, static_cast<gsize>(count) * 4, nullptr));
  try {
    const gstpp::Map map(buffer, GST_MAP_WRITE);
    band_->render(map.as<std::int16_t>());
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
  if (GST_QUERY_TYPE(query) == GST_QUERY_DURATION) {
    GstFormat format;
    gst_query_parse_duration(query, &format, nullptr);
    const gstpp::ObjectLock lock(&self_);
    if (length_ > 0 && format == GST_FORMAT_TIME) {
      gst_query_set_duration(query, format, sound::ns_from_samples(length_));
      return TRUE;
    }
  }
  return gstpp::parent_class_of<HouseBandSrc, GstBaseSrcClass>()->query(GST_BASE_SRC(&self_),
                                                                        query);
}

}  // namespace

bool register_housebandsrc(GstPlugin* plugin) {
  gst_tag_register_musicbrainz_tags();  // GST_TAG_MUSICAL_KEY is one of them
  GST_DEBUG_CATEGORY_INIT(housebandsrc_debug, "housebandsrc", 0, "house band source");
  return gst_element_register(plugin, "housebandsrc", GST_RANK_NONE,
                              gstpp::type_of<HouseBandSrc>()) != FALSE;
}

}  // namespace infinara

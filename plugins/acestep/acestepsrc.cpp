// SPDX-License-Identifier: Apache-2.0
/**
 * SECTION:element-acestepsrc
 * @title: acestepsrc
 *
 * Has one track made by an ACE-Step 1.5 server, or by the one of several that will be done first,
 * and gives it out as the file that the server wrote: MP3, FLAC, WAV or Ogg, then the end of the
 * stream.
 *
 * - While the track is being made the element waits in PAUSED without sending anything, and says
 *   on the bus how far it is (GST_MESSAGE_PROGRESS, code "acestep"). Going to READY ends the wait
 *   at once; the server has no way to cancel, so what it makes then serves the next order of the
 *   same genre.
 * - All acestepsrc of a process that name the same servers share what is known of them: state,
 *   queue, speed, at most two open tasks a server. The property `servers` shows it, and an element
 *   message `infinara-servers` with the same fields is posted when it changes; an element message
 *   `infinara-remark` has one line (`text`) for a log.
 * - A server that restarts, hangs, fails, lies or asks for a key ends in another try, another
 *   server, or an error with the reason, always in bounded time.
 * - A track is decoded whole and measured before it is given out; one that is silent, short,
 *   damaged or no music at all is rejected with its reason, and another is asked for.
 * - A TAG event before the first buffer has title, artist (the model that played, as "ACE-Step 1.5
 *   Turbo"), genre, comment (the words the server was told), tempo, musical key, and the measured
 *   loudness: as ReplayGain for any player, and for trackgain with the silence to be left out at
 *   both ends.
 * - It handles the URIs acestep://HOST:PORT/?genre=…&duration=… and acesteps:// for HTTPS; the
 *   names in the query are those of properties, and what a URI does not name has its default. A
 *   URI with an unknown name or a value out of range is refused whole, with the reason.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 acestepsrc location=http://127.0.0.1:8001 prompt="warm jazz trio, brushed drums"
 * duration=60 bpm=96 key="F major" ! decodebin ! audioconvert ! autoaudiosink
 * ]| A minute of music from words.
 * |[
 * gst-launch-1.0 playbin3 uri="acestep://127.0.0.1:8001/?genre=jazz&duration=60"
 * ]| The same by URI, in any player.
 * |[
 * gst-launch-1.0 -m acestepsrc location=http://gpu1:8001,http://gpu2:8001 genre=ambient
 * duration=120 ! filesink location=track.flac
 * ]| The file itself, from whichever server is done first, with its progress on the screen.
 */
#include <gst/base/gstpushsrc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "acestep/acestep_config.hpp"
#include "acestep/acestep_mailbox.hpp"
#include "acestep/acestep_uri.hpp"
#include "audition/audition.hpp"
#include "audition/decoder.hpp"
#include "audition/loudness_tags.hpp"
#include "elements.hpp"
#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"
#include "music/genre.hpp"
#include "music/ranges.hpp"
#include "music/title.hpp"
#include "onair/message.hpp"
#include "onair/track_tags.hpp"
#include "remote/acestep/artist.hpp"
#include "remote/acestep/pool.hpp"

GST_DEBUG_CATEGORY_STATIC(acestepsrc_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
#define GST_CAT_DEFAULT acestepsrc_debug

namespace infinara {
namespace {

constexpr std::size_t kBlock = 64 << 10;

// A file of our own, which nobody shortens, seen as bytes.
class FileView {
 public:
  FileView(int file, std::size_t size) : size_(size) {
    if (size_ > 0) data_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    if (data_ == MAP_FAILED) size_ = 0;
  }
  FileView(const FileView&) = delete;
  FileView& operator=(const FileView&) = delete;
  ~FileView() {
    if (size_ > 0) munmap(data_, size_);
  }
  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  std::size_t size_;
  void* data_ = nullptr;
};

class AceStepSrc {
 public:
  using Base = GstPushSrc;
  using BaseClass = GstPushSrcClass;
  static constexpr const char* kTypeName = "InfinaraAceStepSrc";
  static GType base_type() { return GST_TYPE_PUSH_SRC; }
  static void class_init(BaseClass* klass);

  explicit AceStepSrc(Base& self) : self_(self), post_(*GST_ELEMENT(&self)) {
    gst_base_src_set_format(GST_BASE_SRC(&self), GST_FORMAT_BYTES);
  }

  using Settings = AceStepSettings;
  Settings settings;
  void changed(const char* property);

 private:
  gboolean start();
  gboolean stop();
  gboolean unlock();
  gboolean unlock_stop();
  gboolean negotiate() { return TRUE; }  // the file decides, when it is there
  gboolean is_seekable() { return TRUE; }
  gboolean do_seek(GstSegment* segment);
  gboolean get_size(guint64* size);
  GstFlowReturn create(GstBuffer** out);
  gstpp::Structure servers() const;

  GstFlowReturn wait();
  GstFlowReturn interrupted();
  AuditionReport judge(const remote::SpooledTrack& track, double seconds);
  void begin(const remote::Arrived& arrived, const AuditionReport& report);
  void tell(GstProgressType type, const std::string& text);

  Base& self_;
  AceStepMailbox post_;

  // Of start() and stop(), and of the streaming thread between them.
  std::unique_ptr<remote::PlacedOrder> placed_order_;
  std::string genre_;
  std::string title_;
  bool is_told_ = false;  // a PROGRESS has been started and not ended

  // Under the object lock, a query may come from any thread.
  std::shared_ptr<remote::Pool> pool_;
  std::shared_ptr<remote::SpooledTrack> track_;
  std::int64_t begin_ = 0;     // bytes of the file before the music
  std::int64_t position_ = 0;  // bytes of the music
};

void AceStepSrc::class_init(BaseClass* klass) {
  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(
      element, "ACE-Step source", "Source/Network",
      "Has one track made by an ACE-Step 1.5 server and gives out the file", "Infinara");
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(kAllowedCaps));
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  constexpr auto kSecret =
      static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
  gstpp::Properties<AceStepSrc>(klass)
      .text<&Settings::location>(
          "location", "Location",
          "Address of the server, or of several with commas between, of which the one with the "
          "shortest expected wait is asked; http://KEY@HOST:PORT has that server's own key, which "
          "is never shown; empty takes ACESTEP_API_URL from the environment, or "
          "http://127.0.0.1:8001.",
          gstpp::kReady)
      .text<&Settings::api_key>(
          "api-key", "API key",
          "Sent to the servers as a bearer token, never shown; with commas between, a key for each "
          "server of `location`; empty takes ACESTEP_API_KEY from the environment, or sends none. "
          "The environment is the better place: GStreamer's own "
          "log can show a launch line.",
          kSecret)
      .text<&Settings::genre>("genre", "Genre",
                              "What to play, such as jazz; words, tempo, key and form are chosen "
                              "to suit it where they are not set.",
                              gstpp::kReady)
      .text<&Settings::prompt>("prompt", "Prompt",
                               "Your own words for the music, passed on as they are; a track made "
                               "for other words is never played for them.",
                               gstpp::kReady)
      .text<&Settings::caption>("caption", "Caption",
                                "Words that suggest the music; a track of the same genre and "
                                "length that waits unused may be played instead. `prompt` wins.",
                                gstpp::kReady)
      .text<&Settings::title>("title", "Title",
                              "The track's name, passed on as a tag; empty draws one from genre "
                              "and seed.",
                              gstpp::kReady)
      .text<&Settings::lyrics>("lyrics", "Lyrics",
                               "Words to be sung, or section tags in brackets; empty is "
                               "instrumental, in a form whose ends mix well.",
                               gstpp::kReady)
      .judged_number<&Settings::duration>("duration", "Duration",
                                          "How long the track should be, in seconds; "
                                          "rounded to whole bars where the tempo is known.",
                                          music::kMadeElsewhere.low, music::kMadeElsewhere.high,
                                          gstpp::kReady)
      .number<&Settings::bpm>("bpm", "Tempo",
                              "Beats a minute; 0 chooses from the genre's range, near the last "
                              "track's.",
                              0, 999, gstpp::kReady)
      .text<&Settings::key>("key", "Key",
                            "The key, such as \"A minor\" or \"F# major\"; empty chooses one that "
                            "follows well on the last track's.",
                            gstpp::kReady)
      .text<&Settings::time_signature>("time-signature", "Time signature",
                                       "Beats in a bar: 2, 3, 4 or 6; empty is 4.", gstpp::kReady)
      .number<&Settings::seed>("seed", "Seed",
                               "Which of the possible tracks is made, 0 to 4294967295, if the "
                               "server heeds it; -1 is a new one each time.",
                               music::kSeeds.low, music::kSeeds.high, gstpp::kReady)
      .text<&Settings::model>("model", "Model",
                              "Which of the server's models plays; empty takes ACESTEP_MODEL from "
                              "the environment, or the server's own choice.",
                              gstpp::kReady)
      .number<&Settings::inference_steps>(
          "inference-steps", "Inference steps",
          "Steps of the diffusion, more are slower and finer; 0 takes RADIO_INFERENCE_STEPS from "
          "the environment, or what suits the model.",
          music::kInferenceSteps.low, music::kInferenceSteps.high, gstpp::kReady)
      .number<&Settings::guidance_scale>(
          "guidance-scale", "Guidance scale",
          "How closely a base or sft model follows the words, 4 to 7 is usual; 0 takes "
          "RADIO_GUIDANCE_SCALE from the environment, or what suits the model.",
          music::kGuidanceScales.low, music::kGuidanceScales.high, gstpp::kReady)
      .number<&Settings::shift>("shift", "Shift",
                                "Where the diffusion spends its steps; 0 takes RADIO_SHIFT from "
                                "the environment, or what suits the model.",
                                music::kShifts.low, music::kShifts.high, gstpp::kReady)
      .text<&Settings::audio_format>("audio-format", "Audio format",
                                     "What the server writes: flac, mp3 or wav; empty takes "
                                     "RADIO_AUDIO_FORMAT from the environment, or flac.",
                                     gstpp::kReady)
      .text<&Settings::output_dir>("output-dir", "Output folder",
                                   "Where the servers' folder of tracks is mounted here, so that "
                                   "nothing is downloaded; empty takes ACESTEP_OUTPUT_DIR from "
                                   "the environment, or downloads.",
                                   gstpp::kReady)
      .text<&Settings::remote_dir>("remote-dir", "Remote folder",
                                   "What that folder is called on the servers' side, looked for "
                                   "first; it is found by looking otherwise. Empty takes "
                                   "ACESTEP_REMOTE_DIR from the environment, or /app/outputs.",
                                   gstpp::kReady)
      .text<&Settings::spool_dir>("spool-dir", "Spool folder",
                                  "Where fetched tracks lie, without a name, until they are "
                                  "played, 512 MiB at most; empty takes ACESTEP_SPOOL_DIR from "
                                  "the environment, or the folder for temporary files.",
                                  gstpp::kReady)
      .text<&Settings::state_file>("state-file", "State file",
                                   "Remembers the tasks that servers are working on, so that they "
                                   "are not lost when this process restarts; empty takes "
                                   "ACESTEP_STATE_FILE from the environment, or remembers none.",
                                   gstpp::kReady)
      .flag<&Settings::clean>("clean", "Clean",
                              "Deletes from output-dir the file of each track that was taken, and "
                              "nothing else; off takes ACESTEP_CLEAN (on or off) from the "
                              "environment, or deletes nothing.",
                              gstpp::kReady)
      .read<&AceStepSrc::servers>("servers", "Servers",
                                  "For each server, by its address: state, reason, model, tasks "
                                  "running and waiting, measured seconds for a second of music, "
                                  "last error and our own tasks with their progress.");
  auto* source = GST_BASE_SRC_CLASS(klass);
  gstpp::bind<&AceStepSrc::start>(source->start);
  gstpp::bind<&AceStepSrc::stop>(source->stop);
  gstpp::bind<&AceStepSrc::unlock>(source->unlock);
  gstpp::bind<&AceStepSrc::unlock_stop>(source->unlock_stop);
  gstpp::bind<&AceStepSrc::negotiate>(source->negotiate);
  gstpp::bind<&AceStepSrc::is_seekable>(source->is_seekable);
  gstpp::bind<&AceStepSrc::do_seek>(source->do_seek);
  gstpp::bind<&AceStepSrc::get_size>(source->get_size);
  gstpp::bind<&AceStepSrc::create>(klass->create);
}

// The keys in a location are kept where no property, log or graph shows them.
void AceStepSrc::changed(const char* property) {
  if (g_str_equal(property, "location") == FALSE) return;
  const gstpp::ObjectLock lock(&self_);
  settings.addresses = settings.location;
  settings.location = without_keys(settings.addresses);
}

gboolean AceStepSrc::start() {
  Settings now;
  {
    const gstpp::ObjectLock lock(&self_);
    now = settings;
  }
  auto order = order_of(now);
  if (!order) {
    GST_ELEMENT_ERROR(&self_, RESOURCE, SETTINGS,
                      ("ACE-Step cannot be asked like this: %s.", order.error().c_str()),
                      (nullptr));
    return FALSE;
  }
  auto& [pool, wanted] = *order;
  genre_ = wanted.genre;
  title_ = now.title;
  auto shared = remote::Pool::of(pool);
  {
    const gstpp::ObjectLock lock(&self_);
    pool_ = shared;
    track_ = nullptr;
    begin_ = 0;
    position_ = 0;
  }
  post_.clear();
  placed_order_ =
      std::make_unique<remote::PlacedOrder>(std::move(shared), std::move(wanted), post_);
  return TRUE;
}

gboolean AceStepSrc::stop() {
  placed_order_.reset();
  if (is_told_) tell(GST_PROGRESS_TYPE_CANCELED, "Nobody waits for the track any more");
  std::shared_ptr<remote::SpooledTrack> track;  // closed after the lock
  const gstpp::ObjectLock lock(&self_);
  track.swap(track_);
  return TRUE;
}

gboolean AceStepSrc::unlock() {
  post_.set_flushing(true);
  return TRUE;
}

gboolean AceStepSrc::unlock_stop() {
  post_.set_flushing(false);
  return TRUE;
}

gboolean AceStepSrc::do_seek(GstSegment* segment) {
  const gstpp::ObjectLock lock(&self_);
  position_ = static_cast<std::int64_t>(segment->start);
  return TRUE;
}

gboolean AceStepSrc::get_size(guint64* size) {
  const gstpp::ObjectLock lock(&self_);
  if (track_ == nullptr) return FALSE;
  *size = static_cast<guint64>(track_->size() - begin_);
  return TRUE;
}

void AceStepSrc::tell(GstProgressType type, const std::string& text) {
  is_told_ = type == GST_PROGRESS_TYPE_START || type == GST_PROGRESS_TYPE_CONTINUE;
  gst_element_post_message(GST_ELEMENT(&self_), gst_message_new_progress(GST_OBJECT(&self_), type,
                                                                         "acestep", text.c_str()));
}

gstpp::Structure AceStepSrc::servers() const {
  std::shared_ptr<remote::Pool> pool;
  {
    const gstpp::ObjectLock lock(&self_);
    pool = pool_;
  }
  return onair::to_structure(
      servers_message(pool != nullptr ? pool->servers() : std::vector<remote::ServerView>{}));
}

// Listens to a track that arrived; the report says what is wrong with it, if anything is.
AuditionReport AceStepSrc::judge(const remote::SpooledTrack& track, double seconds) {
  const auto size = static_cast<std::size_t>(track.size());
  const FileView view(track.descriptor(), size);
  if (view.bytes().empty()) return {.ok = false, .reason = "is empty"};
  AuditionReport report = audition(view.bytes(), {.seconds = seconds, .limits = remote::kCutOffs},
                                   &post_.is_flushing());
  if (!report.ok) return report;
  // What stands before the music is of no use to a decoder of a fixed chain.
  const auto music = without_id3(view.bytes());
  const auto caps = allowed_caps(music);
  if (!caps) return {.ok = false, .reason = "is of no known format"};
  // decodebin3 of GStreamer 1.22.0 does not link a push source without caps.
  gst_base_src_set_caps(GST_BASE_SRC(&self_), caps);
  const gstpp::ObjectLock lock(&self_);
  begin_ = static_cast<std::int64_t>(size - music.size());
  return report;
}

void AceStepSrc::begin(const remote::Arrived& arrived, const AuditionReport& report) {
  auto* source = GST_BASE_SRC(&self_);
  {
    const gstpp::ObjectLock lock(&self_);
    source->segment.duration = static_cast<guint64>(track_->size() - begin_);
  }
  gst_element_post_message(GST_ELEMENT(&self_),
                           gst_message_new_duration_changed(GST_OBJECT(&self_)));

  const remote::Task& task = arrived.task;
  const music::Genre* genre = music::find_genre(genre_);
  music::Track track{.title = title_,
                     .artist = remote::artist_of(arrived.model),
                     .genre = genre_,
                     .caption = task.prompt,
                     .key = task.key};
  if (track.title.empty() && genre != nullptr)
    track.title = music::title_of(*genre, static_cast<std::uint32_t>(task.seed));
  if (task.seed >= 0) track.seed = static_cast<std::uint32_t>(task.seed);
  if (task.bpm > 0) track.bpm = task.bpm;
  const auto tags = onair::to_tags(track);
  gst_tag_list_set_scope(tags, GST_TAG_SCOPE_GLOBAL);
  add_loudness(tags, report);
  gst_pad_push_event(GST_BASE_SRC_PAD(&self_), gst_event_new_tag(gst_tag_list_ref(tags)));
}

// A wait ends without a track: by a state change, a flush, or an EOS event, for which
// gst-launch-1.0 waits until no progress is open.
GstFlowReturn AceStepSrc::interrupted() {
  tell(GST_PROGRESS_TYPE_CANCELED, "Nobody waits for the track any more");
  return GST_FLOW_FLUSHING;
}

// Until a track stands in track_.
GstFlowReturn AceStepSrc::wait() {
  tell(GST_PROGRESS_TYPE_START, "Asking ACE-Step for a track");
  for (;;) {
    auto mail = post_.wait();
    if (!mail) return interrupted();
    if (mail->gave_up) {
      tell(GST_PROGRESS_TYPE_ERROR, "ACE-Step made no track");
      const GError error = {GST_RESOURCE_ERROR,
                            mail->gave_up->for_want_of_a_key ? GST_RESOURCE_ERROR_NOT_AUTHORIZED
                                                             : GST_RESOURCE_ERROR_OPEN_READ,
                            nullptr};
      gst_element_message_full(
          GST_ELEMENT(&self_), GST_MESSAGE_ERROR, error.domain, error.code,
          g_strdup_printf("ACE-Step made no track: %s.", mail->gave_up->reason.c_str()), nullptr,
          __FILE__, GST_FUNCTION, __LINE__);
      return GST_FLOW_ERROR;
    }
    if (mail->arrived) {
      const AuditionReport report = judge(*mail->track, mail->arrived->task.duration);
      if (post_.is_flushing()) {
        post_.put_back(std::move(*mail));  // it is listened to again when somebody waits again
        return interrupted();
      }
      if (!report.ok) {
        const std::string wrong = "it " + report.reason;
        tell(GST_PROGRESS_TYPE_CONTINUE, "A track was rejected, " + wrong + "; asking for another");
        placed_order_->outcome(false, wrong);
        continue;
      }
      placed_order_->outcome(true, {});
      {
        const gstpp::ObjectLock lock(&self_);
        track_ = mail->track;
      }
      tell(GST_PROGRESS_TYPE_COMPLETE, "The track is here");
      begin(*mail->arrived, report);
      return GST_FLOW_OK;
    }
    if (mail->progress)
      tell(GST_PROGRESS_TYPE_CONTINUE,
           std::to_string(std::lround(mail->progress->progress * 100)) + " % " +
               (mail->progress->stage.empty() ? "in the making" : mail->progress->stage));
  }
}

GstFlowReturn AceStepSrc::create(GstBuffer** out) {
  std::shared_ptr<remote::SpooledTrack> track;
  std::int64_t position = 0;
  std::int64_t begin = 0;
  for (;;) {
    {
      const gstpp::ObjectLock lock(&self_);
      track = track_;
      position = position_;
      begin = begin_;
    }
    if (track != nullptr) break;
    if (const GstFlowReturn result = wait(); result != GST_FLOW_OK) return result;
  }
  const auto left = track->size() - begin - position;
  if (left <= 0) return GST_FLOW_EOS;
  const auto size = std::min<std::int64_t>(left, kBlock);
  auto buffer = gstpp::Ref<GstBuffer>::adopt(
      gst_buffer_new_allocate(nullptr, static_cast<gsize>(size), nullptr));
  {
    const gstpp::Map map(buffer, GST_MAP_WRITE);
    if (track->read(begin + position, map.as<std::byte>()) != size) {
      GST_ELEMENT_ERROR(&self_, RESOURCE, READ, ("A track could not be read from the disk."),
                        ("at byte %" G_GINT64_FORMAT, gint64{position}));
      return GST_FLOW_ERROR;
    }
  }
  GST_BUFFER_OFFSET(buffer.get()) = static_cast<guint64>(position);
  GST_BUFFER_OFFSET_END(buffer.get()) = static_cast<guint64>(position + size);
  {
    const gstpp::ObjectLock lock(&self_);
    if (position_ == position) position_ += size;
  }
  *out = buffer.release();
  return GST_FLOW_OK;
}

}  // namespace

bool register_acestepsrc(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(acestepsrc_debug, "acestepsrc", 0, "ACE-Step source");
  onair::register_track_tags();
  remote::Pool::set_log([](bool bad, const std::string& line) {
    if (bad)
      GST_WARNING("%s", line.c_str());
    else
      GST_INFO("%s", line.c_str());
  });
  const GType type = gstpp::type_of<AceStepSrc>();
  const GInterfaceInfo uri = {acestep_uri_init, nullptr, nullptr};
  if (g_type_is_a(type, GST_TYPE_URI_HANDLER) == FALSE)
    g_type_add_interface_static(type, GST_TYPE_URI_HANDLER, &uri);
  return gst_element_register(plugin, "acestepsrc", GST_RANK_PRIMARY, type) != FALSE;
}

}  // namespace infinara

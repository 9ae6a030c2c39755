// SPDX-License-Identifier: Apache-2.0
#include "support/testtrack_src.hpp"

#include <gst/base/gstpushsrc.h>
#include <gst/gst.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <numbers>
#include <string>
#include <utility>

#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "sound/frame.hpp"

namespace infinara::testtrack {

std::atomic<int> alive = 0;
std::atomic<int> made = 0;

namespace {

enum class Kind {
  kGood,     // testtracksrc
  kFails,    // testfailsrc: an error instead of the first sample
  kBreaks,   // testbreaksrc: an error after two seconds of the track
  kEmpty,    // testemptysrc: EOS instead of the first sample
  kHangs,    // testhangsrc: not a sample, not an error
  kShort,    // testshortsrc: a tenth of the duration asked for
  kMoody,    // testmoodysrc: any of these, by the seed
  kStalls,   // teststallsrc: two seconds, then nothing more, and no end
  kMinute,   // testminutesrc: knows no track of more than a minute
  kNamed,    // testnamedsrc: a title and an artist of its own
  kMute,     // testmutesrc: no tags at all
  kRenames,  // testrenamesrc: after 15 s another title and artist
  kBeats     // testbeatsrc: says that it has 120 beats a minute, bars of four from its begin
};

/// In the order of Kind: "track" is that of the factory testtracksrc.
constexpr std::array<const char*, 13> kNames{"track", "fail",   "break", "empty",  "hang",
                                             "short", "moody",  "stall", "minute", "named",
                                             "mute",  "rename", "beat"};

/// One second of a tone at half amplitude; every second is the same, for whole periods fit in it.
GstMemory* second_of(std::uint32_t seed) {
  static const auto seconds = [] {
    std::array<GstMemory*, kTones.size()> all{};
    for (std::size_t k = 0; k < all.size(); ++k) {
      auto* samples = g_new(std::int16_t, sound::kRate * sound::kChannels);
      for (int i = 0; i < sound::kRate; ++i)
        samples[2 * i] = samples[2 * i + 1] = static_cast<std::int16_t>(
            std::lround(16000 * std::cos(2 * std::numbers::pi * kTones[k] * i / sound::kRate)));
      const gsize size = sound::kRate * sound::kChannels * sizeof(std::int16_t);
      all[k] =
          gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY, samples, size, 0, size, samples, g_free);
      GST_MINI_OBJECT_FLAG_SET(all[k], GST_MINI_OBJECT_FLAG_MAY_BE_LEAKED);
    }
    return all;
  }();
  return seconds[seed % kTones.size()];
}

template <Kind kind>
class Source {
 public:
  using Base = GstPushSrc;
  using BaseClass = GstPushSrcClass;
  inline static const std::string kName =
      std::string("InfinaraTest_") + kNames[static_cast<std::size_t>(kind)];
  inline static const char* const kTypeName = kName.c_str();
  static GType base_type() { return GST_TYPE_PUSH_SRC; }

  struct Settings {
    std::string genre;
    std::string caption;
    std::string title;
    double duration = kind == Kind::kMinute ? 60 : 90;
    gint64 seed = -1;
  } settings;

  static void class_init(BaseClass* klass) {
    auto* element = GST_ELEMENT_CLASS(klass);
    const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(
        "audio/"
        "x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)3"));
    gst_element_class_add_pad_template(
        element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
    gst_element_class_set_static_metadata(element, "Test track", "Source/Audio", "Plays a tone",
                                          "Infinara");
    gstpp::bind<&Source::create>(klass->create);
    auto* base = GST_BASE_SRC_CLASS(klass);
    gstpp::bind<&Source::start>(base->start);
    gstpp::bind<&Source::unlock>(base->unlock);
    gstpp::bind<&Source::unlock_stop>(base->unlock_stop);
    gstpp::Properties<Source>(klass)
        .template text<&Settings::genre>("genre", "Genre", "Genre", gstpp::kReady)
        .template text<&Settings::caption>("caption", "Caption", "Caption", gstpp::kReady)
        .template text<&Settings::title>("title", "Title", "Title", gstpp::kReady)
        .template number<&Settings::duration>("duration", "Duration", "Seconds", 0,
                                              kind == Kind::kMinute ? 60 : 1e6, gstpp::kReady)
        .template number<&Settings::seed>("seed", "Seed", "Seed", -1, G_MAXUINT32, gstpp::kReady);
  }

  explicit Source(Base& self) : self_(self) {
    gst_base_src_set_format(GST_BASE_SRC(&self), GST_FORMAT_TIME);
    ++alive;
    ++made;
  }
  ~Source() { --alive; }

 private:
  Kind mood() const {
    if (kind != Kind::kMoody) return kind;
    const auto throw_of = static_cast<std::uint32_t>(settings.seed) / 64 % 12;
    return throw_of >= 1 && throw_of <= 5 && throw_of != 4 ? static_cast<Kind>(throw_of)
                                                           : Kind::kGood;
  }

  gboolean start() {
    at_ = 0;
    length_ = sound::samples_from_seconds(settings.duration);
    if (mood() == Kind::kShort) length_ /= 10;
    return TRUE;
  }

  GstFlowReturn create(GstBuffer** out) {
    const Kind now = mood();
    if (now == Kind::kEmpty) return GST_FLOW_EOS;
    if (at_ == 0)
      GST_BASE_SRC(&self_)->segment.duration =
          static_cast<guint64>(sound::ns_from_samples(length_));
    if (now == Kind::kHangs || (now == Kind::kStalls && at_ >= 2 * sound::kRate)) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return unlocked_; });
      return GST_FLOW_FLUSHING;
    }
    if (now == Kind::kFails || (now == Kind::kBreaks && at_ >= 2 * sound::kRate)) {
      GST_ELEMENT_ERROR(&self_, RESOURCE, FAILED, ("The test track broke."), (nullptr));
      return GST_FLOW_ERROR;
    }
    if (at_ >= length_) return GST_FLOW_EOS;
    if (at_ == 0 && kind != Kind::kMute) {
      GstTagList* tags = gst_tag_list_new(GST_TAG_TITLE, settings.title.c_str(), GST_TAG_GENRE,
                                          settings.genre.c_str(), nullptr);
      if (kind == Kind::kNamed)
        gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, "A Name of Its Own",
                         GST_TAG_ARTIST, "Somebody", nullptr);
      if (kind == Kind::kBeats)
        gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, "infinara-first-downbeat", guint64{0},
                         "infinara-beat", sound::kRate / 2.0, "infinara-beats-per-bar", 4U,
                         nullptr);
      gst_pad_push_event(GST_BASE_SRC_PAD(&self_), gst_event_new_tag(tags));
    }
    if (at_ == 15 * sound::kRate && kind == Kind::kRenames)
      gst_pad_push_event(GST_BASE_SRC_PAD(&self_),
                         gst_event_new_tag(gst_tag_list_new(GST_TAG_TITLE, "Another Name",
                                                            GST_TAG_ARTIST, "Else", nullptr)));
    const auto count = std::min<std::int64_t>(sound::kRate, length_ - at_);
    GstBuffer* buffer = gst_buffer_new();
    GstMemory* second = second_of(static_cast<std::uint32_t>(settings.seed));
    gst_buffer_append_memory(
        buffer, count == sound::kRate
                    ? gst_memory_ref(second)
                    : gst_memory_share(second, 0, count * sound::kChannels * gssize{2}));
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(sound::ns_from_samples(at_));
    at_ += count;
    GST_BUFFER_DURATION(buffer) =
        static_cast<GstClockTime>(sound::ns_from_samples(at_)) - GST_BUFFER_PTS(buffer);
    *out = buffer;
    return GST_FLOW_OK;
  }

  gboolean unlock() {
    const std::lock_guard lock(mutex_);
    unlocked_ = true;
    wake_.notify_all();
    return TRUE;
  }
  gboolean unlock_stop() {
    const std::lock_guard lock(mutex_);
    unlocked_ = false;
    return TRUE;
  }

  Base& self_;
  std::int64_t at_ = 0;      // samples
  std::int64_t length_ = 0;  // samples
  std::mutex mutex_;
  std::condition_variable wake_;
  bool unlocked_ = false;
};

}  // namespace

void register_all() {
  static const bool done = []<std::size_t... i>(std::index_sequence<i...>) {
    return (gst_element_register(nullptr, (std::string("test") + kNames[i] + "src").c_str(),
                                 GST_RANK_NONE, gstpp::type_of<Source<static_cast<Kind>(i)>>()) &&
            ...);
  }
  (std::make_index_sequence<kNames.size()>());
  (void)done;
}

}  // namespace infinara::testtrack

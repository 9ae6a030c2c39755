// SPDX-License-Identifier: Apache-2.0
#include "onair/track_tags.hpp"

#include <gst/tag/tag.h>

#include <cmath>
#include <optional>

namespace infinara::onair {
namespace {

constexpr const char* kSeed = "infinara-seed";
constexpr const char* kFirstDownbeat = "infinara-first-downbeat";
constexpr const char* kBeat = "infinara-beat";
constexpr const char* kBeatsPerBar = "infinara-beats-per-bar";
constexpr const char* kCueIn = "infinara-cue-in";
constexpr const char* kCueOut = "infinara-cue-out";

// Samples; a shorter beat than 50 ms is a mistake.
constexpr double kShortestBeat = music::kSampleRate / 20.0;

// A track of a year is a mistake, and below it a length in nanoseconds gives back its samples.
constexpr music::Sample kLongest = music::Sample{366} * 24 * 3600 * music::kSampleRate;

class TagWriter {
 public:
  explicit TagWriter(GstTagList* tags) : tags_(tags) {}
  void operator()(const char* tag, const std::string& x) {
    if (x.empty()) return;
    const gstpp::String valid(g_utf8_make_valid(x.data(), static_cast<gssize>(x.size())));
    add(tag, valid.get());
  }
  void operator()(const char* tag, const std::optional<double>& x) {
    if (x && std::isfinite(*x)) add(tag, gdouble{*x});
  }
  void operator()(const char* tag, const std::optional<std::uint32_t>& x) {
    if (x) add(tag, guint{*x});
  }
  void operator()(const char* tag, const std::optional<music::Sample>& x) {
    if (x && *x >= 0 && *x <= kLongest) add(tag, static_cast<guint64>(*x));
  }

 private:
  template <class T>
  void add(const char* tag, T x) {
    gst_tag_list_add(tags_, GST_TAG_MERGE_REPLACE, tag, x, nullptr);
  }
  GstTagList* tags_;
};

class TagReader {
 public:
  explicit TagReader(const GstTagList* tags) : tags_(tags) {}
  void operator()(const char* tag, std::string& x) {
    if (auto text = text_of(tags_, tag); !text.empty()) x = std::move(text);
  }
  void operator()(const char* tag, std::optional<double>& x) {
    gdouble value = 0;
    if (gst_tag_list_get_double(tags_, tag, &value) != FALSE && std::isfinite(value)) x = value;
  }
  void operator()(const char* tag, std::optional<std::uint32_t>& x) {
    guint value = 0;
    if (gst_tag_list_get_uint(tags_, tag, &value) != FALSE) x = value;
  }
  void operator()(const char* tag, std::optional<music::Sample>& x) {
    guint64 value = 0;
    if (gst_tag_list_get_uint64(tags_, tag, &value) != FALSE && value <= guint64{kLongest})
      x = static_cast<music::Sample>(value);
  }

 private:
  const GstTagList* tags_;
};

/// All tags but the length, whose unit is another.
template <class Visit, class Track>
void each(Visit& visit, Track& x) {
  visit(GST_TAG_TITLE, x.title);
  visit(GST_TAG_ARTIST, x.artist);
  visit(GST_TAG_GENRE, x.genre);
  visit(GST_TAG_COMMENT, x.caption);
  visit(GST_TAG_TRACK_GAIN, x.gain);
  visit(GST_TAG_MUSICAL_KEY, x.key);
  visit(GST_TAG_LOCATION, x.link);
  visit(kSeed, x.seed);
  visit(kCueIn, x.cue_in);
  visit(kCueOut, x.cue_out);
}

std::optional<double> positive(std::optional<double> x) {
  return x && *x > 0 ? x : std::nullopt;
}

bool is_beat(double samples) {
  return std::isfinite(samples) && samples >= kShortestBeat;
}

}  // namespace

void register_track_tags() {
  static const bool done = [] {
    gst_tag_register_musicbrainz_tags();  // among them the musical key
    const auto add = [](const char* name, GType type, const char* nick, const char* blurb) {
      if (gst_tag_exists(name) == FALSE)
        gst_tag_register(name, GST_TAG_FLAG_META, type, nick, blurb, gst_tag_merge_use_first);
    };
    add(kSeed, G_TYPE_UINT, "seed", "what the track was drawn from");
    add(kFirstDownbeat, G_TYPE_UINT64, "first downbeat",
        "where the first whole bar begins, in samples at 48 kHz");
    add(kBeat, G_TYPE_DOUBLE, "beat", "from one beat to the next, in samples at 48 kHz");
    add(kBeatsPerBar, G_TYPE_UINT, "beats per bar", "beats in a bar");
    add(kCueIn, G_TYPE_UINT64, "cue-in", "where the track is entered, in samples at 48 kHz");
    add(kCueOut, G_TYPE_UINT64, "cue-out", "where the track is left, in samples at 48 kHz");
    return true;
  }();
  (void)done;
}

gstpp::Ref<GstTagList> to_tags(const music::Track& track) {
  register_track_tags();
  auto tags = gstpp::Ref<GstTagList>::adopt(gst_tag_list_new_empty());
  TagWriter write(tags);
  each(write, track);
  write(GST_TAG_BEATS_PER_MINUTE, positive(track.bpm));
  if (track.length && *track.length >= 0 && *track.length <= kLongest)
    gst_tag_list_add(
        tags, GST_TAG_MERGE_REPLACE, GST_TAG_DURATION,
        gst_util_uint64_scale(static_cast<guint64>(*track.length), GST_SECOND, music::kSampleRate),
        nullptr);
  if (track.beats && is_beat(track.beats->beat) && track.beats->first_downbeat >= 0 &&
      track.beats->beats_per_bar > 0) {
    write(kFirstDownbeat, std::optional(track.beats->first_downbeat));
    write(kBeat, std::optional(track.beats->beat));
    write(kBeatsPerBar, std::optional(std::uint32_t{track.beats->beats_per_bar}));
  }
  return tags;
}

void read_tags(const GstTagList* tags, music::Track& track) {
  register_track_tags();
  if (tags == nullptr) return;
  TagReader read(tags);
  each(read, track);
  std::optional<double> bpm;
  read(GST_TAG_BEATS_PER_MINUTE, bpm);
  if (positive(bpm)) track.bpm = bpm;
  guint64 length = 0;
  if (gst_tag_list_get_uint64(tags, GST_TAG_DURATION, &length) != FALSE &&
      length <= guint64{kLongest} / music::kSampleRate * GST_SECOND)
    track.length = static_cast<music::Sample>(
        gst_util_uint64_scale_round(length, music::kSampleRate, GST_SECOND));
  std::optional<music::Sample> first;
  std::optional<double> beat;
  std::optional<std::uint32_t> bar;
  read(kFirstDownbeat, first);
  read(kBeat, beat);
  read(kBeatsPerBar, bar);
  if (first && beat && is_beat(*beat) && bar && *bar > 0) track.beats = {*first, *beat, *bar};
}

std::string text_of(const GstTagList* tags, const char* tag) {
  gchar* value = nullptr;
  if (tags != nullptr) gst_tag_list_get_string(tags, tag, &value);
  const gstpp::String owned(value);
  return owned ? owned.get() : "";
}

}  // namespace infinara::onair

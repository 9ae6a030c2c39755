// SPDX-License-Identifier: Apache-2.0
#include "onair/track_tags.hpp"

#include <gst/tag/tag.h>
#include <gtest/gtest.h>

#include <limits>
#include <ostream>

#include "sound/frame.hpp"

namespace infinara::music {

void PrintTo(const Track& track, std::ostream* out) {
  *out << "title \"" << track.title << "\" length " << track.length.value_or(-1);
}

}  // namespace infinara::music

namespace infinara::onair {
namespace {

static_assert(music::kSampleRate == sound::kRate);

using music::Track;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr music::Sample kYear = music::Sample{366} * 24 * 3600 * 48000;

Track through_tags(const Track& track) {
  Track back;
  read_tags(to_tags(track), back);
  return back;
}

TEST(TrackTags, GiveBackWhatWasWritten) {
  const Track tracks[] = {
      {},
      {.title = "T",
       .artist = "A",
       .genre = "jazz",
       .caption = "c",
       .key = "F# minor",
       .link = "houseband://jazz?seed=1"},
      {.title = "Ünder \"Rain\"\n\t; = , ' \\ % 日本 \U0001F3B7"},
      {.title = " "},
      {.title = std::string(100'000, 'x')},
      {.seed = 0, .length = 0, .gain = 0, .cue_in = 0, .cue_out = 0},
      {.seed = 4294967295U, .length = 1, .gain = -12.345678901234567, .bpm = 1e-3, .cue_out = 1},
      {.length = kYear, .gain = 1e300, .bpm = 1e300, .cue_in = kYear, .cue_out = kYear},
      {.length = 4'295'999, .bpm = 96.5, .beats = music::BeatGrid{17, 29844.559585492227, 3}},
  };
  for (const Track& track : tracks) EXPECT_EQ(through_tags(track), track);
  for (music::Sample length = 0; length < 2000; ++length)
    EXPECT_EQ(through_tags({.length = kYear - length}).length, kYear - length);
}

TEST(TrackTags, LeaveTheOrderAlone) {
  const Track ordered{.order = {.id = 3, .title = "T", .duration = 90}, .generator = "g"};
  EXPECT_EQ(through_tags(ordered), Track{});
  Track track = ordered;
  read_tags(to_tags({.title = "Other"}), track);
  EXPECT_EQ(track.order, ordered.order);
  EXPECT_EQ(track.generator, "g");
  EXPECT_EQ(track.name(), "Other");
}

TEST(TrackTags, WriteNothingThatMakesNoSense) {
  for (const double bad : {kNaN, kInfinity, -kInfinity}) {
    EXPECT_EQ(through_tags({.gain = bad}), Track{});
    EXPECT_EQ(through_tags({.bpm = bad}), Track{});
    EXPECT_EQ(through_tags({.beats = music::BeatGrid{0, bad, 4}}), Track{});
  }
  for (const double bad : {0.0, -1.0}) EXPECT_EQ(through_tags({.bpm = bad}), Track{});
  for (const double bad : {0.0, -1.0, 1e-300, 2399.0})  // samples; 50 ms are 2400
    EXPECT_EQ(through_tags({.beats = music::BeatGrid{0, bad, 4}}), Track{});
  for (const music::Sample bad :
       {music::Sample{-1}, kYear + 1, std::numeric_limits<music::Sample>::max(),
        std::numeric_limits<music::Sample>::min()}) {
    EXPECT_EQ(through_tags({.length = bad}), Track{});
    EXPECT_EQ(through_tags({.cue_in = bad, .cue_out = bad}), Track{});
    EXPECT_EQ(through_tags({.beats = music::BeatGrid{bad, 24'000, 4}}), Track{});
  }
  EXPECT_EQ(through_tags({.beats = music::BeatGrid{0, 24'000, 0}}), Track{});
}

TEST(TrackTags, MakeTextOfBytesThatAreNone) {
  const struct {
    std::string bytes;
    std::string text;
  } rows[] = {{"a\xff"
               "b",
               "a\uFFFD"
               "b"},
              {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
              {std::string("a\0b", 3),
               "a\uFFFD"
               "b"},
              {"cut \xe2\x82", "cut \uFFFD\uFFFD"}};
  for (const auto& row : rows) {
    EXPECT_EQ(through_tags({.title = row.bytes}).title, row.text);
    EXPECT_EQ(through_tags({.link = row.bytes}).link, row.text);
  }
}

TEST(TrackTags, ReadWhatElementsOfOtherPeopleSay) {
  register_track_tags();
  const auto tags = gstpp::Ref<GstTagList>::adopt(gst_tag_list_new(
      GST_TAG_TITLE, "T", GST_TAG_COMMENT, "c", GST_TAG_BEATS_PER_MINUTE, 120.0,
      GST_TAG_MUSICAL_KEY, "Am", GST_TAG_TRACK_GAIN, -3.5, GST_TAG_LOCATION, "file:///a.flac",
      GST_TAG_BITRATE, 192000U, GST_TAG_DURATION, guint64{1'000'000'001}, nullptr));
  for (const char* artist : {"A", "B"})
    gst_tag_list_add(tags, GST_TAG_MERGE_APPEND, GST_TAG_ARTIST, artist, nullptr);
  Track track;
  read_tags(tags, track);
  EXPECT_EQ(track, (Track{.title = "T",
                          .artist = "A, B",
                          .caption = "c",
                          .length = 48'000,
                          .gain = -3.5,
                          .bpm = 120,
                          .key = "Am",
                          .link = "file:///a.flac"}));
}

TEST(TrackTags, KeepWhatTagsDoNotSayOrSayWithoutSense) {
  const Track known{
      .title = "T", .artist = "A", .length = 5, .bpm = 90, .beats = music::BeatGrid{1, 2, 3}};
  Track track = known;
  read_tags(nullptr, track);
  EXPECT_EQ(track, known);
  const auto bad = gstpp::Ref<GstTagList>::adopt(gst_tag_list_new(
      GST_TAG_BEATS_PER_MINUTE, -1.0, GST_TAG_DURATION, G_MAXUINT64, "infinara-first-downbeat",
      guint64{9}, "infinara-beat", kNaN, "infinara-beats-per-bar", 0U, nullptr));
  read_tags(bad, track);
  EXPECT_EQ(track, known);
  const auto short_beat = gstpp::Ref<GstTagList>::adopt(
      gst_tag_list_new("infinara-first-downbeat", guint64{9}, "infinara-beat", 2399.0,
                       "infinara-beats-per-bar", 4U, nullptr));
  read_tags(short_beat, track);
  EXPECT_EQ(track, known);
}

}  // namespace
}  // namespace infinara::onair

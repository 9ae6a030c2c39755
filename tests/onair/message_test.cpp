// SPDX-License-Identifier: Apache-2.0
#include "onair/message.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>

namespace infinara::onair {

// GoogleTest would print the bytes of a message, the unused ones between its members too.
template <std::convertible_to<Message> Kind>
void PrintTo(const Kind& kind, std::ostream* out) {
  *out << "message " << Message{kind}.index();  // also before GStreamer is initialised
}

namespace {

const music::Track kTrack{.order = {.id = 42,
                                    .genre = "lofi hip hop",
                                    .title = "Ünder \"Rain\"",
                                    .caption = "dusty; warm",
                                    .duration = 89.5,
                                    .seed = 4294967295u,
                                    .bpm = 84,
                                    .key = "A minor"},
                          .generator = "housebandsrc"};

music::Track made() {
  music::Track track = kTrack;
  track.title = "Over Rain";
  track.artist = "Infinara House Band";
  track.length = 4'295'999;
  track.bpm = 96.5;
  return track;
}

class EveryMessage : public testing::TestWithParam<Message> {};

TEST_P(EveryMessage, SurvivesTheWayThroughAStructure) {
  const auto structure = to_structure(GetParam());
  EXPECT_EQ(from_structure(structure.get()), GetParam());
}

TEST_P(EveryMessage, IsRefusedWhenAFieldIsMissing) {
  const auto whole = to_structure(GetParam());
  for (gint i = 0; i < gst_structure_n_fields(whole.get()); ++i) {
    const gstpp::Structure torn(gst_structure_copy(whole.get()));
    gst_structure_remove_field(torn.get(),
                               gst_structure_nth_field_name(whole.get(), static_cast<guint>(i)));
    EXPECT_EQ(from_structure(torn.get()), std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Messages, EveryMessage,
    testing::Values(
        Message{OnAir{.position = 1, .start = 2, .track = made()}},
        Message{OnAir{.position = 1, .start = 2, .track = kTrack}},
        Message{Fade{.position = 3, .end = 5, .on_air = 4, .from = 0, .to = 42}},
        Message{Join{.position = 5,
                     .from = 41,
                     .to = 42,
                     .dip = -1.5,
                     .rise = 0.5,
                     .basses = 0.9,
                     .beats_apart = 3.25,
                     .fifths = 1}},
        Message{GenreDecided{.position = 5, .genre = "jazz", .reason = "dwell", .dwell_end = 6}},
        Message{Next{.position = 7, .track = kTrack, .ready = 3}}, Message{Next{}},
        Message{Generator{.position = 8, .name = "acestepsrc", .up = false, .reason = "429"}},
        Message{Servers{
            .position = 9,
            .servers = {{.url = "http://gpu:8001",
                         .state = "SUSPECT",
                         .reason = "no progress",
                         .model = "turbo",
                         .running = 1,
                         .waiting = 2,
                         .seconds_per_second = 0.25,
                         .last_error = "HTTP 500",
                         .jobs = {{.genre = "jazz", .progress = 0.5, .stage = "x", .age = 3},
                                  {.genre = "rock", .wanted = false}}},
                        {.url = "http://other"}}}},
        Message{Remark{.position = 10, .text = "http://gpu:8001 is HEALTHY"}}));

TEST(Message, TellsPeopleWhatWasMadeUnderPlainNames) {
  const auto structure = to_structure(OnAir{.position = 1, .start = 2, .track = made()});
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "title"), "Over Rain");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "ordered-title"), "Ünder \"Rain\"");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "artist"), "Infinara House Band");
  gdouble duration = 0;
  EXPECT_TRUE(gst_structure_get_double(structure.get(), "duration", &duration));
  EXPECT_DOUBLE_EQ(duration, 4'295'999.0 / 48000);
}

TEST(Message, OtherStructuresAreNone) {
  const gstpp::Structure other(gst_structure_new_empty("level"));
  EXPECT_EQ(from_structure(other.get()), std::nullopt);
  EXPECT_EQ(from_structure(nullptr), std::nullopt);
}

}  // namespace
}  // namespace infinara::onair

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ostream>

#include "onair/edit_list.hpp"

namespace infinara::sound {

void PrintTo(const Edit& edit, std::ostream* out) {
  *out << "edit " << static_cast<int>(edit.what) << " at " << edit.at;
}

}  // namespace infinara::sound

namespace infinara::onair {
namespace {

using What = sound::Edit::What;
using sound::Curve;

constexpr std::int64_t kDay = std::int64_t{24} * 3600 * 48000;

class EveryEdit : public testing::TestWithParam<sound::Edit> {};

TEST_P(EveryEdit, SurvivesTheWayThroughAStructure) {
  const auto back = edit_of(to_structure({GetParam()}).get());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->entry, GetParam());
  EXPECT_FALSE(back->tags);
}

TEST_P(EveryEdit, KeepsItsTags) {
  const auto tags =
      gstpp::Ref<GstTagList>::adopt(gst_tag_list_new(GST_TAG_TITLE, "Ünder", nullptr));
  const auto back = edit_of(to_structure({GetParam(), tags}).get());
  ASSERT_TRUE(back);
  ASSERT_TRUE(back->tags);
  EXPECT_TRUE(gst_tag_list_is_equal(back->tags, tags));
}

TEST_P(EveryEdit, IsRefusedWhenAFieldIsMissingThatIsNotForPeopleAlone) {
  const auto whole = to_structure({GetParam()});
  for (gint i = 0; i < gst_structure_n_fields(whole.get()); ++i) {
    const std::string field = gst_structure_nth_field_name(whole.get(), static_cast<guint>(i));
    const gstpp::Structure torn(gst_structure_copy(whole.get()));
    gst_structure_remove_field(torn.get(), field.c_str());
    const bool is_for_people = gst_structure_has_field(whole.get(), (field + "-samples").c_str()) ||
                               field.starts_with("end");
    EXPECT_EQ(edit_of(torn.get()).has_value(), is_for_people) << field;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Edits, EveryEdit,
    testing::Values(
        sound::Edit{.what = What::kReady, .track = 0},
        sound::Edit{.what = What::kBegins,
                    .track = 4294967295U,
                    .at = 366 * kDay + 1,
                    .fade = {384, Curve::kEqualPower},
                    .cut = 70'000},
        sound::Edit{.what = What::kEnters, .track = 2, .at = 7, .began = 5},
        sound::Edit{.what = What::kRetitled, .track = 2, .at = 9, .began = 5},
        sound::Edit{.what = What::kLeaves,
                    .track = 1,
                    .next = 0,
                    .at = 1,
                    .fade = {240'000, Curve::kLinear},
                    .enters = 120'001},
        sound::Edit{.what = What::kLeaves, .track = 1, .at = 1, .fade = {1, Curve::kSmoothstep}},
        sound::Edit{.what = What::kLeaves,
                    .track = 1,
                    .next = 2,
                    .at = 1,
                    .fade = {9, {}, 5},
                    .enters = 6,
                    .fit = sound::Fit::kBars,
                    .bars = 8,
                    .beat = 23'999.5},
        sound::Edit{.what = What::kLeaves,
                    .track = 1,
                    .next = 2,
                    .at = 1,
                    .fade = {9, Curve::kLinear, 5},
                    .bands = {{{2, Curve::kLinear, 6}, {8, Curve::kLinear, 0}}}},
        sound::Edit{.what = What::kBegins,
                    .track = 2,
                    .at = 1,
                    .fade = {9, {}},
                    .bands = {{{2, {}, 4}, {8, {}, 0}}}},
        sound::Edit{.what = What::kLeaves, .track = {}, .next = 3, .at = 1, .fade = {400, {}}},
        sound::Edit{.what = What::kEnds, .track = 1, .at = 3, .played = 2, .complete = false},
        sound::Edit{.what = What::kEmpty, .track = 1},
        sound::Edit{.what = What::kUnderrun, .track = 1, .at = 12'000}));

TEST(EditList, TellsTimesInNanosecondsToo) {
  const auto structure = to_structure(
      {{.what = What::kLeaves, .track = 1, .next = 2, .at = 48'000, .fade = {24'000, {}}}});
  EXPECT_STREQ(gst_structure_get_name(structure.get()), "smoothstepmix-fade");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "from"), "sink_1");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "to"), "sink_2");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "curve"), "smoothstep");
  const std::pair<const char*, guint64> times[] = {
      {"position", GST_SECOND}, {"length", GST_SECOND / 2}, {"end", GST_SECOND * 3 / 2}};
  for (const auto& [name, ns] : times) {
    guint64 told = 0;
    EXPECT_TRUE(gst_structure_get_uint64(structure.get(), name, &told)) << name;
    EXPECT_EQ(told, ns) << name;
  }
}

TEST(EditList, OtherStructuresAreNone) {
  EXPECT_FALSE(edit_of(nullptr));
  for (const char* text :
       {"level", "smoothstepmix-ready",
        "smoothstepmix-ready, pad=(string)\"\", position-samples=(gint64)1",
        "smoothstepmix-ready, pad=(string)sink_-1, position-samples=(gint64)1",
        "smoothstepmix-ready, pad=(int)1, position-samples=(gint64)1",
        "smoothstepmix-ready, pad=(string)sink_1, position-samples=(int)1",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one text of two lines
        "smoothstepmix-started, pad=(string)sink_1, position-samples=(gint64)1, "
        "curve=(string)round, length-samples=(gint64)1"}) {
    const gstpp::Structure structure(gst_structure_from_string(text, nullptr));
    ASSERT_TRUE(structure) << text;
    EXPECT_FALSE(edit_of(structure.get())) << text;
  }
}

TEST(EditList, APadHasItsTracksNumberInItsName) {
  const struct {
    const char* pad;
    std::optional<unsigned> track;
  } rows[] = {{"sink_0", 0},
              {"sink_4294967295", 4294967295U},
              {"sink_4294967296", {}},
              {"sink_", {}},
              {"sink_-1", {}},
              {"sink_1x", {}},
              {"sink_ 1", {}},
              {"", {}},
              {"src", {}},
              {"sink_%u", {}},
              {"Sink_1", {}}};
  for (const auto& row : rows) EXPECT_EQ(track_of(row.pad), row.track) << row.pad;
  EXPECT_EQ(pad_name(12), "sink_12");
}

}  // namespace
}  // namespace infinara::onair

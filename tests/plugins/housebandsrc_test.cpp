// SPDX-License-Identifier: Apache-2.0
#include <gst/gst.h>
#include <gst/tag/tag.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gstpp/ref.hpp"

namespace {

using gstpp::Ref;

struct Heard {
  std::vector<std::uint8_t> bytes;
  Ref<GstTagList> tags;
  bool tags_before_sound = false;
  GstClockTime end = 0;
  std::size_t buffers = 0;
};

/// Plays `line` to its end and keeps what came out.
Heard hear(const std::string& line) {
  Heard heard;
  const auto pipeline = Ref<GstElement>::sink(
      gst_parse_launch((line + " ! fakesink name=out sync=false").c_str(), nullptr));
  const auto out = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(out, "sink"));
  gst_pad_add_probe(
      pad,
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto& all = *static_cast<Heard*>(data);
        if (GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
            (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) != 0) {
          if (GST_EVENT_TYPE(event) != GST_EVENT_TAG) return GST_PAD_PROBE_OK;
          GstTagList* list = nullptr;
          gst_event_parse_tag(event, &list);
          all.tags = Ref<GstTagList>::share(list);
          all.tags_before_sound = all.buffers == 0;
          return GST_PAD_PROBE_OK;
        }
        GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
        ++all.buffers;
        EXPECT_EQ(GST_BUFFER_PTS(buffer), all.end);
        all.end = GST_BUFFER_PTS(buffer) + GST_BUFFER_DURATION(buffer);
        const gstpp::Map map(buffer, GST_MAP_READ);
        const auto bytes = map.as<std::uint8_t>();
        all.bytes.insert(all.bytes.end(), bytes.begin(), bytes.end());
        return GST_PAD_PROBE_OK;
      },
      &heard, nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS)));
  EXPECT_TRUE(message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) << line;
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return heard;
}

std::string text_of(GstTagList* tags, const char* name) {
  gchar* text = nullptr;
  gst_tag_list_get_string(tags, name, &text);
  const gstpp::String owned(text);
  return text != nullptr ? text : "";
}

/// The error that a pipeline of this line gives on its way up, or "".
std::string error_of(const std::string& line, GError** error) {
  const auto pipeline =
      Ref<GstElement>::sink(gst_parse_launch((line + " ! fakesink").c_str(), nullptr));
  gst_element_set_state(pipeline, GST_STATE_PAUSED);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
      bus, 20 * GST_SECOND,
      static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_ASYNC_DONE)));
  std::string text;
  if (message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
    gst_message_parse_error(message, error, nullptr);
    text = (*error)->message;
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return text;
}

TEST(HouseBandSrc, PlaysATrackOfExactlyItsLength) {
  const Heard heard = hear("housebandsrc genre=jazz seed=7 duration=2.505 caption=smoky");
  EXPECT_EQ(heard.bytes.size(), 120240u * 4);
  EXPECT_EQ(heard.end, 2'505'000'000u);
  ASSERT_TRUE(heard.tags_before_sound);
  EXPECT_EQ(text_of(heard.tags, GST_TAG_GENRE), "jazz");
  EXPECT_EQ(text_of(heard.tags, GST_TAG_COMMENT), "smoky");
  EXPECT_FALSE(text_of(heard.tags, GST_TAG_TITLE).empty());
  EXPECT_FALSE(text_of(heard.tags, GST_TAG_MUSICAL_KEY).empty());
  gdouble bpm = 0;
  EXPECT_TRUE(gst_tag_list_get_double(heard.tags, GST_TAG_BEATS_PER_MINUTE, &bpm));
  EXPECT_GE(bpm, 96);
  EXPECT_LE(bpm, 168);
  EXPECT_EQ(heard.bytes, hear("housebandsrc genre=jazz seed=7 duration=2.505").bytes);
}

TEST(HouseBandSrc, DrawsANewTrackWhenNoSeedIsGiven) {
  EXPECT_NE(hear("housebandsrc duration=2").bytes, hear("housebandsrc duration=2").bytes);
}

TEST(HouseBandSrc, TakesTitleTempoAndKeyFromItsUser) {
  const Heard heard = hear("housebandsrc genre=rock seed=1 duration=2 title=Loud bpm=111 key=F#m");
  EXPECT_EQ(text_of(heard.tags, GST_TAG_TITLE), "Loud");
  EXPECT_EQ(text_of(heard.tags, GST_TAG_MUSICAL_KEY), "F# minor");
  gdouble bpm = 0;
  gst_tag_list_get_double(heard.tags, GST_TAG_BEATS_PER_MINUTE, &bpm);
  EXPECT_EQ(bpm, 111);
}

TEST(HouseBandSrc, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    const char *line, *value, *allowed;
  } rows[] = {{"housebandsrc genre=polka", "polka", "bossa nova"},
              {"housebandsrc bpm=300", "300", "40 to 220"},
              {"housebandsrc bpm=-1", "-1", "40 to 220"},
              {"housebandsrc key=\"H minor\"", "H minor", "F# major"},
              {"housebandsrc duration=0", "duration is 0", "1 to 3600"},
              {"housebandsrc duration=7200", "7200", "1 to 3600"},
              {"housebandsrc duration=nan", "nan", "1 to 3600"}};
  for (const auto& row : rows) {
    gstpp::Error error;
    const std::string text = error_of(row.line, error.out());
    EXPECT_NE(text.find(row.value), text.npos) << row.line << ": " << text;
    EXPECT_NE(text.find(row.allowed), text.npos) << row.line << ": " << text;
    ASSERT_NE(error.get(), nullptr) << row.line;
    EXPECT_TRUE(g_error_matches(error.get(), GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS))
        << row.line;
  }
  gstpp::Error error;
  EXPECT_EQ(error_of("housebandsrc genre=\"\" duration=2", error.out()), "");
  EXPECT_NE(error_of("housebandsrc genre=jazz soundfont=/nonexistent.sf2", error.out())
                .find("/nonexistent.sf2"),
            std::string::npos);
}

TEST(HouseBandSrc, KnowsHowLongItPlays) {
  const auto pipeline =
      Ref<GstElement>::sink(gst_parse_launch("housebandsrc duration=12.5 ! fakesink", nullptr));
  gst_element_set_state(pipeline, GST_STATE_PAUSED);
  ASSERT_EQ(gst_element_get_state(pipeline, nullptr, nullptr, 20 * GST_SECOND),
            GST_STATE_CHANGE_SUCCESS);
  gint64 duration = 0;
  EXPECT_TRUE(gst_element_query_duration(pipeline, GST_FORMAT_TIME, &duration));
  EXPECT_EQ(duration, 12'500'000'000);
  gst_element_set_state(pipeline, GST_STATE_NULL);
}

}  // namespace

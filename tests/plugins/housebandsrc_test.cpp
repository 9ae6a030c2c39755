// SPDX-License-Identifier: Apache-2.0
#include <gst/gst.h>
#include <gst/tag/tag.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
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

TEST(HouseBandSrc, KeepsItsTempoWhereTheLengthIsAWish) {
  const std::string line = "housebandsrc genre=jazz seed=7 duration=12 bpm=117 soundfont=none";
  const Heard wish = hear(line + " length-tolerance=0.2");
  EXPECT_NE(wish.end, 12'000'000'000U);
  EXPECT_NEAR(static_cast<double>(wish.end) / 12e9, 1, 0.2);
  EXPECT_NE(text_of(wish.tags, GST_TAG_LOCATION).find("length-tolerance=0.2"), std::string::npos);
  gdouble bpm = 0;
  EXPECT_TRUE(gst_tag_list_get_double(wish.tags, GST_TAG_BEATS_PER_MINUTE, &bpm));
  EXPECT_EQ(bpm, 117);
  EXPECT_EQ(hear(line).end, 12'000'000'000U);
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

TEST(HouseBandSrc, TellsTheModeThatItPlays) {
  std::set<std::string> keys;
  for (int seed = 1; seed <= 16; ++seed)
    keys.insert(text_of(
        hear("housebandsrc genre=\"disco funk\" duration=2 key=Am seed=" + std::to_string(seed))
            .tags,
        GST_TAG_MUSICAL_KEY));
  EXPECT_EQ(keys, (std::set<std::string>{"A dorian", "A minor"}));
}

TEST(HouseBandSrc, TellsAUriFromWhichTheSameTrackCanBeHadAgain) {
  const Heard drawn = hear("housebandsrc genre=\"bossa nova\" duration=2.5 bpm=111.5 key=F#m");
  const std::string uri = text_of(drawn.tags, GST_TAG_LOCATION);
  const Heard again = hear("uridecodebin uri=\"" + uri + "\"");
  EXPECT_EQ(again.bytes, drawn.bytes) << uri;
  EXPECT_EQ(text_of(again.tags, GST_TAG_LOCATION), uri);
  const Heard ordered =
      hear("housebandsrc genre=rock seed=5 duration=8.5 energy=.25 form=\"verse, chorus\"");
  EXPECT_NE(ordered.bytes, hear("housebandsrc genre=rock seed=5 duration=8.5").bytes);
  EXPECT_EQ(hear("uridecodebin uri=\"" + text_of(ordered.tags, GST_TAG_LOCATION) + "\"").bytes,
            ordered.bytes);
}

TEST(HouseBandSrc, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    const char *line, *value, *allowed;
  } rows[] = {{"housebandsrc genre=polka", "polka", "bossa nova"},
              {"housebandsrc bpm=300", "300", "40 to 220"},
              {"housebandsrc bpm=-1", "-1", "40 to 220"},
              {"housebandsrc key=\"H minor\"", "H minor", "F# major"},
              {"housebandsrc energy=1.5", "1.5", "0 to 1"},
              {"housebandsrc form=\"verse,polka\"", "polka", "verse, chorus"},
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

/// A paused or playing track of four seconds into an appsink, which is asked buffer by buffer.
class Sought {
 public:
  explicit Sought(const std::string& source = "housebandsrc genre=jazz seed=7 duration=4") {
    gstpp::Error error;
    pipeline_ = Ref<GstElement>::sink(
        gst_parse_launch((source + " ! appsink name=out sync=false").c_str(), error.out()));
    EXPECT_FALSE(error) << error.message();
    out_ = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "out"));
    gst_element_set_state(pipeline_, GST_STATE_PAUSED);
    EXPECT_NE(gst_element_get_state(pipeline_, nullptr, nullptr, 60 * GST_SECOND),
              GST_STATE_CHANGE_FAILURE);
  }
  Sought(const Sought&) = delete;
  Sought& operator=(const Sought&) = delete;
  ~Sought() { gst_element_set_state(pipeline_, GST_STATE_NULL); }

  GstElement* pipeline() const { return pipeline_; }
  bool seek(GstClockTime start, GstClockTime stop = GST_CLOCK_TIME_NONE, double rate = 1) {
    return gst_element_seek(pipeline_, rate, GST_FORMAT_TIME,
                            static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE),
                            GST_SEEK_TYPE_SET, static_cast<gint64>(start), GST_SEEK_TYPE_SET,
                            static_cast<gint64>(stop)) != FALSE;
  }
  /// From the position of now to the end; `first` is the timestamp it begins with.
  std::vector<std::uint8_t> rest(GstClockTime* first) {
    gst_element_set_state(pipeline_, GST_STATE_PLAYING);
    std::vector<std::uint8_t> all;
    *first = GST_CLOCK_TIME_NONE;
    for (;;) {
      GstSample* raw = nullptr;
      g_signal_emit_by_name(out_, "try-pull-sample", 60 * GST_SECOND, &raw);
      const auto sample = Ref<GstSample>::adopt(raw);
      if (!sample) return all;
      GstBuffer* buffer = gst_sample_get_buffer(sample);
      if (all.empty()) *first = GST_BUFFER_PTS(buffer);
      const gstpp::Map map(buffer, GST_MAP_READ);
      const auto bytes = map.as<std::uint8_t>();
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
  }

 private:
  Ref<GstElement> pipeline_;
  Ref<GstElement> out_;
};

TEST(HouseBandSrc, SoundsTheSameWithAndWithoutASeek) {
  const auto all = hear("housebandsrc genre=jazz seed=7 duration=4").bytes;
  ASSERT_EQ(all.size(), 192000U * 4);
  Sought sought;
  for (const auto& [start, stop] : std::vector<std::pair<GstClockTime, GstClockTime>>{
           {2 * GST_SECOND, GST_CLOCK_TIME_NONE},
           {500 * GST_MSECOND, 1'234'567'890},
           {20833, GST_CLOCK_TIME_NONE},  // the second sample, as its timestamp is rounded
           {0, 10 * GST_MSECOND},
           {3'999'999'999, GST_CLOCK_TIME_NONE},
           {4 * GST_SECOND, GST_CLOCK_TIME_NONE}}) {
    SCOPED_TRACE(start);
    ASSERT_TRUE(sought.seek(start, stop));
    GstClockTime first = 0;
    const auto rest = sought.rest(&first);
    const auto at = gst_util_uint64_scale_ceil(start, 48000, GST_SECOND);
    const auto end = GST_CLOCK_TIME_IS_VALID(stop)
                         ? gst_util_uint64_scale_ceil(stop, 48000, GST_SECOND)
                         : 192000;
    ASSERT_EQ(rest.size(), (end - at) * 4);
    EXPECT_TRUE(
        std::equal(rest.begin(), rest.end(), all.begin() + static_cast<std::ptrdiff_t>(at * 4)));
    if (!rest.empty()) {
      EXPECT_EQ(first, at * GST_SECOND / 48000);
    }
  }
}

TEST(HouseBandSrc, SaysThatItCanBeSoughtInAndPlaysNothingBackwards) {
  Sought sought;
  const auto query = Ref<GstQuery>::adopt(gst_query_new_seeking(GST_FORMAT_TIME));
  ASSERT_TRUE(gst_element_query(sought.pipeline(), query));
  gboolean can = FALSE;
  gint64 end = 0;
  gst_query_parse_seeking(query, nullptr, &can, nullptr, &end);
  EXPECT_TRUE(can);
  EXPECT_EQ(end, 4 * static_cast<gint64>(GST_SECOND));
  EXPECT_FALSE(sought.seek(0, 2 * GST_SECOND, -1));
  ASSERT_TRUE(sought.seek(GST_SECOND));
  ASSERT_EQ(gst_element_get_state(sought.pipeline(), nullptr, nullptr, 60 * GST_SECOND),
            GST_STATE_CHANGE_SUCCESS);
  gint64 position = 0;
  ASSERT_TRUE(gst_element_query_position(sought.pipeline(), GST_FORMAT_TIME, &position));
  EXPECT_EQ(position, static_cast<gint64>(GST_SECOND));
}

TEST(HouseBandSrc, ALongSeekIsLeftAtOnce) {
  Sought sought("housebandsrc genre=cinematic seed=1 duration=3600");
  ASSERT_TRUE(sought.seek(3590 * GST_SECOND));  // minutes of rendering
  ASSERT_TRUE(sought.seek(GST_SECOND));
  EXPECT_EQ(gst_element_get_state(sought.pipeline(), nullptr, nullptr, 60 * GST_SECOND),
            GST_STATE_CHANGE_SUCCESS);
}

TEST(HouseBandSrc, PlaysItsUri) {
  EXPECT_EQ(hear("uridecodebin uri=\"houseband://jazz?seed=7&duration=2.505\"").bytes,
            hear("housebandsrc genre=jazz seed=7 duration=2.505").bytes);
}

TEST(HouseBandSrc, AUriIsTheWholeOrderAndComesBack) {
  const auto source = Ref<GstElement>::sink(gst_element_factory_make("housebandsrc", nullptr));
  auto* handler = GST_URI_HANDLER(source.get());
  for (const auto& [uri, back] : std::vector<std::pair<const char*, const char*>>{
           {"houseband://drum+and%20bass?seed=7&bpm=174",
            "houseband://drum%20and%20bass?bpm=174&seed=7"},
           {"houseband://", "houseband://lofi%20hip%20hop"},
           {"houseband:///?title=a%20%26%20b", "houseband://lofi%20hip%20hop?title=a+%26+b"},
           {"HOUSEBAND://rock/?key=F%23%20minor&duration=60.5",
            "houseband://rock?duration=60.5&key=F%23+minor"},
       }) {
    gstpp::Error error;
    ASSERT_TRUE(gst_uri_handler_set_uri(handler, uri, error.out())) << error.message();
    const gstpp::String got(gst_uri_handler_get_uri(handler));
    std::string sorted(got.get());
    ASSERT_TRUE(gst_uri_handler_set_uri(handler, got.get(), nullptr));
    const gstpp::String again(gst_uri_handler_get_uri(handler));
    EXPECT_EQ(sorted, again.get());
    EXPECT_EQ(sorted.size(), std::string(back).size()) << sorted;
  }
  const gstpp::String before(gst_uri_handler_get_uri(handler));
  for (const auto& [uri, word] : std::vector<std::pair<const char*, const char*>>{
           {"houseband://polka", "polka"},
           {"houseband://jazz?seed=4294967296", "4294967295"},
           {"houseband://jazz?seed=1&seed=2", "twice"},
           {"houseband://jazz?duration=0", "1 to 3600"},
           {"houseband://jazz?duration=12s", "12s"},
           {"houseband://jazz?bpm=20", "40 to 220"},
           {"houseband://jazz?key=H", "A to G"},
           {"houseband://jazz?energy=2", "0 to 1"},
           {"houseband://jazz?form=verse,drop", "chorus"},
           {"houseband://jazz?soundfont=/etc/passwd", "soundfont"},
           {"houseband://jazz/blue", "GENRE"},
           {"houseband://jazz?title=%zz", "title"},
           {"houseband://jazz#2", "%23"},
           {"houseband:jazz", "GENRE"}}) {
    gstpp::Error error;
    EXPECT_FALSE(gst_uri_handler_set_uri(handler, uri, error.out())) << uri;
    EXPECT_NE(error.message().find(word), std::string::npos) << uri << ": " << error.message();
    const gstpp::String now(gst_uri_handler_get_uri(handler));
    EXPECT_STREQ(now.get(), before.get()) << uri << " changes nothing";
  }
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

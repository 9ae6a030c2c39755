// SPDX-License-Identifier: Apache-2.0
// acestepsrc against a server that is real but for its model.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "gstpp/ref.hpp"
#include "support/acestep_double.hpp"
#include "support/sockets.hpp"

using namespace std::chrono_literals;
using support::AceStepDouble;
using support::DoubleSettings;
using support::Fault;

namespace {

struct Heard {
  bool eos = false;
  std::string error;
  int code = 0;  // of GST_RESOURCE_ERROR
  std::string title, comment, genre;
  std::vector<GstProgressType> progress;
  std::vector<std::string> server_states;
  double seconds = 0;
};

gstpp::Ref<GstElement> launch(const std::string& line) {
  gstpp::Error error;
  auto pipeline = gstpp::Ref<GstElement>::sink(gst_parse_launch(line.c_str(), error.out()));
  EXPECT_FALSE(error) << error.message();
  return pipeline;
}

std::string word(GstTagList* tags, const char* name) {
  gchar* text = nullptr;
  gst_tag_list_get_string(tags, name, &text);
  return gstpp::String(text) ? text : "";
}

Heard play(const std::string& line, GstClockTime most = 60 * GST_SECOND) {
  Heard heard;
  const auto pipeline = launch(line);
  const auto begun = std::chrono::steady_clock::now();
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const auto bus = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  while (!heard.eos && heard.error.empty()) {
    const auto message = gstpp::Ref<GstMessage>::adopt(gst_bus_timed_pop(bus, most));
    if (!message) break;
    switch (GST_MESSAGE_TYPE(message.get())) {
      case GST_MESSAGE_EOS:
        heard.eos = true;
        break;
      case GST_MESSAGE_ERROR: {
        gstpp::Error error;
        gst_message_parse_error(message, error.out(), nullptr);
        heard.error = error.message();
        heard.code = error.get()->code;
        break;
      }
      case GST_MESSAGE_TAG: {
        GstTagList* list = nullptr;
        gst_message_parse_tag(message, &list);
        const auto tags = gstpp::Ref<GstTagList>::adopt(list);
        if (heard.comment.empty()) {
          heard.title = word(tags, GST_TAG_TITLE);
          heard.comment = word(tags, GST_TAG_COMMENT);
          heard.genre = word(tags, GST_TAG_GENRE);
        }
        break;
      }
      case GST_MESSAGE_PROGRESS: {
        GstProgressType type;
        gst_message_parse_progress(message, &type, nullptr, nullptr);
        heard.progress.push_back(type);
        break;
      }
      case GST_MESSAGE_ELEMENT: {
        const GstStructure* facts = gst_message_get_structure(message);
        if (!gst_structure_has_name(facts, "infinara-servers")) break;
        const GValue* list = gst_structure_get_value(facts, "servers");
        heard.server_states.push_back(gst_structure_get_string(
            gst_value_get_structure(gst_value_list_get_value(list, 0)), "state"));
        break;
      }
      default:
        break;
    }
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  heard.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return heard;
}

DoubleSettings quick() {
  DoubleSettings settings;
  settings.delay = 0.5;
  return settings;
}

std::string source(const AceStepDouble& server, const std::string& more = "genre=jazz") {
  return "acestepsrc location=" + server.url() + " duration=12 " + more + " ";
}

}  // namespace

TEST(AceStepSrc, PlaysATrackAndTellsOfIt) {
  AceStepDouble server(quick());
  for (const char* rest : {"! decodebin ! audioconvert ! fakesink", "! decodebin3 ! fakesink",
                           "! queue ! decodebin3 ! fakesink"}) {
    const Heard heard = play(source(server, "genre=jazz title=Nightcap") + rest);
    EXPECT_TRUE(heard.eos) << heard.error;
    EXPECT_EQ(heard.title, "Nightcap");
    EXPECT_EQ(heard.genre, "jazz");
    EXPECT_GE(std::ranges::count(heard.comment, ' '), 10) << heard.comment;
    ASSERT_GE(heard.progress.size(), 2u);
    EXPECT_EQ(heard.progress.front(), GST_PROGRESS_TYPE_START);
    EXPECT_EQ(heard.progress.back(), GST_PROGRESS_TYPE_COMPLETE);
    EXPECT_EQ(heard.server_states.back(), "HEALTHY");
  }
  const auto asked = server.orders();
  ASSERT_EQ(asked.size(), 3u);
}

TEST(AceStepSrc, PlaysEveryFormatAndByUri) {
  AceStepDouble server(quick());
  for (const char* format : {"mp3", "flac", "wav"})
    EXPECT_TRUE(play(source(server, std::string("genre=rock audio-format=") + format) +
                     "! decodebin ! audioconvert ! fakesink")
                    .eos)
        << format;
  const std::string uri =
      "acestep://127.0.0.1:" + std::to_string(server.port()) + "/?genre=jazz&duration=12";
  EXPECT_TRUE(play("uridecodebin3 uri=\"" + uri + "\" ! audioconvert ! fakesink").eos);
  EXPECT_TRUE(play("playbin3 audio-sink=\"fakesink\" uri=\"" + uri + "\"").eos);
}

TEST(AceStepSrc, CapsSizeAndSeekAreThoseOfAFile) {
  AceStepDouble server(quick());
  const auto pipeline = launch(source(server) + "name=src ! fakesink name=sink");
  ASSERT_EQ(gst_element_set_state(pipeline, GST_STATE_PAUSED), GST_STATE_CHANGE_ASYNC);
  ASSERT_EQ(gst_element_get_state(pipeline, nullptr, nullptr, 30 * GST_SECOND),
            GST_STATE_CHANGE_SUCCESS);
  const auto src =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "src"));
  const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(src, "src"));
  const auto caps = gstpp::Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
  ASSERT_TRUE(caps);
  EXPECT_STREQ(gst_structure_get_name(gst_caps_get_structure(caps, 0)), "audio/x-flac");
  gint64 size = 0;
  EXPECT_TRUE(gst_element_query_duration(src, GST_FORMAT_BYTES, &size));
  EXPECT_GT(size, 100'000);
  EXPECT_TRUE(
      gst_element_seek_simple(pipeline, GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH, size - 1000));
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const auto bus = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  const auto end = gstpp::Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
      bus, 30 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  ASSERT_TRUE(end);
  EXPECT_EQ(GST_MESSAGE_TYPE(end.get()), GST_MESSAGE_EOS);
  gst_element_set_state(pipeline, GST_STATE_NULL);
}

TEST(AceStepSrc, StoppingDuringAGenerationReturnsAtOnce) {
  DoubleSettings slow;
  slow.delay = 60;
  AceStepDouble server(slow);
  for (int i = 0; i < 4; ++i) {
    const auto pipeline = launch(source(server) + "! fakesink");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    const auto bus = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
    const auto started = gstpp::Ref<GstMessage>::adopt(
        gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_PROGRESS));
    EXPECT_TRUE(started);
    if (i > 1) {  // and once with a task at the server
      EXPECT_TRUE(support::eventually([&] { return server.counts().running > 0; }));
    }
    const auto begun = std::chrono::steady_clock::now();
    gst_element_set_state(pipeline, GST_STATE_NULL);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
  }
}

TEST(AceStepSrc, NobodyThereIsAnErrorWithItsReason) {
  const Heard heard = play("acestepsrc location=http://127.0.0.1:1 genre=jazz ! fakesink");
  EXPECT_NE(heard.error.find("http://127.0.0.1:1 is DOWN"), std::string::npos) << heard.error;
  EXPECT_LT(heard.seconds, 10);
  EXPECT_EQ(heard.progress.back(), GST_PROGRESS_TYPE_ERROR);
}

TEST(AceStepSrc, AWrongKeyIsAnErrorOfItsOwn) {
  auto settings = quick();
  settings.key = "right";
  AceStepDouble server(settings);
  const Heard heard = play(source(server, "api-key=wrong") + "! fakesink");
  EXPECT_EQ(heard.code, GST_RESOURCE_ERROR_NOT_AUTHORIZED) << heard.error;
}

TEST(AceStepSrc, SettingsThatCannotBeAreRefused) {
  for (const char* settings : {"location=gpu", "location=\"http://me:word@gpu\"", "duration=5",
                               "duration=601", "duration=nan", "audio-format=opus"}) {
    const Heard heard = play(std::string("acestepsrc ") + settings + " ! fakesink");
    EXPECT_NE(heard.error.find("cannot be asked like this"), std::string::npos) << settings;
    EXPECT_EQ(heard.error.find("word"), std::string::npos);
  }
}

TEST(AceStepSrc, WhatIsNoMusicIsRejectedAndAskedForAgain) {
  DoubleSettings settings = quick();
  settings.plan = [](std::size_t n) { return n == 0 ? Fault::kFetchHtmlAsAudio : Fault::kNone; };
  AceStepDouble server(settings);
  const Heard heard = play(source(server) + "! decodebin ! fakesink");
  EXPECT_TRUE(heard.eos) << heard.error;
  EXPECT_EQ(server.orders().size(), 2u);
}

TEST(AceStepSrc, NoTrackPlaysThatWasNotListenedTo) {
  for (const Fault fault : {Fault::kHalfSilent, Fault::kShort, Fault::kTruncated}) {
    DoubleSettings settings = quick();
    settings.plan = [fault](std::size_t n) { return n == 0 ? fault : Fault::kNone; };
    AceStepDouble server(settings);
    const Heard heard =
        play(source(server, "genre=jazz audio-format=mp3") + "! decodebin ! fakesink");
    EXPECT_TRUE(heard.eos) << heard.error;
    EXPECT_EQ(server.orders().size(), 2u) << support::row_of(fault).name;
  }
}

TEST(AceStepSrc, AServerThatRestartsInTheMiddleStillGivesATrack) {
  DoubleSettings settings = quick();
  settings.delay = 1;
  settings.down = 2;
  settings.plan = [](std::size_t n) { return n == 0 ? Fault::kDie : Fault::kNone; };
  AceStepDouble server(settings);
  const Heard heard = play(source(server) + "! decodebin ! fakesink");
  EXPECT_TRUE(heard.eos) << heard.error;
  EXPECT_LT(heard.seconds, 40);
}

TEST(AceStepSrc, TheUriSetsPropertiesAndNothingSecret) {
  const auto src = gstpp::Ref<GstElement>::sink(gst_element_make_from_uri(
      GST_URI_SRC,
      "acestep://gpu:8001/?genre=drum%20and%20bass&duration=60&bpm=174&key=F%23%20minor", nullptr,
      nullptr));
  ASSERT_TRUE(src);
  gchar *location = nullptr, *genre = nullptr, *key = nullptr;
  gdouble duration = 0, bpm = 0;
  g_object_get(src.get(), "location", &location, "genre", &genre, "key", &key, "duration",
               &duration, "bpm", &bpm, nullptr);
  EXPECT_STREQ(gstpp::String(location).get(), "http://gpu:8001");
  EXPECT_STREQ(gstpp::String(genre).get(), "drum and bass");
  EXPECT_STREQ(gstpp::String(key).get(), "F# minor");
  EXPECT_EQ(duration, 60);
  EXPECT_EQ(bpm, 174);
  for (const char* query : {"api-key=x", "output-dir=/etc", "state-file=/tmp/x", "nonsense=1"}) {
    const std::string uri = std::string("acestep://gpu/?") + query;
    gstpp::Error error;
    EXPECT_FALSE(gst_uri_handler_set_uri(GST_URI_HANDLER(src.get()), uri.c_str(), error.out()))
        << query;
  }
  const GParamSpec* secret = g_object_class_find_property(G_OBJECT_GET_CLASS(src.get()), "api-key");
  EXPECT_FALSE(secret->flags & G_PARAM_READABLE);
}

TEST(AceStepSrc, EveryProgressThatBeginsEnds) {
  DoubleSettings slow;
  slow.delay = 60;
  AceStepDouble server(slow);
  enum class Way { kEos, kReady, kNullOfTheSourceAlone };
  for (const Way way : {Way::kEos, Way::kReady, Way::kNullOfTheSourceAlone}) {
    const auto pipeline = launch(source(server) + "name=src ! fakesink");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    const auto src =
        gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "src"));
    const auto bus = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
    const auto next = [&] {
      GstProgressType type = GST_PROGRESS_TYPE_ERROR;
      const auto message = gstpp::Ref<GstMessage>::adopt(
          gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_PROGRESS));
      if (message) gst_message_parse_progress(message, &type, nullptr, nullptr);
      return type;
    };
    ASSERT_EQ(next(), GST_PROGRESS_TYPE_START);
    if (way == Way::kEos) gst_element_send_event(pipeline, gst_event_new_eos());
    // The bus of a pipeline drops what is posted below READY.
    if (way == Way::kReady) gst_element_set_state(pipeline, GST_STATE_READY);
    if (way == Way::kNullOfTheSourceAlone) gst_element_set_state(src, GST_STATE_NULL);
    GstProgressType last = next();
    while (last == GST_PROGRESS_TYPE_CONTINUE) last = next();
    EXPECT_EQ(last, GST_PROGRESS_TYPE_CANCELED) << static_cast<int>(way);
    if (way == Way::kEos) {
      const auto end = gstpp::Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
          bus, 20 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
      ASSERT_TRUE(end);
      EXPECT_EQ(GST_MESSAGE_TYPE(end.get()), GST_MESSAGE_EOS);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
  }
}

TEST(AceStepSrc, AnotherFormatThanAskedIsDecodedOrRefused) {
  for (const Fault fault : {Fault::kWav32, Fault::kOpus, Fault::kAac}) {
    DoubleSettings settings = quick();
    settings.plan = [fault](std::size_t n) { return n == 0 ? fault : Fault::kNone; };
    AceStepDouble server(settings);
    const Heard heard = play(source(server) + "! decodebin ! audioconvert ! fakesink");
    EXPECT_TRUE(heard.eos) << support::row_of(fault).name << heard.error;
    EXPECT_EQ(server.orders().size(), fault == Fault::kAac ? 2u : 1u)
        << support::row_of(fault).name;
  }
}

TEST(AceStepSrc, AKeyInTheLocationIsUsedAndNeverShown) {
  auto settings = quick();
  settings.key = "s3same";
  AceStepDouble server(settings);
  const std::string url = "http://s3same@127.0.0.1:" + std::to_string(server.port());
  EXPECT_TRUE(play("acestepsrc genre=jazz duration=12 location=" + url + " ! fakesink").eos);
  const auto pipeline = launch("acestepsrc name=src location=\"" + url + ",http://b\" ! fakesink");
  const auto src =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "src"));
  gchar* location = nullptr;
  g_object_get(src.get(), "location", &location, nullptr);
  EXPECT_EQ(std::string(gstpp::String(location).get()), server.url() + ",http://b");
}

namespace {

gstpp::Ref<GstElement> source_for(const std::string& uri) {
  gstpp::Error error;
  auto src = gstpp::Ref<GstElement>::sink(
      gst_element_make_from_uri(GST_URI_SRC, uri.c_str(), nullptr, error.out()));
  EXPECT_TRUE(src) << uri << ": " << error.message();
  return src;
}

std::string uri_of(GstElement* src) {
  gchar* text = gst_uri_handler_get_uri(GST_URI_HANDLER(src));
  return gstpp::String(text) ? text : "";
}

}  // namespace

TEST(AceStepUri, IsRefusedWithNameValueAndRange) {
  const struct {
    const char* query;
    const char* words;
  } kRows[] = {
      {"bogus=1", "unknown name \"bogus\"; a URI may set genre, prompt"},
      {"duration=abc", "duration=abc is not a number from 10 to 600"},
      {"duration=12s", "duration=12s is not a number from 10 to 600"},
      {"duration=-5", "duration=-5 is not a number from 10 to 600"},
      {"duration=1e3", "duration=1e3 is not"},
      {"duration=nan", "duration=nan is not"},
      {"duration=", "duration= is not"},
      {"duration", "duration= is not"},
      {"duration=60&duration=70", "duration is given twice"},
      {"genre=polka", "genre=polka is not one of ambient, chillwave"},
      {"genre=Jazz", "genre=Jazz is not one of"},
      {"bpm=20", "bpm=20 is not a number from 30 to 300"},
      {"bpm=-1", "bpm=-1 is not"},
      {"key=H+dorian", "key=H dorian is not a key such as"},
      {"time-signature=4/4", "time-signature=4/4 is not one of 2, 3, 4, 6"},
      {"seed=1.5", "seed=1.5 is not a whole number from -1 to 4294967295"},
      {"seed=4294967296", "seed=4294967296 is not"},
      {"shift=11", "shift=11 is not a number from 0 to 10"},
      {"audio-format=opus", "audio-format=opus is not one of flac, mp3, wav"},
      {"prompt=100%", "prompt has a broken escape"},
      {"prompt=%ff", "prompt is not UTF-8"},
      {"key=F# minor", "%23"},
      {"api-key=x", "unknown name \"api-key\""},
      {"location=http://evil", "unknown name \"location\""},
  };
  for (const auto& row : kRows) {
    const std::string uri = std::string("acestep://gpu:8001/?") + row.query;
    gstpp::Error error;
    const auto none = gstpp::Ref<GstElement>::sink(
        gst_element_make_from_uri(GST_URI_SRC, uri.c_str(), nullptr, error.out()));
    EXPECT_FALSE(none) << uri;
    ASSERT_TRUE(error) << uri;
    EXPECT_TRUE(g_error_matches(error.get(), GST_URI_ERROR, GST_URI_ERROR_BAD_URI)) << uri;
    EXPECT_NE(std::string(error.message()).find(row.words), std::string::npos)
        << uri << ": " << error.message();
    const Heard heard = play("uridecodebin3 uri=\"" + uri + "\" ! fakesink");
    EXPECT_NE(heard.error.find(row.words), std::string::npos) << uri << ": " << heard.error;
  }
  for (const char* uri : {"acestep://me:secret@gpu/", "acestep://secret@gpu/?genre=jazz",
                          "acestep://gpu:99999/", "acestep://gpu:x/", "acestep:gpu",
                          "acestep:///gpu", "acestep://a,http://b/", "acestep://[::1/"}) {
    gstpp::Error error;
    const auto none = gstpp::Ref<GstElement>::sink(
        gst_element_make_from_uri(GST_URI_SRC, uri, nullptr, error.out()));
    EXPECT_FALSE(none) << uri;
    EXPECT_TRUE(g_error_matches(error.get(), GST_URI_ERROR, GST_URI_ERROR_BAD_URI)) << uri;
    EXPECT_EQ(std::string(error.message()).find("secret"), std::string::npos) << error.message();
  }
}

TEST(AceStepUri, ComesBackAsItWasGiven) {
  for (const char* uri :
       {"acestep://gpu:8001/", "acesteps://gpu/", "acestep:///?genre=jazz",
        "acestep://[::1]:8001/?genre=drum+and+bass&duration=60.5&bpm=174&key=F%23+minor&seed=7",
        "acestep://gpu/prefix/?prompt=a+%2B+b+%26+c%3D100%25&lyrics=%5BIntro%5D%0Ala&shift=1.5",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one URI of two lines
        "acestep://gpu/?caption=na%C3%AFve&title=One+Two&model=acestep-v15-base&"
        "inference-steps=50&guidance-scale=6&audio-format=mp3&time-signature=3"}) {
    const auto src = source_for(uri);
    ASSERT_TRUE(src);
    const std::string first = uri_of(src);
    const auto twin = source_for(first);
    ASSERT_TRUE(twin);
    EXPECT_EQ(uri_of(twin), first);
    for (const char* name : {"location", "genre", "prompt", "caption", "title", "lyrics",
                             "duration", "bpm", "key", "seed", "model", "shift", "audio-format",
                             "time-signature", "inference-steps", "guidance-scale"}) {
      GValue a = G_VALUE_INIT, b = G_VALUE_INIT;
      g_object_get_property(G_OBJECT(src.get()), name, &a);
      g_object_get_property(G_OBJECT(twin.get()), name, &b);
      EXPECT_EQ(gst_value_compare(&a, &b), GST_VALUE_EQUAL) << uri << ": " << name;
      g_value_unset(&a);
      g_value_unset(&b);
    }
  }
  const auto src = source_for("acestep://gpu:8001/?genre=jazz&key=F%23%20minor");
  EXPECT_EQ(uri_of(src), "acestep://gpu:8001/?genre=jazz&key=F%23+minor");
  // A second URI is the whole order: nothing of the first stays.
  ASSERT_TRUE(
      gst_uri_handler_set_uri(GST_URI_HANDLER(src.get()), "acestep://b/?duration=60", nullptr));
  EXPECT_EQ(uri_of(src), "acestep://b/?duration=60");
}

TEST(AceStepUri, ARefusedOneChangesNothing) {
  const auto src = source_for("acestep://gpu:8001/?genre=jazz&duration=60&seed=7");
  const std::string before = uri_of(src);
  for (const char* uri :
       {"acestep://other/?genre=rock&duration=abc", "acestep://other/?genre=rock&bogus=1",
        "acestep://me@other/?genre=rock", "acestep://other:0x/?genre=rock",
        "acestep://other/?genre=rock&prompt=%", "acestep://other/?genre=rock#x"}) {
    EXPECT_FALSE(gst_uri_handler_set_uri(GST_URI_HANDLER(src.get()), uri, nullptr)) << uri;
    EXPECT_EQ(uri_of(src), before) << uri;
  }
}

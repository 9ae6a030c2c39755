// SPDX-License-Identifier: Apache-2.0
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "music/mood_graph.hpp"
#include "music/random.hpp"
#include "music/title.hpp"
#include "support/radio.hpp"

namespace infinara {
namespace {

using namespace std::string_literals;

constexpr const char* kOffline = "is-live=false generators=testtracksrc seed=1 ";
using enum music::When;

music::GenreIndex index_of(const std::string& genre) {
  return music::index_of(*music::find_genre(genre));
}

/// Where a genre is first on air at or after `from`, in seconds; negative if never.
double on_air_at(Radio& radio, const std::string& genre, double from) {
  for (const auto& one : radio.messages_of<onair::OnAir>())
    if (one.track.order.genre == genre && static_cast<double>(one.position) >= from * 1e9)
      return static_cast<double>(one.position) / 1e9;
  return -1;
}

TEST(MoodDj, PlaysTracksOneIntoTheOtherWithoutAGap) {
  Radio radio(std::string(kOffline) + "genre=jazz auto-dj=false");
  ASSERT_TRUE(radio.play(1000)) << radio.error;
  EXPECT_EQ(radio.buffers, 50000u);
  EXPECT_TRUE(radio.faults.empty()) << radio.faults.front();
  EXPECT_LE(radio.longest_silence, 0u);
  const auto on_air = radio.messages_of<onair::OnAir>();
  ASSERT_EQ(on_air.size(), 12u);  // each of 90 s, 5 s of them shared
  for (std::size_t i = 0; i < on_air.size(); ++i) {
    EXPECT_EQ(on_air[i].start, i * 85'000'000'000);
    EXPECT_EQ(on_air[i].position, i == 0 ? 0 : i * 85'000'000'000 + 2'500'000'000);
    EXPECT_EQ(on_air[i].track.order.id, i + 1);
    EXPECT_EQ(on_air[i].track.order.genre, "jazz");
    EXPECT_EQ(on_air[i].track.name(),
              title_of(*music::find_genre("jazz"), on_air[i].track.order.seed));
    EXPECT_EQ(on_air[i].track.generator, "testtracksrc");
    // The title changes in band at the very buffer of the message.
    EXPECT_EQ(radio.titles.at(i).first, on_air[i].position);
    EXPECT_EQ(radio.titles.at(i).second, on_air[i].track.name());
  }
  const auto fades = radio.messages_of<onair::Fade>();
  ASSERT_GE(fades.size(), 11u);
  for (std::size_t i = 0; i < 11; ++i) EXPECT_EQ(fades[i].on_air, on_air[i + 1].position);
  EXPECT_EQ(fades[0], (onair::Fade{85'000'000'000, 90'000'000'000, 87'500'000'000, 1, 2}));
}

/// Whatever becomes of planned joins, plain ones stay as they are: this hash changes with nothing
/// but a decision.
TEST(MoodDj, AProgrammeWithPlainJoinsHasKnownBits) {
  Radio radio(std::string(kOffline) + "genre=jazz track-duration=20 crossfade=4 join=plain");
  radio.script.emplace(50, [&] { radio.skip(); });
  ASSERT_TRUE(radio.play(120)) << radio.error;
  EXPECT_EQ(radio.hash, 11089155512618055285U);
}

TEST(MoodDj, EndsAfterSoManyTracks) {
  Radio radio(std::string(kOffline) +
              "genre=jazz auto-dj=false num-tracks=3 track-duration=20 crossfade=5");
  ASSERT_TRUE(radio.play(1000)) << radio.error;
  EXPECT_EQ(radio.messages_of<onair::OnAir>().size(), 3U);
  EXPECT_GE(radio.buffers, 2500U) << "three times 20 s, less two fades";
  EXPECT_LE(radio.buffers, 2501U) << "and the ramp of 8 ms at its end";
}

TEST(MoodDj, IsPlayedByItsUri) {
  const auto dj = gstpp::Ref<GstElement>::sink(gst_element_factory_make("mooddj", nullptr));
  auto* handler = GST_URI_HANDLER(dj.get());
  gstpp::Error error;
  ASSERT_TRUE(gst_uri_handler_set_uri(
      handler, "radio://bossa+nova?seed=7&num-tracks=2&curve=linear&crossfade=2.5&auto-dj=no",
      error.out()))
      << error.message();
  const gstpp::String uri(gst_uri_handler_get_uri(handler));
  ASSERT_TRUE(gst_uri_handler_set_uri(handler, uri.get(), nullptr)) << uri.get();
  gdouble crossfade = 0;
  gboolean auto_dj = TRUE;
  gint64 seed = 0;
  guint tracks = 0;
  gchar* genre = nullptr;
  g_object_get(dj, "crossfade", &crossfade, "auto-dj", &auto_dj, "seed", &seed, "num-tracks",
               &tracks, "genre", &genre, nullptr);
  const gstpp::String owned(genre);
  EXPECT_EQ(crossfade, 2.5);
  EXPECT_FALSE(auto_dj);
  EXPECT_EQ(seed, 7);
  EXPECT_EQ(tracks, 2U);
  EXPECT_STREQ(genre, "bossa nova");
  for (const char* bad :
       {"radio://polka", "radio://jazz?generators=filesrc", "radio://jazz?seed=-2",
        "radio://jazz?crossfade=121", "radio://jazz?curve=round"}) {
    EXPECT_FALSE(gst_uri_handler_set_uri(handler, bad, error.out())) << bad;
    const gstpp::String now(gst_uri_handler_get_uri(handler));
    EXPECT_STREQ(now.get(), uri.get()) << bad << " changes nothing";
  }
  ASSERT_TRUE(gst_uri_handler_set_uri(handler, "radio://", nullptr));
  const gstpp::String plain(gst_uri_handler_get_uri(handler));
  EXPECT_STREQ(plain.get(), "radio://");
}

TEST(MoodDj, TheTagsInTheStreamAndTheMessagesNameTheSameTitleAndArtist) {
  const auto play = [](const char* generator) {
    Radio radio("is-live=false seed=1 genre=jazz track-duration=10 generators="s + generator);
    EXPECT_TRUE(radio.play(25)) << radio.error;
    const auto on_air = radio.messages_of<onair::OnAir>();
    EXPECT_GE(on_air.size(), 2u);
    EXPECT_EQ(on_air.size(), radio.titles.size());
    for (std::size_t i = 0; i < std::min(on_air.size(), radio.titles.size()); ++i) {
      EXPECT_EQ(on_air[i].track.name(), radio.titles[i].second);
      EXPECT_EQ(on_air[i].track.artist, radio.artists[i]);
    }
    return on_air.at(1);
  };
  const auto named = play("testnamedsrc");
  EXPECT_EQ(named.track.name(), "A Name of Its Own");
  EXPECT_EQ(named.track.artist, "Somebody");
  // The order and the element's name stand in for what a generator does not say.
  for (const char* silent : {"testtracksrc", "testmutesrc"}) {
    const auto told = play(silent);
    EXPECT_EQ(told.track.name(), title_of(*music::find_genre("jazz"), told.track.order.seed))
        << silent;
    EXPECT_EQ(told.track.artist, "Test track") << silent;
  }
  EXPECT_EQ(play("housebandsrc").track.artist, "Infinara House Band");
}

TEST(MoodDj, ATitleThatChangesInATrackIsToldAtTheBufferWhereItChangesInTheStream) {
  Radio radio(
      "is-live=false seed=1 genre=jazz auto-dj=false track-duration=30 crossfade=2 "
      "generators=testrenamesrc");
  ASSERT_TRUE(radio.play(50)) << radio.error;
  const auto on_air = radio.messages_of<onair::OnAir>();
  ASSERT_EQ(on_air.size(), 4u) << "two tracks, each of them under two names";
  ASSERT_EQ(radio.titles.size(), on_air.size());
  for (std::size_t i = 0; i < on_air.size(); ++i) {
    EXPECT_EQ(on_air[i].track.order.id, i / 2 + 1);
    EXPECT_EQ(on_air[i].start, on_air[i / 2 * 2].start);
    EXPECT_EQ(on_air[i].position, radio.titles[i].first);
    EXPECT_EQ(on_air[i].track.name(), radio.titles[i].second);
    EXPECT_EQ(on_air[i].track.artist, radio.artists[i]);
    EXPECT_EQ(on_air[i].track.name() == "Another Name", i % 2 == 1);
  }
}

TEST(MoodDj, WalksAlongEdgesAndTellsSo) {
  Radio radio(std::string(kOffline) + "dwell-min=60 dwell-max=120 track-duration=30");
  radio.hashes = false;
  ASSERT_TRUE(radio.play(10000)) << radio.error;
  const auto decided = radio.messages_of<onair::GenreDecided>();
  ASSERT_GT(decided.size(), 80u);
  EXPECT_EQ(decided[0].reason, "start");
  for (std::size_t i = 1; i < decided.size(); ++i) {
    EXPECT_TRUE(
        music::kMoodGraph.adjacent(index_of(decided[i - 1].genre), index_of(decided[i].genre)));
    EXPECT_EQ(decided[i].reason, "dwell");
    constexpr double kHalf = (30 - 5) / 2.0;  // of a track and its crossfade
    EXPECT_NEAR(decided[i].position / 1e9, decided[i - 1].dwell_end / 1e9, kHalf + 0.04);
    EXPECT_GE(decided[i].dwell_end - decided[i].position, 60'000'000'000);
    EXPECT_LE(decided[i].dwell_end - decided[i].position, 120'000'000'000);
  }
  // What is heard walks too: the same genre again or a neighbour's of the one before.
  std::set<std::string> heard;
  for (const auto& one : radio.messages_of<onair::OnAir>()) heard.insert(one.track.order.genre);
  EXPECT_GE(heard.size(), 10u);
}

TEST(MoodDj, MakesTheSameProgrammeFromTheSameSeed) {
  const auto hour = [](const char* seed) {
    Radio radio(
        "is-live=false generators=testtracksrc track-duration=20 dwell-min=30 dwell-max=60 "
        "genre-change=now seed=" +
        std::string(seed));
    for (int i = 1; i < 20; ++i) radio.script.emplace(i * 37.3, [&radio] { radio.skip(); });
    radio.script.emplace(400, [&radio] { radio.choose("rock", kNow); });
    EXPECT_TRUE(radio.play(1200)) << radio.error;
    return std::tuple(radio.hash, radio.titles, radio.messages_of<onair::OnAir>(),
                      radio.messages_of<onair::GenreDecided>());
  };
  const auto first = hour("7");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(first, hour("7"));
  EXPECT_NE(std::get<0>(first), std::get<0>(hour("8")));
}

TEST(MoodDj, IsTheSameToTheLastBitWithTheHouseBand) {
  const auto half_a_minute = [] {
    Radio radio("is-live=false seed=11 track-duration=10 crossfade=2 dwell-min=8 dwell-max=15");
    EXPECT_TRUE(radio.play(30)) << radio.error;
    EXPECT_EQ(radio.titles.size(), 4u);
    return std::pair(radio.hash, radio.titles);
  };
  EXPECT_EQ(half_a_minute(), half_a_minute());
}

TEST(MoodDj, AGenreWantedNowIsHeardWithinFiveSeconds) {
  Radio radio(std::string(kOffline) + "genre=ambient auto-dj=false");
  radio.script.emplace(50, [&] { EXPECT_TRUE(radio.choose("rock", kNow)); });
  radio.script.emplace(100, [&] {
    EXPECT_EQ(radio.text("current-genre"), "rock");
    EXPECT_TRUE(radio.choose("ambient", kNow));
  });
  radio.script.emplace(150, [&] {
    EXPECT_TRUE(radio.choose("jazz", kNow));
    EXPECT_TRUE(radio.choose("disco funk", kNow));  // the last one counts
  });
  ASSERT_TRUE(radio.play(300)) << radio.error;
  EXPECT_NEAR(on_air_at(radio, "rock", 50), 51, 0.1);
  EXPECT_NEAR(on_air_at(radio, "ambient", 100), 101, 0.1);
  EXPECT_NEAR(on_air_at(radio, "disco funk", 150), 151, 0.1);
  EXPECT_LT(on_air_at(radio, "jazz", 0), 0);
  // The old queue is used when its genre returns: its second track was made at the start.
  EXPECT_EQ(radio.messages_of<onair::OnAir>().at(2).track.order.id, 2u);
  EXPECT_EQ(radio.longest_silence, 0u);
}

TEST(MoodDj, AGenreWantedNowIsHeardWithinFiveSecondsLive) {
  Radio radio("generators=testtracksrc seed=1 genre=ambient auto-dj=false");
  radio.script.emplace(1, [&] { EXPECT_TRUE(radio.choose("rock", kNow)); });
  radio.script.emplace(3.5, [&] { radio.skip(); });
  ASSERT_TRUE(radio.play(5)) << radio.error;
  EXPECT_NEAR(on_air_at(radio, "rock", 1), 2, 0.5);  // half of a fade of two seconds
  EXPECT_EQ(radio.messages_of<onair::OnAir>().size(), 3u);
}

/// On a beat of music that has some, and at the slowest tempo.
TEST(MoodDj, WithPlannedJoinsAGenreAndASkipAreHeardWithinFiveSeconds) {
  Radio radio(
      "is-live=false generators=housebandsrc seed=1 genre=ambient auto-dj=false join=planned");
  radio.script.emplace(15, [&] { EXPECT_TRUE(radio.choose("rock", kNow)); });
  radio.script.emplace(30, [&] { radio.skip(); });
  ASSERT_TRUE(radio.play(40)) << radio.error;
  const auto rock = on_air_at(radio, "rock", 15), skipped = on_air_at(radio, "rock", 30);
  EXPECT_GT(rock, 15);
  EXPECT_LE(rock, 20);
  EXPECT_GT(skipped, 30);
  EXPECT_LE(skipped, 35);
  EXPECT_EQ(radio.longest_silence, 0u);
}

TEST(MoodDj, AGenreInTheQueueWaitsForItsTurn) {
  Radio radio(std::string(kOffline) + "genre=ambient auto-dj=false track-duration=30");
  radio.script.emplace(10, [&] {
    EXPECT_TRUE(radio.choose("rock", kQueue));
    EXPECT_EQ(radio.text("genre"), "rock");
    EXPECT_EQ(radio.text("current-genre"), "ambient");
  });
  ASSERT_TRUE(radio.play(200)) << radio.error;
  EXPECT_NEAR(on_air_at(radio, "rock", 0), 4 * 25 + 2.5, 0.1);
}

TEST(MoodDj, TheGenrePropertyIsAWishWhilePlaying) {
  Radio radio(std::string(kOffline) + "genre=ambient auto-dj=false genre-change=now");
  radio.script.emplace(20, [&] { g_object_set(radio.dj, "genre", "polka", nullptr); });
  radio.script.emplace(30, [&] {
    EXPECT_EQ(radio.text("genre"), "ambient");
    g_object_set(radio.dj, "genre", "rock", nullptr);
  });
  ASSERT_TRUE(radio.play(60)) << radio.error;
  EXPECT_NEAR(on_air_at(radio, "rock", 0), 31, 0.1);
  ASSERT_EQ(radio.warnings.size(), 1u);
  EXPECT_NE(radio.warnings[0].find("polka"), std::string::npos);
  EXPECT_NE(radio.warnings[0].find("lofi hip hop"), std::string::npos);
}

TEST(MoodDj, UnknownGenresChangeNothing) {
  Radio radio(std::string(kOffline) + "genre=ambient auto-dj=false");
  EXPECT_FALSE(radio.choose("jazz", kNow));  // nothing plays yet
  radio.script.emplace(10, [&] {
    EXPECT_FALSE(radio.choose("polka", kNow));
    EXPECT_FALSE(radio.choose("Jazz", kNow));
    EXPECT_FALSE(radio.choose("", kQueue));
    EXPECT_FALSE(radio.choose(nullptr, kQueue));
  });
  ASSERT_TRUE(radio.play(100)) << radio.error;
  EXPECT_EQ(radio.messages_of<onair::GenreDecided>().size(), 1u);
}

TEST(MoodDj, TwoHundredSkipsLoseNoTrackAndClickNowhere) {
  Radio radio(std::string(kOffline) + "auto-dj=false track-duration=12 crossfade=4");
  music::Random random(5);
  double at = 0;
  for (int i = 0; i < 200; ++i) {
    at += 0.02 + 6 * random.uniform() * random.uniform();
    radio.script.emplace(at, [&radio] { radio.skip(); });
  }
  ASSERT_TRUE(radio.play(at + 20)) << radio.error;
  const auto on_air = radio.messages_of<onair::OnAir>();
  EXPECT_GT(on_air.size(), 150u);
  std::set<std::uint64_t> faded;
  for (const auto& fade : radio.messages_of<onair::Fade>()) {
    faded.insert(fade.from);
    faded.insert(fade.to);
  }
  const auto last = on_air.back().track.order.id;
  for (std::uint64_t id = 1; id <= last; ++id) EXPECT_TRUE(faded.contains(id)) << id;
  EXPECT_EQ(radio.longest_silence, 0u);
  // Two full tones at once and one of them at its steepest: 16000 * 2 pi * 440 / 48000 = 922 each.
  EXPECT_LE(radio.largest_step, 2 * 922 + 200);
}

TEST(MoodDj, SettingsTakeEffectWhilePlaying) {
  Radio radio(std::string(kOffline) + "auto-dj=false track-duration=30");
  radio.script.emplace(10, [&] {
    g_object_set(radio.dj, "track-duration", 10.0, "crossfade", 2.0, "buffer-ahead", 1u, nullptr);
  });
  radio.script.emplace(150, [&] {
    g_object_set(radio.dj, "auto-dj", TRUE, "dwell-min", 50.0, "dwell-max", 50.0, nullptr);
    EXPECT_NEAR(radio.get<gdouble>("dwell-remaining"), 50, 0.1);
    EXPECT_LE(radio.get<guint>("tracks-ready"), 1u);
  });
  ASSERT_TRUE(radio.play(220)) << radio.error;
  const auto on_air = radio.messages_of<onair::OnAir>();
  EXPECT_EQ(on_air.at(1).start, 28'000'000'000);  // crossfade at once
  EXPECT_EQ(on_air.at(5).start - on_air.at(4).start, 8'000'000'000);
  EXPECT_EQ(radio.messages_of<onair::GenreDecided>().back().reason, "dwell");
}

/// A programme with planned joins of four bars, in whose first join a setting is made.
struct SetInJoin {
  static constexpr double kMiddle = 26;  // seconds: tracks of 30 s and joins of 8 s

  explicit SetInJoin(const std::function<void(GObject*)>& set)
      : radio(
            "is-live=false generators=testbeatsrc seed=1 genre=ambient auto-dj=false "
            "track-duration=30 crossfade=8 join=planned") {
    radio.records = true;
    radio.script.emplace(kMiddle, [this, set] { set(G_OBJECT(radio.dj.get())); });
    EXPECT_TRUE(radio.play(90)) << radio.error;
    for (const auto& fade : radio.messages_of<onair::Fade>())
      if (fade.from != 0 && fade.to != 0) fades.push_back(fade);
    EXPECT_GE(fades.size(), 1U);
  }
  /// Seconds of the fade.
  double length(std::size_t fade) const {
    return static_cast<double>(fades.at(fade).end - fades.at(fade).position) / 1e9;
  }
  /// What has gone out when the first join is over.
  std::vector<std::int16_t> to_end_of_join() const {
    const auto values = static_cast<std::ptrdiff_t>(fades.at(0).end * 48 / 1'000'000) * 2;
    return {radio.pcm.begin(),
            radio.pcm.begin() + std::min<std::ptrdiff_t>(values, std::ssize(radio.pcm))};
  }
  Radio radio;
  std::vector<onair::Fade> fades;
};

/// Whatever is set in the middle of a join, it goes on as it was planned, and so does the music.
TEST(MoodDj, EverySettingOfMidJoinIsForTheNextOne) {
  const SetInJoin untouched([](GObject*) {});
  ASSERT_GE(untouched.fades.size(), 2U);
  EXPECT_FALSE(untouched.fades[0].plan.empty());
  EXPECT_LT(untouched.fades[0].position, SetInJoin::kMiddle * 1e9);
  EXPECT_GT(untouched.fades[0].end, SetInJoin::kMiddle * 1e9);
  const auto expected = untouched.to_end_of_join();

  std::set<std::string> names;
  guint count = 0;
  const std::unique_ptr<GParamSpec*, gstpp::FreeWith<g_free>> all(
      g_object_class_list_properties(G_OBJECT_GET_CLASS(untouched.radio.dj.get()), &count));
  for (guint i = 0; i < count; ++i) {
    GParamSpec* of = all.get()[i];
    if ((of->flags & GST_PARAM_MUTABLE_PLAYING) == 0) continue;
    names.insert(of->name);
    for (const bool most : {false, true}) {
      SCOPED_TRACE(std::string(of->name) + (most ? " most" : " least"));
      const SetInJoin changed([of, most](GObject* dj) {
        GValue value = G_VALUE_INIT;
        g_value_init(&value, of->value_type);
        if (G_IS_PARAM_SPEC_DOUBLE(of)) {
          const auto* range = G_PARAM_SPEC_DOUBLE(of);
          g_value_set_double(&value, most ? range->maximum : range->minimum);
        } else if (G_IS_PARAM_SPEC_UINT(of)) {
          const auto* range = G_PARAM_SPEC_UINT(of);
          g_value_set_uint(&value, most ? range->maximum : range->minimum);
        } else if (G_IS_PARAM_SPEC_ENUM(of)) {
          const auto* range = G_PARAM_SPEC_ENUM(of)->enum_class;
          g_value_set_enum(&value, most ? range->maximum : range->minimum);
        } else if (G_IS_PARAM_SPEC_BOOLEAN(of)) {
          g_value_set_boolean(&value, most ? TRUE : FALSE);
        } else if (G_IS_PARAM_SPEC_STRING(of)) {
          g_value_set_string(&value, most ? "rock" : "ambient");
        } else {
          ADD_FAILURE() << "a type that is not tried";
        }
        g_object_set_property(dj, of->name, &value);
        g_value_unset(&value);
      });
      EXPECT_TRUE(changed.to_end_of_join() == expected);
      EXPECT_EQ(changed.radio.longest_silence, 0U);
      // Two full tones at once and one of them at its steepest: 922 each.
      EXPECT_LE(changed.radio.largest_step, 2 * 922 + 200);
      EXPECT_TRUE(changed.radio.warnings.empty());
      EXPECT_TRUE(changed.radio.faults.empty());
    }
  }
  EXPECT_EQ(names, (std::set<std::string>{"auto-dj", "buffer-ahead", "crossfade", "curve",
                                          "dwell-max", "dwell-min", "genre", "genre-change", "join",
                                          "num-tracks", "track-duration"}));

  const SetInJoin shorter([](GObject* dj) { g_object_set(dj, "crossfade", 2.0, nullptr); });
  EXPECT_GT(shorter.length(0), 2);
  EXPECT_LE(shorter.length(1), 2);
  const SetInJoin plain([](GObject* dj) { gst_util_set_object_arg(dj, "join", "plain"); });
  EXPECT_FALSE(plain.fades.at(0).plan.empty());
  EXPECT_TRUE(plain.fades.at(1).plan.empty());
  const SetInJoin linear([](GObject* dj) { gst_util_set_object_arg(dj, "curve", "linear"); });
  EXPECT_TRUE(linear.radio.pcm == untouched.radio.pcm) << "planned joins are always smoothstep";
  const SetInJoin both([](GObject* dj) {
    gst_util_set_object_arg(dj, "join", "plain");
    gst_util_set_object_arg(dj, "curve", "linear");
  });
  EXPECT_TRUE(both.to_end_of_join() == expected);
  EXPECT_FALSE(both.radio.pcm == plain.radio.pcm);
  SetInJoin last([](GObject* dj) { g_object_set(dj, "num-tracks", 2U, nullptr); });
  EXPECT_EQ(last.radio.messages_of<onair::OnAir>().size(), 2U);
}

}  // namespace
}  // namespace infinara

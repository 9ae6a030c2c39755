// SPDX-License-Identifier: Apache-2.0
// mooddj up and down, and what it leaves behind.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/radio.hpp"

namespace infinara {
namespace {

TEST(States, AWrongGenreStopsTheStart) {
  Radio radio("is-live=false generators=testtracksrc genre=polka");
  EXPECT_FALSE(radio.play(1));
  EXPECT_NE(radio.error.find("polka"), std::string::npos) << radio.error;
  EXPECT_NE(radio.error.find("bossa nova"), std::string::npos) << radio.error;
}

TEST(States, UpAndDownLeavesNothingBehind) {
  const int before = testtrack::alive;
  for (const char* properties : {"generators=testtracksrc", "is-live=false generators=testtracksrc",
                                 "generators=testmoodysrc,testhangsrc", "generators=testfailsrc"}) {
    Radio radio(properties);
    for (int i = 0; i < 8; ++i) {
      radio.set_state(GST_STATE_PLAYING);
      if (i % 2 == 0) radio.skip();
      if (i % 3 == 0) radio.choose("rock", music::When::kNow);
      radio.set_state(i % 2 == 0 ? GST_STATE_READY : GST_STATE_PAUSED);
      if (i % 4 == 1) radio.set_state(GST_STATE_NULL);
      if (i % 4 != 3) radio.buffers = 0;  // it has stopped, and will begin anew
    }
    radio.set_state(GST_STATE_NULL);
    EXPECT_EQ(testtrack::alive, before);
    EXPECT_EQ(GST_BIN_NUMCHILDREN(radio.dj.get()), 1);  // the mixer
  }
}

TEST(States, TheElementItselfIsFreed) {
  const auto dj = gstpp::Ref<GstElement>::sink(gst_element_factory_make("mooddj", nullptr));
  g_object_set(dj, "generators", "testtracksrc", nullptr);
  testtrack::register_all();
  for (int i = 0; i < 5; ++i) {
    gst_element_set_state(dj, GST_STATE_PAUSED);
    gst_element_set_state(dj, GST_STATE_NULL);
  }
  EXPECT_EQ(G_OBJECT(dj.get())->ref_count, 1u);
}

TEST(States, APlayedTracksChainIsGoneWhileItPlays) {
  Radio radio("is-live=false generators=testtracksrc track-duration=5 crossfade=1 seed=1");
  const int before = testtrack::alive;
  int most = 0;
  for (int i = 1; i < 200; ++i)
    radio.script.emplace(i * 5, [&] { most = std::max(most, testtrack::alive - before); });
  ASSERT_TRUE(radio.play(1000)) << radio.error;
  EXPECT_GE(testtrack::made, 200);
  EXPECT_LE(most, 40);  // taken down by others: as fast as they come, or not much slower
}

TEST(States, AnEosSentToItEndsTheProgramme) {
  Radio radio("generators=testtracksrc");
  radio.set_state(GST_STATE_PLAYING);
  ASSERT_TRUE(gst_element_send_event(radio.dj, gst_event_new_eos()));
  EXPECT_EQ(radio.await(10 * GST_SECOND), GST_MESSAGE_EOS);
}

}  // namespace
}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice_path.hpp"

#include <gtest/gtest.h>

namespace infinara::webrtc {
namespace {

TEST(WatchesConsent, IsWhatTheAgentWasMadeFor) {
  const auto plain = gstpp::Ref<NiceAgent>::adopt(
      nice_agent_new_full(nullptr, NICE_COMPATIBILITY_RFC5245, NICE_AGENT_OPTION_NONE));
  const auto fresh = gstpp::Ref<NiceAgent>::adopt(nice_agent_new_full(
      nullptr, NICE_COMPATIBILITY_RFC5245, NICE_AGENT_OPTION_CONSENT_FRESHNESS));
  EXPECT_FALSE(watches_consent(G_OBJECT(plain.get())));
  EXPECT_TRUE(watches_consent(G_OBJECT(fresh.get())));
  const auto other =
      gstpp::Ref<GObject>::adopt(static_cast<GObject*>(g_object_new(G_TYPE_OBJECT, nullptr)));
  EXPECT_FALSE(watches_consent(other)) << "an agent of a release without the property";
}

TEST(AnIcePath, IsOfANiceSinkAlone) {
  EXPECT_FALSE(IcePath::of(nullptr));
  const auto sink = gstpp::Ref<GstElement>::sink(gst_element_factory_make("fakesink", nullptr));
  EXPECT_FALSE(IcePath::of(sink));
}

}  // namespace
}  // namespace infinara::webrtc

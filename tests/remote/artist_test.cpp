// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/artist.hpp"

#include <gtest/gtest.h>

#include <string>

namespace infinara::remote {
namespace {

TEST(Artist, IsTheModelAsAListenerReadsIt) {
  EXPECT_EQ(artist_of("acestep-v15-turbo"), "ACE-Step 1.5 Turbo");
  EXPECT_EQ(artist_of("acestep-v15-xl-sft"), "ACE-Step 1.5 XL SFT");
  EXPECT_EQ(artist_of("acestep-v15-turbo-shift3"), "ACE-Step 1.5 Turbo Shift3");
  EXPECT_EQ(artist_of("acestep-v15"), "ACE-Step 1.5");
}

TEST(Artist, OfAnUnknownModelIsItsName) {
  EXPECT_EQ(artist_of(""), "ACE-Step");
  EXPECT_EQ(artist_of("Somebody's own"), "Somebody's own");
  EXPECT_EQ(artist_of("a\nb"), "a?b");
  EXPECT_LE(artist_of(std::string(1000, 'x')).size(), 80U);
}

}  // namespace
}  // namespace infinara::remote

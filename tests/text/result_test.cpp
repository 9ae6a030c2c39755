// SPDX-License-Identifier: Apache-2.0
#include "text/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace infinara {
namespace {

struct Fault {
  int code = 0;
  bool operator==(const Fault&) const = default;
};

Result<std::string, Fault> half_of(int number) {
  if (number % 2 != 0) return Fault{number};
  return std::to_string(number / 2);
}

TEST(Result, IsAValueOrAnError) {
  const auto good = half_of(42);
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, "21");
  EXPECT_EQ(good->size(), 2u);
  EXPECT_THROW(static_cast<void>(good.error()), std::bad_variant_access);
  const auto bad = half_of(7);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, 7);
  EXPECT_THROW(static_cast<void>(*bad), std::bad_variant_access);
  EXPECT_EQ(half_of(42), good);
  EXPECT_NE(half_of(44), good);
  EXPECT_NE(half_of(42), bad);
}

TEST(Result, CanBeMovedOutOfAndChanged) {
  Result<std::unique_ptr<int>, Fault> owner = std::make_unique<int>(3);
  const std::unique_ptr<int> taken = *std::move(owner);
  EXPECT_EQ(*taken, 3);
  // NOLINTNEXTLINE(bugprone-use-after-move): it still is a value, an empty pointer
  EXPECT_FALSE(*owner);
  *owner = std::make_unique<int>(4);
  EXPECT_EQ(**owner, 4);
  owner = Fault{5};
  EXPECT_EQ(std::move(owner).error(), Fault{5});
}

TEST(Result, AnErrorOfOneIsAnErrorOfAnother) {
  const auto length_of = [](int number) -> Result<std::size_t, Fault> {
    const auto half = half_of(number);
    if (!half) return half.error();
    return half->size();
  };
  EXPECT_EQ(*length_of(2000), 4u);
  EXPECT_EQ(length_of(3).error().code, 3);
}

}  // namespace
}  // namespace infinara

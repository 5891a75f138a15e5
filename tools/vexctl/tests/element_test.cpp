// SPDX-License-Identifier: MIT
#include "tools/vexctl/element.h"

#include <cmath>

#include <gmock/gmock.h>

namespace vexfs::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Parameters of(ElementType type, std::uint32_t dim) { return {dim, type, "l2", ""}; }

std::string refusal(const std::vector<double>& values, const Parameters& parameters) {
  Bytes bytes;
  const auto done = append_row(values, parameters, bytes);
  return done ? "" : done.error().message;
}

TEST(Element, EveryFiniteHalfSurvivesTheWayThroughDouble) {
  for (std::uint32_t half = 0; half < 0x10000; half++) {
    if ((half & 0x7c00) == 0x7c00) continue;
    ASSERT_EQ(half_of(double_of_half(static_cast<std::uint16_t>(half))), half);
  }
}

TEST(Element, AHalfIsRoundedToTheNearestAndTiesToEven) {
  EXPECT_EQ(half_of(1.0), 0x3c00);
  EXPECT_EQ(half_of(1.0 + std::ldexp(1, -11)), 0x3c00);      // half way to the next: even
  EXPECT_EQ(half_of(1.0 + 3 * std::ldexp(1, -11)), 0x3c02);  // the same, from the other side
  EXPECT_EQ(half_of(2.0 - std::ldexp(1, -12)), 0x4000);      // into the next power of two
  EXPECT_EQ(half_of(std::ldexp(1, -24)), 0x0001);            // the smallest one
  EXPECT_EQ(half_of(std::ldexp(1, -25)), 0x0000);            // half of it
  EXPECT_EQ(half_of(std::ldexp(1023.75, -24)), 0x0400);      // up to the smallest normal one
  EXPECT_EQ(half_of(65519.9), 0x7bff);
  EXPECT_EQ(half_of(-65520), 0xfc00);
}

TEST(Element, BytesOfEachType) {
  Bytes bytes;
  ASSERT_TRUE(append_row(std::vector<double>{1, -2}, of(ElementType::kF32, 2), bytes));
  ASSERT_TRUE(append_row(std::vector<double>{1}, of(ElementType::kF16, 1), bytes));
  ASSERT_TRUE(append_row(std::vector<double>{-1, 127}, of(ElementType::kI8, 2), bytes));
  const Bytes expected{std::byte{0}, std::byte{0},    std::byte{0x80}, std::byte{0x3f},
                       std::byte{0}, std::byte{0},    std::byte{0},    std::byte{0xc0},
                       std::byte{0}, std::byte{0x3c}, std::byte{0xff}, std::byte{0x7f}};
  EXPECT_EQ(bytes, expected);
}

TEST(Element, ABinaryVectorIsGivenByBitsOrPacked) {
  const auto parameters = of(ElementType::kBinary, 10);
  Bytes bits;
  ASSERT_TRUE(append_row(std::vector<double>{1, 0, 0, 0, 0, 0, 0, 1, 0, 1}, parameters, bits));
  Bytes packed;
  ASSERT_TRUE(append_row(std::vector<double>{0x81, 0x02}, parameters, packed));
  EXPECT_EQ(bits, packed);
  EXPECT_THAT(row_values(bits, parameters), ElementsAre(1, 0, 0, 0, 0, 0, 0, 1, 0, 1));
}

TEST(Element, WhatDoesNotFitIsNamed) {
  EXPECT_THAT(refusal({1, 2, 3}, of(ElementType::kF32, 2)), HasSubstr("3 elements"));
  EXPECT_THAT(refusal({0, NAN}, of(ElementType::kF32, 2)), HasSubstr("element 1 is nan"));
  EXPECT_THAT(refusal({1e39}, of(ElementType::kF32, 1)), HasSubstr("element 0"));
  EXPECT_THAT(refusal({1e5}, of(ElementType::kF16, 1)), HasSubstr("half-precision"));
  EXPECT_THAT(refusal({0.5}, of(ElementType::kI8, 1)), HasSubstr("-128 to 127"));
  EXPECT_THAT(refusal({128}, of(ElementType::kI8, 1)), HasSubstr("-128 to 127"));
  EXPECT_THAT(refusal({0, 1, 2}, of(ElementType::kBinary, 3)), HasSubstr("element 2 is 2"));
  EXPECT_THAT(refusal({256, 0}, of(ElementType::kBinary, 9)), HasSubstr("not a byte"));
}

TEST(Element, TextIsTheShortestThatGivesTheSameElement) {
  Bytes row;
  ASSERT_TRUE(append_row(std::vector<double>{0.1, 2, -1e20}, of(ElementType::kF32, 3), row));
  EXPECT_EQ(json_line(7, row, of(ElementType::kF32, 3)), "{\"id\":7,\"vector\":[0.1,2,-1e+20]}\n");
}

}  // namespace
}  // namespace vexfs::ctl

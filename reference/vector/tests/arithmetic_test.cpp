// SPDX-License-Identifier: MIT
#include "reference/vector/arithmetic.h"

#include <bit>
#include <limits>

#include <gtest/gtest.h>

#include "reference/model/bytes.h"

namespace vexfs::vectors {
namespace {

Row f32_row(const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

Parameters f32(std::size_t dim, std::uint8_t metric) {
  return {.dim = static_cast<std::uint32_t>(dim), .metric = metric};
}

float distance_of(std::uint8_t metric, const std::vector<float>& a, const std::vector<float>& b) {
  const Parameters parameters = f32(a.size(), metric);
  return std::bit_cast<float>(distance(parameters, stored_row(parameters, f32_row(a)).value(),
                                       stored_row(parameters, f32_row(b)).value()));
}

TEST(Distance, OfFloats) {
  EXPECT_EQ(distance_of(VEXFS_METRIC_L2, {1, 2, 3}, {3, 2, 0}), 13);
  EXPECT_EQ(distance_of(VEXFS_METRIC_DOT, {1, 2, 3}, {3, 2, 1}), -10);
  EXPECT_EQ(distance_of(VEXFS_METRIC_MANHATTAN, {1, 2, 3}, {3, 2, 0}), 5);
  EXPECT_EQ(distance_of(VEXFS_METRIC_COSINE, {2, 0}, {0, 5}), 1);
  EXPECT_EQ(distance_of(VEXFS_METRIC_COSINE, {2, 2}, {8, 8}), 0);
}

TEST(Distance, AddsIn32Lanes) {
  // Lanes 0 and 1 meet last: 2^24 and the ones, each lost if it were added to 2^24 alone.
  std::vector<float> a(64, 0);
  a[0] = 4096;  // 2^24 in lane 0
  a[1] = 1;     // lane 1
  a[33] = 1;    // lane 1 as well
  const std::vector<float> zero(64, 0);
  EXPECT_EQ(distance_of(VEXFS_METRIC_L2, a, zero), 16777218.0F);
  a[33] = 0;
  a[2] = 1;  // joins lane 0 when 4 lanes become 2: lost, and so is lane 1's
  EXPECT_EQ(distance_of(VEXFS_METRIC_L2, a, zero), 16777216.0F);
}

TEST(Distance, ThatIsNoNumberIsOneNan) {
  constexpr float kBig = std::numeric_limits<float>::max();
  const Parameters parameters = f32(2, VEXFS_METRIC_DOT);
  const auto bits = distance(parameters, f32_row({kBig, kBig}), f32_row({kBig, -kBig}));
  EXPECT_EQ(bits, 0x7fc00000U);
  EXPECT_GT(order_bits(parameters, bits), order_bits(parameters, 0x7f800000U)) << "after infinity";
}

TEST(Distance, OfIntegers) {
  const Row a = {std::byte{0x80}, std::byte{127}};
  const Row b = {std::byte{127}, std::byte{0x80}};
  const auto i8 = [](std::uint8_t metric) {
    return Parameters{.dim = 2, .type = VEXFS_TYPE_I8, .metric = metric};
  };
  EXPECT_EQ(distance(i8(VEXFS_METRIC_L2), a, b), 2U * 255 * 255);
  EXPECT_EQ(distance(i8(VEXFS_METRIC_MANHATTAN), a, b), 2U * 255);
  EXPECT_EQ(static_cast<std::int32_t>(distance(i8(VEXFS_METRIC_DOT), a, b)), 2 * 128 * 127);
  EXPECT_EQ(static_cast<std::int32_t>(distance(i8(VEXFS_METRIC_DOT), b, b)),
            -(127 * 127 + 128 * 128));
  const Parameters binary{.dim = 16, .type = VEXFS_TYPE_BINARY, .metric = VEXFS_METRIC_HAMMING};
  EXPECT_EQ(distance(binary, a, b), 16U);
}

TEST(Order, FollowsTheDistance) {
  const Parameters floats = f32(1, VEXFS_METRIC_DOT);
  std::uint32_t last = 0;
  for (const float d : {-1e30F, -1.0F, -1e-45F, 0.0F, 1e-45F, 1.0F, 1e30F}) {
    const auto order = order_bits(floats, std::bit_cast<std::uint32_t>(d));
    EXPECT_GT(order, last) << d;
    last = order;
  }
  const Parameters integers{.dim = 1, .type = VEXFS_TYPE_I8, .metric = VEXFS_METRIC_DOT};
  EXPECT_LT(order_bits(integers, static_cast<std::uint32_t>(-1)), order_bits(integers, 0));
  EXPECT_LT(order_bits(integers, 0), order_bits(integers, 1));
}

TEST(Half, BecomesFloatExactly) {
  EXPECT_EQ(half_to_float(0x3c00), 1.0F);
  EXPECT_EQ(half_to_float(0xc000), -2.0F);
  EXPECT_EQ(half_to_float(0x7bff), 65504.0F);
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24F);
  EXPECT_EQ(half_to_float(0x03ff), 1023 * 0x1p-24F);
  EXPECT_EQ(half_to_float(0x0400), 0x1p-14F);
}

TEST(StoredRow, HasNoNegativeZero) {
  EXPECT_EQ(stored_row(f32(2, VEXFS_METRIC_L2), f32_row({-0.0F, 1})), f32_row({0.0F, 1}));
  EXPECT_EQ(stored_row(f32(2, VEXFS_METRIC_COSINE), f32_row({-0.0F, 4})), f32_row({0.0F, 1}));
  const Row half = {std::byte{0}, std::byte{0x80}};
  EXPECT_EQ(stored_row({.dim = 1, .type = VEXFS_TYPE_F16}, half), Row(2));
}

TEST(StoredRow, IsRefusedAtTheByteAtFault) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(stored_row(f32(3, VEXFS_METRIC_L2), f32_row({1, 2, kNan})).error(), 8U);
  EXPECT_EQ(stored_row(f32(3, VEXFS_METRIC_L2), f32_row({1, -kInfinity, kNan})).error(), 4U);
  EXPECT_EQ(stored_row(f32(2, VEXFS_METRIC_COSINE), f32_row({0, -0.0F})).error(), 0U);
  EXPECT_TRUE(stored_row(f32(2, VEXFS_METRIC_COSINE), f32_row({0, 1e-45F})));
  const Row infinite_half = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0x7c}};
  EXPECT_EQ(stored_row({.dim = 2, .type = VEXFS_TYPE_F16}, infinite_half).error(), 2U);
  const Parameters binary{.dim = 9, .type = VEXFS_TYPE_BINARY, .metric = VEXFS_METRIC_HAMMING};
  EXPECT_EQ(stored_row(binary, Row{std::byte{0xff}, std::byte{2}}).error(), 1U);
  EXPECT_TRUE(stored_row(binary, Row{std::byte{0xff}, std::byte{1}}));
}

}  // namespace
}  // namespace vexfs::vectors

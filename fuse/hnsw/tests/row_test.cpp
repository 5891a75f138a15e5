// SPDX-License-Identifier: MIT
#include "fuse/hnsw/row.h"

#include <bit>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "fuse/hnsw/half.h"

namespace vexfs::hnsw {
namespace {

template <typename T>
std::expected<std::vector<T>, RowFault> stored(const Parameters& parameters,
                                               const std::vector<T>& wire) {
  std::vector<T> row(parameters.stride() / sizeof(T), T{1});
  const auto done =
      store_row(parameters, std::as_bytes(std::span(wire)), std::as_writable_bytes(std::span(row)));
  if (!done) return std::unexpected(done.error());
  return row;
}

TEST(Row, IsPaddedWithZerosAndHasNoNegativeZero) {
  const auto row = stored<float>({.dim = 3}, {1.5f, -0.0f, -2.0f});
  ASSERT_TRUE(row);
  ASSERT_EQ(row->size(), 16u);
  EXPECT_EQ(std::bit_cast<uint32_t>((*row)[1]), 0u);
  EXPECT_EQ((*row)[2], -2.0f);
  EXPECT_EQ((*row)[3], 0.0f);
}

TEST(Row, NamesTheElementThatIsNotFinite) {
  const auto row = stored<float>({.dim = 3}, {1, 2, std::numeric_limits<float>::quiet_NaN()});
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().byte, 8u);
  const auto half = stored<uint16_t>({.dim = 2, .type = ElementType::kF16}, {0x3c00, 0x7c00});
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().byte, 2u);
}

TEST(Row, IsNormalisedUnderCosine) {
  const Parameters cosine{.dim = 2, .metric = Metric::kCosine};
  const auto row = stored<float>(cosine, {3e30f, -4e30f});  // squares overflow an f32
  ASSERT_TRUE(row);
  EXPECT_FLOAT_EQ((*row)[0], 0.6f);
  EXPECT_FLOAT_EQ((*row)[1], -0.8f);
  EXPECT_FALSE(stored<float>(cosine, {0.0f, -0.0f}));
}

TEST(Row, HasNoBitsPastItsDimension) {
  const Parameters binary{.dim = 11, .type = ElementType::kBinary, .metric = Metric::kHamming};
  EXPECT_TRUE(stored<uint8_t>(binary, {0xff, 0x07}));
  const auto row = stored<uint8_t>(binary, {0xff, 0x0f});
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().byte, 1u);
}

TEST(Half, IsReadExactly) {
  EXPECT_EQ(float_of_half(0x3c00), 1.0f);
  EXPECT_EQ(float_of_half(0xc000), -2.0f);
  EXPECT_EQ(float_of_half(0x7bff), 65504.0f);
  EXPECT_EQ(float_of_half(0x0001), 0x1p-24f);  // the smallest denormal
  EXPECT_EQ(float_of_half(0x83ff), -0x3ffp-24f);
}

}  // namespace
}  // namespace vexfs::hnsw

// SPDX-License-Identifier: MIT
// Every instruction set gives the bits of the scalar rule, whatever the values.
#include "fuse/hnsw/kernels.h"

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace vexfs::hnsw {
namespace {

// Stored rows: aligned, padded with zeros.
class Rows {
 public:
  Rows(size_t count, size_t stride) : stride_(stride) {
    bytes_.reset(static_cast<char*>(std::aligned_alloc(64, count * stride)));
    std::memset(bytes_.get(), 0, count * stride);
  }
  char* operator[](size_t i) { return bytes_.get() + i * stride_; }

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  size_t stride_;
  std::unique_ptr<char, Free> bytes_;
};

using Random = std::mt19937_64;

// Values that make rounding, overflow, underflow and signs of zero visible.
float hard_float(Random& random) {
  switch (random() % 5) {
    case 0:
      return static_cast<float>(static_cast<int>(random() % 7) - 3);
    case 1: {  // any finite bits
      uint32_t bits = static_cast<uint32_t>(random()) & 0xff7fffff;
      float value;
      std::memcpy(&value, &bits, 4);
      return value;
    }
    case 2:
      return 1e-39f * static_cast<float>(static_cast<int>(random() % 100) - 50);
    case 3:
      return random() % 2 ? 1e19f : -1e-30f;
    default:
      return static_cast<float>(random()) * 1e-19f - 0.9f;
  }
}

void fill(char* row, const Parameters& parameters, Random& random) {
  for (uint32_t i = 0; i < parameters.dim; ++i) {
    if (parameters.type == ElementType::kF32) {
      const float value = hard_float(random);
      std::memcpy(row + 4 * i, &value, 4);
    } else if (parameters.type == ElementType::kF16) {
      const auto half = static_cast<uint16_t>(random() & 0xfbff);  // finite
      std::memcpy(row + 2 * i, &half, 2);
    } else if (parameters.type == ElementType::kI8) {
      row[i] = static_cast<char>(random());
    } else if (random() % 2) {
      row[i / 8] = static_cast<char>(row[i / 8] | 1 << i % 8);
    }
  }
}

class EveryKernel : public testing::TestWithParam<std::pair<ElementType, Metric>> {};

TEST_P(EveryKernel, GivesTheBitsOfTheScalarRule) {
  Random random(7);
  for (int round = 0; round < 400; ++round) {
    const Parameters parameters{.dim = static_cast<uint32_t>(1 + random() % (round % 2 ? 70 : 800)),
                                .type = GetParam().first,
                                .metric = GetParam().second};
    ASSERT_TRUE(parameters.valid());
    constexpr size_t kRows = 7;  // not a multiple of the rows that a kernel takes at once
    Rows rows(kRows + 1, parameters.stride());
    for (size_t i = 0; i <= kRows; ++i) fill(rows[i], parameters, random);
    const void* pointers[kRows];
    for (size_t i = 0; i < kRows; ++i) pointers[i] = rows[i];
    std::vector<uint32_t> expected(kRows);
    distance_kernel(SimdLevel::kScalar, parameters.type, parameters.metric)(
        rows[kRows], pointers, kRows, parameters.stride(), expected.data());
    for (const auto level : {SimdLevel::kSse2, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
      if (!cpu_has(level)) continue;
      std::vector<uint32_t> got(kRows);
      distance_kernel(level, parameters.type, parameters.metric)(rows[kRows], pointers, kRows,
                                                                 parameters.stride(), got.data());
      ASSERT_EQ(got, expected) << name_of(level) << ", dim " << parameters.dim;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, EveryKernel,
                         testing::Values(std::pair(ElementType::kF32, Metric::kL2),
                                         std::pair(ElementType::kF32, Metric::kCosine),
                                         std::pair(ElementType::kF32, Metric::kDot),
                                         std::pair(ElementType::kF32, Metric::kManhattan),
                                         std::pair(ElementType::kF16, Metric::kL2),
                                         std::pair(ElementType::kF16, Metric::kDot),
                                         std::pair(ElementType::kF16, Metric::kManhattan),
                                         std::pair(ElementType::kI8, Metric::kL2),
                                         std::pair(ElementType::kI8, Metric::kDot),
                                         std::pair(ElementType::kI8, Metric::kManhattan),
                                         std::pair(ElementType::kBinary, Metric::kHamming)));

}  // namespace
}  // namespace vexfs::hnsw

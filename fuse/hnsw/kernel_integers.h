// SPDX-License-Identifier: MIT
// Integer distances. They are exact, so the compiler may order the sums as it likes. Included by
// one translation unit for each instruction set, which therefore has all of it in an anonymous
// namespace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

struct I8L2 {
  static int32_t term(int32_t a, int32_t b) { return (a - b) * (a - b); }
};
struct I8Dot {
  static int32_t term(int32_t a, int32_t b) { return -(a * b); }
};
struct I8Manhattan {
  static int32_t term(int32_t a, int32_t b) { return a > b ? a - b : b - a; }
};

template <typename Metric>
void i8_kernel(const void* query, const void* const* rows, size_t count, size_t stride,
               uint32_t* distances) {
  const auto* q = static_cast<const int8_t*>(query);
  for (size_t r = 0; r < count; ++r) {
    const auto* row = static_cast<const int8_t*>(rows[r]);
    int32_t sum = 0;
    for (size_t i = 0; i < stride; ++i) sum += Metric::term(q[i], row[i]);
    distances[r] = static_cast<uint32_t>(sum);
  }
}

void hamming_kernel(const void* query, const void* const* rows, size_t count, size_t stride,
                    uint32_t* distances) {
  for (size_t r = 0; r < count; ++r) {
    uint32_t sum = 0;
    for (size_t i = 0; i < stride; i += 8) {
      uint64_t a, b;
      std::memcpy(&a, static_cast<const char*>(query) + i, 8);
      std::memcpy(&b, static_cast<const char*>(rows[r]) + i, 8);
      sum += static_cast<uint32_t>(__builtin_popcountll(a ^ b));
    }
    distances[r] = sum;
  }
}

}  // namespace

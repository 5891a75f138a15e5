// SPDX-License-Identifier: MIT
// IEEE binary16, read exactly.
#pragma once

#include <cstdint>
#include <cstring>

namespace vexfs::hnsw {

/** The f32 with the value of a finite half. */
static inline float float_of_half(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16;
  uint32_t exponent = (half >> 10) & 0x1fu;
  uint32_t fraction = half & 0x3ffu;
  uint32_t bits = sign;
  if (exponent != 0) {
    bits |= (exponent + 112) << 23 | fraction << 13;
  } else if (fraction != 0) {  // a denormal half is a normal f32
    exponent = 113;
    while (!(fraction & 0x400u)) {
      fraction <<= 1;
      --exponent;
    }
    bits |= exponent << 23 | (fraction & 0x3ffu) << 13;
  }
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace vexfs::hnsw

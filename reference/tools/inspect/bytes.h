// SPDX-License-Identifier: MIT
// Little-endian loads and stores at any offset of a byte range.
#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace vexfs::tools {

// The structures of reference/contract are copied in and out as they stand in memory.
static_assert(std::endian::native == std::endian::little);

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

// The T at `offset`. The caller guarantees that it lies within `bytes`.
template <typename T>
T load(Bytes bytes, std::size_t offset = 0) {
  static_assert(std::is_trivially_copyable_v<T>);
  assert(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset);
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// Writes `value` at `offset`. The caller guarantees that it lies within `bytes`.
template <typename T>
void store(MutableBytes bytes, std::size_t offset, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  assert(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset);
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

// True if every byte is zero.
inline bool all_zero(Bytes bytes) {
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    if (load<std::uint64_t>(bytes, at) != 0) return false;
  }
  for (; at < bytes.size(); ++at) {
    if (bytes[at] != std::byte{0}) return false;
  }
  return true;
}

inline bool same_bytes(Bytes left, Bytes right) {
  return left.size() == right.size() &&
         (left.empty() || std::memcmp(left.data(), right.data(), left.size()) == 0);
}

inline bool bit_is_set(Bytes bitmap, std::uint64_t bit) {
  return (std::to_integer<unsigned>(bitmap[bit / 8]) >> (bit % 8) & 1U) != 0;
}

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
// Blocks, and how the contract's structures are taken out of and put into them.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <span>
#include <type_traits>

#include "reference/contract/base.h"

namespace vexfs::model {

// The contract's little-endian fields are used as they are.
static_assert(std::endian::native == std::endian::little);

inline constexpr std::size_t kBlockSize = VEXFS_BLOCK_SIZE;

using Block = std::array<std::byte, kBlockSize>;
using BlockView = std::span<const std::byte, kBlockSize>;
using BlockEdit = std::span<std::byte, kBlockSize>;
using BlockNumber = std::uint64_t;

/// A value or a positive errno.
template <typename T>
using Result = std::expected<T, int>;

/// The structure that begins at byte `offset`.
template <typename T>
  requires std::is_trivially_copyable_v<T>
T get(std::span<const std::byte> bytes, std::size_t offset = 0) {
  T value;
  std::memcpy(&value, bytes.subspan(offset, sizeof(T)).data(), sizeof(T));
  return value;
}

/// Puts the structure at byte `offset`.
template <typename T>
  requires std::is_trivially_copyable_v<T>
void put(std::span<std::byte> bytes, std::size_t offset, const T& value) {
  std::memcpy(bytes.subspan(offset, sizeof(T)).data(), &value, sizeof(T));
}

/// The bytes of a structure.
template <typename T>
  requires std::is_trivially_copyable_v<T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span<const T, 1>(&value, 1));
}

}  // namespace vexfs::model

/// Returns the error of `expression` from the calling function, or declares `name` as its value.
#define VEXFS_TRY(name, expression)                                  \
  auto name##_result = (expression);                                 \
  if (!name##_result) return std::unexpected(name##_result.error()); \
  auto& name = *name##_result

/// The same for a result without a value.
#define VEXFS_CHECK(expression)                          \
  do {                                                   \
    if (auto check_result = (expression); !check_result) \
      return std::unexpected(check_result.error());      \
  } while (false)

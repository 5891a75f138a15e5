// SPDX-License-Identifier: MIT
// The described data of a write: a scenario says how its bytes are made instead of carrying them.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace vexfs::parity {

/// Pseudo-random bytes: splitmix64 of `seed`, each 64-bit output in little-endian order, cut to
/// `bytes`.
struct PrngFill {
  std::uint64_t seed = 0;
  std::uint64_t bytes = 0;
  bool operator==(const PrngFill&) const = default;
};

/// `bytes` times the same byte.
struct ByteFill {
  std::uint8_t value = 0;
  std::uint64_t bytes = 0;
  bool operator==(const ByteFill&) const = default;
};

/// The bytes themselves, for short and readable contents.
struct TextData {
  std::string text;
  bool operator==(const TextData&) const = default;
};

using Data = std::variant<PrngFill, ByteFill, TextData>;

/// The most bytes one write may describe; the codec refuses more.
inline constexpr std::uint64_t kMaxDataBytes = 64u << 20;

/// Number of bytes that `expand` returns.
std::uint64_t data_size(const Data& data);

/// The bytes that `data` describes; the same on every machine.
std::string expand(const Data& data);

}  // namespace vexfs::parity

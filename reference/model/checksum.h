// SPDX-License-Identifier: MIT
// CRC-32C, and the checksum of a structure: docs/format.md, "Conventions".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vexfs::model {

/// The state before the first byte; the checksum is the complement of the state after the last.
inline constexpr std::uint32_t kCrcStart = 0xffffffff;

/// The state after `bytes`.
std::uint32_t crc32c_update(std::uint32_t state, std::span<const std::byte> bytes);

/// The whole checksum of `bytes`.
std::uint32_t crc32c(std::span<const std::byte> bytes);

using Uuid = std::array<std::uint8_t, 16>;

/// crc32c(uuid, location, bytes with the four at `crc_offset` as zero).
std::uint32_t structure_checksum(const std::uint8_t (&uuid)[16], std::uint64_t location,
                                 std::span<const std::byte> bytes, std::size_t crc_offset);

}  // namespace vexfs::model

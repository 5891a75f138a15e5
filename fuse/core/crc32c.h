// SPDX-License-Identifier: MIT
// CRC-32C, the one checksum of the format (docs/format.md, "Conventions").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vexfs::core {

/** Continues a raw CRC-32C (no start value, no complement) over `bytes`. */
uint32_t crc32c_update(uint32_t crc, std::span<const std::byte> bytes);

/** The checksum of bytes that are tied to no volume and no place. */
inline uint32_t plain_crc32c(std::span<const std::byte> bytes) {
  return ~crc32c_update(~0U, bytes);
}

/** The checksum of structures of one volume: seeded with the uuid, tied to a location. */
class Checksum {
 public:
  Checksum() = default;
  explicit Checksum(std::span<const std::byte, 16> uuid);

  /** Checksum of `bytes` with the 4 bytes at `crc_offset` taken as zero. */
  uint32_t of(uint64_t location, std::span<const std::byte> bytes, size_t crc_offset) const;
  /** As of(), over `first` (whole) followed by `last` (with its crc field). */
  uint32_t of_two(uint64_t location, std::span<const std::byte> first,
                  std::span<const std::byte> last, size_t crc_offset) const;

 private:
  uint32_t start(uint64_t location) const;
  uint32_t seed_ = 0;
};

}  // namespace vexfs::core

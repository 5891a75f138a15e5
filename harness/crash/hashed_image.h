// SPDX-License-Identifier: MIT
// A volume that knows the hash of its whole content, so that equal crash states are recognised
// without comparing them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "harness/crash/legal_states.h"
#include "harness/device/volume.h"

namespace vexfs::parity::crash {

/// The sum, modulo 2^128, of the hashes (XXH3, seeded with the sector's number) of all sectors that
/// are not all zeroes. Equal volumes of one size have equal hashes; two of different content have
/// not, as far as anybody will ever see.
struct ImageHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  auto operator<=>(const ImageHash&) const = default;
};

/// The hash of a whole volume, computed from its content.
ImageHash hash_of(const device::Volume& volume);

/// Copying one costs what copying a Volume costs. The same rules for threads hold.
class HashedImage {
 public:
  explicit HashedImage(device::Volume volume);

  const device::Volume& volume() const { return volume_; }
  ImageHash hash() const { return hash_; }

  /// Replaces one sector. Chunks whose content stays the same stay shared.
  void put(std::uint64_t sector, std::span<const std::byte, kSectorBytes> content);

 private:
  device::Volume volume_;
  ImageHash hash_;
};

}  // namespace vexfs::parity::crash

template <>
struct std::hash<vexfs::parity::crash::ImageHash> {
  std::size_t operator()(const vexfs::parity::crash::ImageHash& hash) const noexcept {
    return hash.low;
  }
};

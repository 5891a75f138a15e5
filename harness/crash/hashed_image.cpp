// SPDX-License-Identifier: MIT
#include "harness/crash/hashed_image.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <xxhash.h>

namespace vexfs::parity::crash {
namespace {

using SectorBytes = std::span<const std::byte, kSectorBytes>;
constexpr std::uint64_t kPerChunk = device::Volume::kChunkBytes / kSectorBytes;

ImageHash hash_of_sector(std::uint64_t sector, SectorBytes content) {
  static constexpr std::byte kZeroes[kSectorBytes]{};
  if (std::memcmp(content.data(), kZeroes, kSectorBytes) == 0) return {};
  const XXH128_hash_t hash = XXH3_128bits_withSeed(content.data(), content.size(), sector);
  return {hash.low64, hash.high64};
}

void add(ImageHash& sum, ImageHash hash) {
  sum.low += hash.low;
  sum.high += hash.high + (sum.low < hash.low ? 1 : 0);
}

void subtract(ImageHash& sum, ImageHash hash) {
  sum.high -= hash.high + (sum.low < hash.low ? 1 : 0);
  sum.low -= hash.low;
}

SectorBytes sector_in(const device::Volume& volume, std::uint64_t sector) {
  return volume.chunk(sector / kPerChunk)
      .subspan(sector % kPerChunk * kSectorBytes)
      .first<kSectorBytes>();
}

}  // namespace

ImageHash hash_of(const device::Volume& volume) {
  ImageHash sum;
  for (std::uint64_t sector = 0; sector < volume.chunks() * kPerChunk; ++sector) {
    add(sum, hash_of_sector(sector, sector_in(volume, sector)));
  }
  return sum;
}

HashedImage::HashedImage(device::Volume volume)
    : volume_(std::move(volume)), hash_(hash_of(volume_)) {}

void HashedImage::put(std::uint64_t sector, SectorBytes content) {
  const SectorBytes old = sector_in(volume_, sector);
  if (std::ranges::equal(old, content)) return;
  subtract(hash_, hash_of_sector(sector, old));
  add(hash_, hash_of_sector(sector, content));
  volume_.write(sector * kSectorBytes, content);
}

}  // namespace vexfs::parity::crash

// SPDX-License-Identifier: MIT
#include "reference/model/bitmap.h"

namespace vexfs::model {
namespace {

constexpr std::uint64_t kWordsPerBlock = kBlockSize / 8;

struct Place {
  BlockNumber block;
  std::size_t byte;
  std::byte mask;
};

Place place_of(const vexfs_region& bitmap, std::uint64_t bit) {
  return {bitmap.start + bit / VEXFS_BITS_PER_BLOCK, bit % VEXFS_BITS_PER_BLOCK / 8,
          static_cast<std::byte>(1U << (bit % 8))};
}

}  // namespace

bool test_bit(const BlockStore& store, const vexfs_region& bitmap, std::uint64_t bit) {
  const Place place = place_of(bitmap, bit);
  return (store.read(place.block)[place.byte] & place.mask) != std::byte{0};
}

void set_bit(BlockStore& store, const vexfs_region& bitmap, std::uint64_t bit) {
  const Place place = place_of(bitmap, bit);
  store.edit(place.block)[place.byte] |= place.mask;
}

void clear_bit(BlockStore& store, const vexfs_region& bitmap, std::uint64_t bit) {
  const Place place = place_of(bitmap, bit);
  store.edit(place.block)[place.byte] &= ~place.mask;
}

std::uint64_t bitmap_word(const BlockStore& store, const vexfs_region& bitmap,
                          std::uint64_t index) {
  return get<std::uint64_t>(store.read(bitmap.start + index / kWordsPerBlock),
                            index % kWordsPerBlock * 8);
}

}  // namespace vexfs::model

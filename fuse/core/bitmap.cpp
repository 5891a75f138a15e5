// SPDX-License-Identifier: MIT
#include "fuse/core/bitmap.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace vexfs::core {
namespace {

constexpr uint64_t kBits = VEXFS_BITS_PER_BLOCK;

uint64_t word_of(const Block& block, uint64_t index) {
  uint64_t word;
  std::memcpy(&word, block.bytes.data() + index * 8, 8);
  return word;
}

/** The first one-bit of `word_at(i)` over the bits [from, to) of a block. */
template <typename WordAt>
std::optional<uint64_t> first_one(uint64_t from, uint64_t to, WordAt word_at) {
  for (uint64_t index = from / 64; index * 64 < to; ++index) {
    uint64_t word = word_at(index);
    if (index == from / 64) word &= ~uint64_t{0} << (from % 64);
    if (word == 0) continue;
    const uint64_t bit = index * 64 + static_cast<uint64_t>(std::countr_zero(word));
    if (bit >= to) return std::nullopt;
    return bit;
  }
  return std::nullopt;
}

}  // namespace

bool SparseBits::test(uint64_t bit) const {
  const Words* found = words(bit / kBits);
  return found != nullptr && ((*found)[bit % kBits / 64] >> (bit % 64) & 1) != 0;
}

void SparseBits::set(uint64_t bit) {
  auto& words = blocks_[bit / kBits];
  if (!words) words = std::make_unique<Words>();
  (*words)[bit % kBits / 64] |= uint64_t{1} << (bit % 64);
}

const SparseBits::Words* SparseBits::words(uint64_t block) const {
  const auto found = blocks_.find(block);
  return found == blocks_.end() ? nullptr : found->second.get();
}

Bitmap::Bitmap(BlockCache& cache, Region region)
    : cache_(cache), region_(region), full_(region.blocks) {}

Expected<bool> Bitmap::test(uint64_t bit) {
  const auto block = cache_.get(block_of(bit));
  if (!block) return fail(block.error());
  return (word_of(**block, bit % kBits / 64) >> (bit % 64) & 1) != 0;
}

Expected<std::optional<uint64_t>> Bitmap::first_clear(uint64_t from, uint64_t to,
                                                      const SparseBits* also, bool lowest) {
  while (from < to) {
    const uint64_t index = from / kBits;
    const uint64_t base = index * kBits;
    const uint64_t end = std::min(base + kBits, to);
    if (full_[index] == 0) {
      const auto block = cache_.get(region_.start + index);
      if (!block) return fail(block.error());
      const SparseBits::Words* held = also == nullptr ? nullptr : also->words(index);
      const auto bit = first_one(from - base, end - base, [&](uint64_t word) {
        return ~(word_of(**block, word) | (held == nullptr ? 0 : (*held)[word]));
      });
      if (bit) return base + *bit;
      if ((lowest || from == base) && end == base + kBits) full_[index] = 1;
    }
    from = end;
  }
  return std::nullopt;
}

Expected<std::optional<uint64_t>> Bitmap::first_set(uint64_t from, uint64_t to) {
  while (from < to) {
    const uint64_t base = from / kBits * kBits;
    const uint64_t end = std::min(base + kBits, to);
    const auto block = cache_.get(block_of(from));
    if (!block) return fail(block.error());
    const auto bit =
        first_one(from - base, end - base, [&](uint64_t word) { return word_of(**block, word); });
    if (bit) return base + *bit;
    from = end;
  }
  return std::nullopt;
}

Expected<bool> Bitmap::all_set(uint64_t from, uint64_t to) {
  while (from < to) {
    const uint64_t base = from / kBits * kBits;
    const uint64_t end = std::min(base + kBits, to);
    const auto block = cache_.get(block_of(from));
    if (!block) return fail(block.error());
    const auto bit =
        first_one(from - base, end - base, [&](uint64_t word) { return ~word_of(**block, word); });
    if (bit) return false;
    from = end;
  }
  return true;
}

Expected<void> Bitmap::gather(Unit& unit, uint64_t bit) {
  if (auto block = unit.write(block_of(bit)); !block) return fail(block.error());
  return {};
}

bool Bitmap::set(Unit& unit, uint64_t bit) {
  std::byte& byte = unit.at(block_of(bit)).bytes[bit % kBits / 8];
  const auto mask = std::byte{1} << (bit % 8);
  const bool changed = (byte & mask) == std::byte{0};
  byte |= mask;
  return changed;
}

bool Bitmap::clear(Unit& unit, uint64_t bit) {
  std::byte& byte = unit.at(block_of(bit)).bytes[bit % kBits / 8];
  const auto mask = std::byte{1} << (bit % 8);
  const bool changed = (byte & mask) != std::byte{0};
  byte &= ~mask;
  forget_full(bit);
  return changed;
}

}  // namespace vexfs::core

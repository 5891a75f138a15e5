// SPDX-License-Identifier: MIT
// Bitmaps against use, and the counters of the state block against the bitmaps.
#include <algorithm>
#include <bit>

#include "reference/tools/fsck/check_context.h"

namespace vexfs::tools {
namespace {

std::uint64_t word_at(Bytes bitmap, std::uint64_t word) {
  return load<std::uint64_t>(bitmap, word * 8);
}

// The first bit of [from, to) that has this value, or `to`.
std::uint64_t find_bit(Bytes bitmap, std::uint64_t from, std::uint64_t to, bool value) {
  for (std::uint64_t word = from / 64; from < to; ++word, from = word * 64) {
    std::uint64_t bits = word_at(bitmap, word);
    if (!value) bits = ~bits;
    bits &= ~0ULL << (from % 64);
    if (bits != 0) {
      return std::min(to, word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits)));
    }
  }
  return to;
}

std::uint64_t count_clear(Bytes bitmap) {
  std::uint64_t count = 0;
  for (std::uint64_t word = 0; word < bitmap.size() / 8; ++word) {
    count += 64 - static_cast<std::uint64_t>(std::popcount(word_at(bitmap, word)));
  }
  return count;
}

std::string run_text(std::uint64_t first, std::uint64_t last) {
  return first + 1 == last ? fmt::format("{}", first) : fmt::format("{} to {}", first, last - 1);
}

// Reports each run of bits in [from, to) that do not have the value `wanted`.
void require_bits(CheckContext& context, std::string_view rule, std::uint64_t from,
                  std::uint64_t to, bool wanted, std::string_view why) {
  const Bytes bitmap = context.block_bitmap;
  while ((from = find_bit(bitmap, from, to, !wanted)) < to) {
    const std::uint64_t end = find_bit(bitmap, from, to, wanted);
    context.error(rule, fmt::format("block bitmap › block {}", run_text(from, end)),
                  fmt::format("{}, because {}", wanted ? "set" : "clear", why),
                  wanted ? "clear" : "set");
    from = end;
  }
}

void check_block_use(CheckContext& context) {
  const vexfs_region& data = context.super().data;
  std::ranges::sort(context.claims, {}, &Claim::start);
  std::uint64_t next = data.start;  // first block that no claim so far covers
  std::uint64_t last_ino = 0;
  for (const Claim& claim : context.claims) {
    if (claim.start < next) {
      context.error("block.shared",
                    fmt::format("inode {} › block {}", claim.ino,
                                run_text(claim.start, std::min(next, claim.start + claim.blocks))),
                    fmt::format("a block of its own, not one of inode {}", last_ino), "shared");
    } else {
      require_bits(context, "bitmap.leaked", next, claim.start, false, "nothing uses it");
    }
    require_bits(context, "bitmap.missing", claim.start, claim.start + claim.blocks, true,
                 fmt::format("inode {} uses it", claim.ino));
    if (claim.start + claim.blocks > next) last_ino = claim.ino;
    next = std::max(next, claim.start + claim.blocks);
  }
  require_bits(context, "bitmap.leaked", next, end_of(data), false, "nothing uses it");
}

void check_outside_data(CheckContext& context) {
  const vexfs_superblock& super = context.super();
  const std::uint64_t bits = super.block_bitmap.blocks * VEXFS_BITS_PER_BLOCK;
  const std::string_view why = "it is outside the data region";
  require_bits(context, "bitmap.outside", 0, super.data.start, true, why);
  require_bits(context, "bitmap.outside", end_of(super.data), bits, true, why);
}

void check_inode_bits(CheckContext& context) {
  const std::uint64_t bits = context.super().inode_bitmap.blocks * VEXFS_BITS_PER_BLOCK;
  if (!bit_is_set(context.inode_bitmap, 0)) {
    context.error("inode_bitmap.outside", "inode bitmap › inode 0", "set", "clear");
  }
  const std::uint64_t clear =
      find_bit(context.inode_bitmap, context.super().inodes + 1, bits, false);
  if (clear < bits) {
    context.error("inode_bitmap.outside", fmt::format("inode bitmap › inode {}", clear),
                  "set, because there is no such inode", "clear");
  }
}

}  // namespace

void check_bitmaps(CheckContext& context) {
  check_outside_data(context);
  check_block_use(context);
  check_inode_bits(context);
  const std::uint64_t free_blocks = count_clear(context.block_bitmap);
  if (context.state.free_blocks != free_blocks) {
    context.error("state.free_blocks", "state › free_blocks", free_blocks,
                  context.state.free_blocks);
  }
  const std::uint64_t free_inodes = count_clear(context.inode_bitmap);
  if (context.state.free_inodes != free_inodes) {
    context.error("state.free_inodes", "state › free_inodes", free_inodes,
                  context.state.free_inodes);
  }
}

}  // namespace vexfs::tools

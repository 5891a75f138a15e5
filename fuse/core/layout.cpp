// SPDX-License-Identifier: MIT
#include "fuse/core/layout.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "reference/contract/inode.h"
#include "reference/contract/log.h"

namespace vexfs::core {
namespace {

constexpr uint64_t ceil_div(uint64_t value, uint64_t by) { return value / by + (value % by != 0); }

std::unexpected<Error> refuse(int number, const char* what) {
  return std::unexpected(Error{number, what});
}

Region region_of(const vexfs_region& region) { return {region.start, region.blocks}; }

bool within(uint64_t value, uint64_t least, uint64_t most) {
  return value >= least && value <= most;
}

bool limits_ok(const vexfs_superblock& super) {
  return within(super.tx_units, VEXFS_TX_UNITS_MIN, VEXFS_TX_UNITS_MAX) &&
         within(super.tx_blocks, VEXFS_TX_BLOCKS_MIN, VEXFS_TX_BLOCKS_MAX) &&
         within(super.unit_extents, VEXFS_UNIT_EXTENTS_MIN, VEXFS_UNIT_EXTENTS_MAX) &&
         within(super.unit_blocks, VEXFS_UNIT_BLOCKS_MIN, VEXFS_UNIT_BLOCKS_LIMIT) &&
         within(super.extent_fanout, VEXFS_FANOUT_MIN, VEXFS_FANOUT_MAX) &&
         within(super.max_links, VEXFS_LINKS_MIN, VEXFS_LINKS_MAX) &&
         within(super.inodes, VEXFS_INODES_MIN, VEXFS_INODES_MAX) &&
         super.ring.blocks >= VEXFS_RING_BLOCKS_MIN && super.checkpoint_blocks >= 1 &&
         super.checkpoint_freed >= 1;
}

uint64_t tx_max_of(const vexfs_superblock& super) {
  const uint64_t images = super.tx_blocks + uint64_t{VEXFS_UNIT_BLOCKS_MAX(super.unit_extents)};
  const uint64_t bytes = sizeof(vexfs_tx_header) + sizeof(vexfs_tx_commit) +
                         images * (sizeof(vexfs_tx_block) + kBlockSize);
  return ceil_div(bytes, kBlockSize);
}

/** Whether the regions follow each other as the format says and fill the volume. */
bool regions_ok(const vexfs_superblock& super) {
  uint64_t next = VEXFS_ANCHOR_BLOCK + 2;
  const uint64_t inode_bits = super.inodes + 1;
  const auto follows = [&](const vexfs_region& region, uint64_t blocks) {
    if (region.start != next || region.blocks != blocks || blocks >= super.blocks - next) {
      return false;
    }
    next += blocks;
    return true;
  };
  if (super.blocks < 8) return false;
  const uint64_t inode_bitmap = ceil_div(inode_bits, VEXFS_BITS_PER_BLOCK);
  return follows(super.log, super.log.blocks) && follows(super.state, 1) &&
         follows(super.ring, super.ring.blocks) &&
         follows(super.block_bitmap, ceil_div(super.blocks, VEXFS_BITS_PER_BLOCK)) &&
         follows(super.inode_bitmap, inode_bitmap) && follows(super.orphan_bitmap, inode_bitmap) &&
         follows(super.inode_table, ceil_div(inode_bits, VEXFS_INODES_PER_BLOCK)) &&
         super.data.start == next && super.data.blocks == super.blocks - 1 - next;
}

Layout layout_of(const vexfs_superblock& super, const Checksum& checksum) {
  Layout layout;
  layout.blocks = super.blocks;
  layout.inodes = super.inodes;
  layout.log = region_of(super.log);
  layout.state = region_of(super.state);
  layout.ring = region_of(super.ring);
  layout.block_bitmap = region_of(super.block_bitmap);
  layout.inode_bitmap = region_of(super.inode_bitmap);
  layout.orphan_bitmap = region_of(super.orphan_bitmap);
  layout.inode_table = region_of(super.inode_table);
  layout.data = region_of(super.data);
  layout.tx_units = super.tx_units;
  layout.tx_blocks = super.tx_blocks;
  layout.unit_extents = super.unit_extents;
  layout.unit_blocks = super.unit_blocks;
  layout.extent_fanout = super.extent_fanout;
  layout.max_links = super.max_links;
  layout.checkpoint_blocks = super.checkpoint_blocks;
  layout.checkpoint_freed = super.checkpoint_freed;
  layout.inline_extents = std::min<uint32_t>(VEXFS_INLINE_EXTENTS, super.extent_fanout);
  layout.tx_max = tx_max_of(super);
  std::memcpy(&layout.clock_volume, super.uuid, 8);
  layout.level_seed = super.level_seed;
  layout.unknown_ro_compat = super.feature_ro_compat != 0;
  layout.checksum = checksum;
  return layout;
}

}  // namespace

std::expected<Layout, Error> parse_superblock(std::span<const std::byte> block,
                                              uint64_t device_bytes) {
  const auto& super = *reinterpret_cast<const vexfs_superblock*>(block.data());
  if (super.magic != VEXFS_SUPER_MAGIC) {
    return refuse(EINVAL, "superblock: no VexFS here (wrong magic); mkfs.vexfs makes a volume");
  }
  const Checksum checksum(std::as_bytes(std::span<const __u8, 16>(super.uuid)));
  if (super.crc != checksum.of(0, block, offsetof(vexfs_superblock, crc))) {
    return refuse(EUCLEAN, "superblock: wrong checksum; run fsck.vexfs, which can use the copy");
  }
  if (super.version != VEXFS_FORMAT_VERSION) {
    return refuse(EINVAL, "superblock: a format version that this program does not know");
  }
  if (super.block_size != kBlockSize) return refuse(EINVAL, "superblock: block size is not 4096");
  if (super.feature_incompat != 0) {
    return refuse(EINVAL, "superblock: an incompatible feature that this program does not know");
  }
  if (super.blocks > device_bytes / kBlockSize) {
    return refuse(EUCLEAN, "superblock: the volume is larger than its device; was it cut?");
  }
  if (!limits_ok(super)) return refuse(EUCLEAN, "superblock: a limit is out of its bounds");
  if (!regions_ok(super)) {
    return refuse(EUCLEAN, "superblock: the regions do not follow each other; run fsck.vexfs");
  }
  Layout layout = layout_of(super, checksum);
  if (layout.tx_max > layout.log.blocks - layout.log.blocks / 2) {
    return refuse(EUCLEAN, "superblock: the log is too small for the volume's limits");
  }
  return layout;
}

}  // namespace vexfs::core

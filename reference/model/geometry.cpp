// SPDX-License-Identifier: MIT
#include "reference/model/geometry.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "reference/contract/inode.h"
#include "reference/contract/limits.h"

namespace vexfs::model {
namespace {

constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
  return value / by + (value % by != 0);
}

// The regions follow each other without gaps; log and ring lengths are given, the others follow.
void lay_out(vexfs_superblock& super) {
  super.log.start = 3;
  super.state = {super.log.start + super.log.blocks, 1};
  super.ring.start = super.state.start + 1;
  super.block_bitmap = {super.ring.start + super.ring.blocks,
                        divide_up(super.blocks, VEXFS_BITS_PER_BLOCK)};
  const std::uint64_t inode_bits = divide_up(super.inodes + 1, VEXFS_BITS_PER_BLOCK);
  super.inode_bitmap = {super.block_bitmap.start + super.block_bitmap.blocks, inode_bits};
  super.orphan_bitmap = {super.inode_bitmap.start + inode_bits, inode_bits};
  super.inode_table = {super.orphan_bitmap.start + inode_bits,
                       divide_up(super.inodes + 1, VEXFS_INODES_PER_BLOCK)};
  super.data.start = super.inode_table.start + super.inode_table.blocks;
  super.data.blocks = super.data.start + 1 < super.blocks ? super.blocks - 1 - super.data.start : 0;
}

bool same(const vexfs_region& a, const vexfs_region& b) {
  return a.start == b.start && a.blocks == b.blocks;
}

bool within(std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  return low <= value && value <= high;
}

// Bounds of what the superblock itself gives; the empty string if all hold.
std::string out_of_bounds(const vexfs_superblock& super) {
  if (!within(super.inodes, VEXFS_INODES_MIN, VEXFS_INODES_MAX))
    return "inodes must be 8 to 4294967280";
  if (super.ring.blocks < VEXFS_RING_BLOCKS_MIN) return "the event ring needs at least 4 blocks";
  if (!within(super.tx_units, VEXFS_TX_UNITS_MIN, VEXFS_TX_UNITS_MAX))
    return "tx_units must be 1 to 65536";
  if (!within(super.tx_blocks, VEXFS_TX_BLOCKS_MIN, VEXFS_TX_BLOCKS_MAX))
    return "tx_blocks must be 4 to 65536";
  if (!within(super.unit_extents, VEXFS_UNIT_EXTENTS_MIN, VEXFS_UNIT_EXTENTS_MAX))
    return "unit_extents must be 1 to 1024";
  if (!within(super.unit_blocks, VEXFS_UNIT_BLOCKS_MIN, VEXFS_UNIT_BLOCKS_LIMIT))
    return "unit_blocks must be 1 to 2147483647";
  if (!within(super.extent_fanout, VEXFS_FANOUT_MIN, VEXFS_FANOUT_MAX))
    return "extent_fanout must be 4 to 254";
  if (!within(super.max_links, VEXFS_LINKS_MIN, VEXFS_LINKS_MAX))
    return "max_links must be 4 to 65000";
  if (super.checkpoint_blocks < 1) return "checkpoint_blocks must be at least 1";
  if (super.checkpoint_freed < 1) return "checkpoint_freed must be at least 1";
  if (super.log.blocks > super.blocks || super.ring.blocks > super.blocks)
    return "log and ring do not fit on the volume";
  if (largest_transaction(super) > super.log.blocks - super.log.blocks / 2)
    return "the log is too short for its largest transaction, " +
           std::to_string(largest_transaction(super)) + " blocks; give it twice that";
  return {};
}

void take_defaults(const Geometry& geometry, vexfs_superblock& super) {
  const std::uint64_t blocks = geometry.blocks;
  super.blocks = blocks;
  super.inodes = geometry.inodes.value_or(std::max<std::uint64_t>(16, blocks / 4));
  super.ring.blocks =
      geometry.ring_blocks.value_or(std::clamp<std::uint64_t>(blocks / 128, 4, 16384));
  super.tx_units = geometry.tx_units.value_or(4096);
  super.tx_blocks = geometry.tx_blocks.value_or(
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(blocks / 256, 16, 4096)));
  super.unit_extents = geometry.unit_extents.value_or(16);
  super.unit_blocks = geometry.unit_blocks.value_or(32768);
  super.extent_fanout = geometry.extent_fanout.value_or(VEXFS_FANOUT_MAX);
  super.max_links = geometry.max_links.value_or(VEXFS_LINKS_MAX);
  super.checkpoint_blocks = geometry.checkpoint_blocks.value_or(65536);
  super.checkpoint_freed = geometry.checkpoint_freed.value_or(
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(blocks / 16, 1, 65536)));
  super.log.blocks = geometry.log_blocks.value_or(std::max<std::uint64_t>(
      2 * largest_transaction(super), std::min<std::uint64_t>(blocks / 32, 262144)));
}

}  // namespace

std::uint64_t largest_transaction(const vexfs_superblock& super) {
  const std::uint64_t most_blocks = super.tx_blocks + VEXFS_UNIT_BLOCKS_MAX(super.unit_extents);
  return divide_up(64 + 16 + most_blocks * (24 + kBlockSize), kBlockSize);
}

std::expected<vexfs_superblock, std::string> plan_superblock(const Geometry& geometry) {
  vexfs_superblock super{};
  super.magic = VEXFS_SUPER_MAGIC;
  super.version = VEXFS_FORMAT_VERSION;
  super.block_size = VEXFS_BLOCK_SIZE;
  std::copy(geometry.uuid.begin(), geometry.uuid.end(), super.uuid);
  if (geometry.label.size() > sizeof(super.label))
    return std::unexpected("the label is longer than 32 bytes; give a shorter one");
  std::memcpy(super.label, geometry.label.data(), geometry.label.size());
  take_defaults(geometry, super);
  super.level_seed = geometry.level_seed;
  if (std::string problem = out_of_bounds(super); !problem.empty()) return std::unexpected(problem);
  lay_out(super);
  if (super.data.blocks == 0)
    return std::unexpected("no data block fits: the metadata alone needs " +
                           std::to_string(super.data.start + 1) + " of " +
                           std::to_string(super.blocks) + " blocks; make the volume larger");
  super.crc = structure_checksum(super.uuid, 0, bytes_of(super), offsetof(vexfs_superblock, crc));
  return super;
}

Result<void> check_superblock(const vexfs_superblock& super, std::uint64_t device_blocks,
                              bool read_only) {
  if (super.magic != VEXFS_SUPER_MAGIC) return std::unexpected(EINVAL);
  if (super.crc !=
      structure_checksum(super.uuid, 0, bytes_of(super), offsetof(vexfs_superblock, crc)))
    return std::unexpected(EUCLEAN);
  if (super.version != VEXFS_FORMAT_VERSION || super.block_size != VEXFS_BLOCK_SIZE ||
      super.feature_incompat != 0)
    return std::unexpected(EINVAL);
  if (super.feature_ro_compat != 0 && !read_only) return std::unexpected(EINVAL);
  if (super.blocks > device_blocks || !out_of_bounds(super).empty())
    return std::unexpected(EUCLEAN);
  vexfs_superblock expected = super;
  lay_out(expected);
  if (!same(super.log, expected.log) || !same(super.state, expected.state) ||
      !same(super.ring, expected.ring) || !same(super.block_bitmap, expected.block_bitmap) ||
      !same(super.inode_bitmap, expected.inode_bitmap) ||
      !same(super.orphan_bitmap, expected.orphan_bitmap) ||
      !same(super.inode_table, expected.inode_table) || !same(super.data, expected.data) ||
      super.data.blocks == 0)
    return std::unexpected(EUCLEAN);
  return {};
}

}  // namespace vexfs::model

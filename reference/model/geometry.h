// SPDX-License-Identifier: MIT
// What mkfs is given, where the regions of a volume lie, and which superblocks are valid.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reference/contract/superblock.h"
#include "reference/model/bytes.h"
#include "reference/model/checksum.h"

namespace vexfs::model {

/// What mkfs is given (docs/format.md, "mkfs"); what is left open takes the default that stands
/// there.
struct Geometry {
  std::uint64_t blocks = 0;  // of the whole volume
  std::optional<std::uint64_t> inodes;
  std::optional<std::uint64_t> log_blocks;
  std::optional<std::uint64_t> ring_blocks;
  std::optional<std::uint32_t> tx_units;
  std::optional<std::uint32_t> tx_blocks;
  std::optional<std::uint32_t> unit_extents;
  std::optional<std::uint32_t> unit_blocks;
  std::optional<std::uint32_t> extent_fanout;
  std::optional<std::uint32_t> max_links;
  std::optional<std::uint32_t> checkpoint_blocks;
  std::optional<std::uint32_t> checkpoint_freed;
  Uuid uuid{};
  std::string label;  // at most 32 bytes
  std::uint32_t root_uid = 0;
  std::uint32_t root_gid = 0;
  std::int64_t time = 0;  // seconds
  std::uint64_t level_seed = 0;
};

/// The superblock of a volume with this geometry, checksum included; or what makes it impossible.
std::expected<vexfs_superblock, std::string> plan_superblock(const Geometry& geometry);

/// The largest transaction, in blocks.
std::uint64_t largest_transaction(const vexfs_superblock& super);

/// Whether the mount may go on: EINVAL or EUCLEAN as docs/format.md, "Validation on read", says.
/// `read_only`: an unknown feature_ro_compat bit is accepted, else it is EINVAL, as on ext4.
/// `device_blocks`: how long the image is.
Result<void> check_superblock(const vexfs_superblock& super, std::uint64_t device_blocks,
                              bool read_only);

}  // namespace vexfs::model

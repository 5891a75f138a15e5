// SPDX-License-Identifier: MIT
// What a new volume shall look like, and the superblock that follows from it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "reference/contract/superblock.h"
#include "reference/tools/inspect/crc32c.h"

namespace vexfs::tools {

// The arguments of mkfs. What is not given takes the default of docs/format.md, "mkfs".
struct Geometry {
  std::uint64_t blocks = 0;  // of the whole volume, 4096 bytes each
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
  std::string label;      // UTF-8, at most 32 bytes
  std::uint32_t uid = 0;  // of the root directory
  std::uint32_t gid = 0;
  std::uint64_t level_seed = 0;  // default seed of a collection's levels
  std::int64_t time = 0;         // seconds since 1970; every timestamp of the root directory
};

// What is wrong with a geometry and how to mend it, as one sentence for a person.
struct GeometryError {
  std::string message;
};

// The finished superblock, checksum included.
std::expected<vexfs_superblock, GeometryError> make_superblock(const Geometry& geometry);

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
// What each block of a volume is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

enum class BlockKind : std::uint8_t {
  kSuperblock,
  kAnchor,
  kLog,
  kState,
  kRing,
  kBlockBitmap,
  kInodeBitmap,
  kOrphanBitmap,
  kInodeTable,
  kDirectory,   // of inode `ino`, logical block `lblk`
  kExtentNode,  // of inode `ino`
  kSymlink,     // the long target of inode `ino`
  kFileData,    // of inode `ino`, logical block `lblk`
  kUnused,      // in the data region, of no inode
  kOutside,     // past the end of the volume
};

struct BlockRole {
  BlockKind kind;
  std::uint64_t ino = 0;
  std::uint64_t lblk = 0;  // in a region: the block's place from its start

  friend bool operator==(const BlockRole&, const BlockRole&) = default;
};

// Knows the role of every block. Building it walks all inodes in use.
class BlockRoles {
 public:
  explicit BlockRoles(const VolumeView& view);

  BlockRole role(std::uint64_t block) const;

  // A run of blocks of the data region with a role; `role.lblk` is that of the first.
  struct Run {
    std::uint64_t start;
    std::uint64_t blocks;
    BlockRole role;
  };
  // By start. Runs of a broken volume may overlap.
  const std::vector<Run>& runs() const { return runs_; }

 private:
  void add_inode(const VolumeView& view, std::uint64_t ino);
  BlockRole role_in_data(std::uint64_t block) const;

  vexfs_superblock super_;
  std::vector<Run> runs_;
};

// "inode table", "dir 5", "inode 7 data" and so on.
std::string role_text(const BlockRole& role);

}  // namespace vexfs::tools

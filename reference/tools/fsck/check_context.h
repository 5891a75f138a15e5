// SPDX-License-Identifier: MIT
// What the parts of the check share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "reference/tools/inspect/anchor.h"
#include "reference/tools/inspect/extent_walk.h"
#include "reference/tools/inspect/finding.h"
#include "reference/tools/inspect/log.h"
#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

// Whether the root leads to an inode.
enum class Reach : std::uint8_t { kUnknown, kReached, kLost };

// What the check knows about an inode whose bit is set.
struct InodeFacts {
  vexfs_inode inode{};
  Mapping mapping;
  std::uint64_t names = 0;           // records that name it, and the collection that it is part of
  std::uint64_t subdirectories = 0;  // records of directories in it
  std::uint64_t parent = 0;          // the directory of the last record that names it
  std::uint64_t entries = 0;         // records in it
  Reach reach = Reach::kUnknown;
};

// A run of data-region blocks and the inode that uses it.
struct Claim {
  std::uint64_t start;
  std::uint64_t blocks;
  std::uint64_t ino;
};

struct CheckContext {
  VolumeView view;  // with the log replayed
  Findings findings;
  Anchors anchors{};
  std::vector<Transaction> chain;
  vexfs_state state{};
  std::vector<std::byte> block_bitmap;
  std::vector<std::byte> inode_bitmap;
  std::vector<std::byte> orphan_bitmap;
  std::vector<std::uint64_t> used_inodes;  // ascending, 1 to inodes
  std::unordered_map<std::uint64_t, InodeFacts> inodes;
  std::vector<Claim> claims;

  explicit CheckContext(VolumeView volume) : view(std::move(volume)) {}

  const vexfs_superblock& super() const { return view.super(); }
  // Nothing to replay or reclaim.
  bool is_clean() const {
    return chain.empty() && anchors.active() != nullptr &&
           (anchors.active()->flags & VEXFS_ANCHOR_CLEAN) != 0;
  }
  bool is_orphan(std::uint64_t ino) const { return bit_is_set(orphan_bitmap, ino); }

  template <typename Expected, typename Actual>
  void error(std::string_view rule, std::string path, const Expected& expected,
             const Actual& actual) {
    findings.error(rule, std::move(path), fmt::format("{}", expected), fmt::format("{}", actual));
  }
};

// The parts, in the order in which check_volume runs them.
void check_superblocks(Bytes image, CheckContext& context);
void check_anchors(CheckContext& context);
void check_log(CheckContext& context);     // reads and replays the chain
void check_state(CheckContext& context);   // and loads the bitmaps
void check_inodes(CheckContext& context);  // each on its own, and its blocks
void check_directories(CheckContext& context);
void check_collections(CheckContext& context);
void check_links(CheckContext& context);  // nlink, home, orphans, reachability
void check_bitmaps(CheckContext& context);
void check_events(CheckContext& context);

}  // namespace vexfs::tools

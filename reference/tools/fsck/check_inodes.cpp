// SPDX-License-Identifier: MIT
// Each inode on its own, and which blocks it uses.
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "reference/tools/fsck/check_context.h"
#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

bool is_known_type(std::uint16_t mode) {
  static constexpr std::array<std::uint16_t, 7> kTypes = {S_IFREG,  S_IFDIR, S_IFLNK, S_IFIFO,
                                                          S_IFSOCK, S_IFCHR, S_IFBLK};
  return std::ranges::find(kTypes, mode & S_IFMT) != kTypes.end();
}

class InodeCheck {
 public:
  InodeCheck(CheckContext& context, std::uint64_t number, InodeFacts& facts)
      : context_(context), number_(number), facts_(facts), inode_(facts.inode) {}

  void run() {
    check_identity();
    check_zeros();
    check_size();
    if (has_mapping(inode_)) {
      check_mapping();
    } else {
      check_no_mapping();
    }
    if (S_ISLNK(inode_.mode)) check_target();
  }

 private:
  template <typename Expected, typename Actual>
  void error(std::string_view rule, std::string_view field, const Expected& expected,
             const Actual& actual) {
    context_.error(rule, fmt::format("inode {}{}{}", number_, kPathStep, field), expected, actual);
  }

  void check_identity() {
    const auto crc = context_.view.crc(number_, context_.view.inode_bytes(number_), 0);
    if (inode_.crc != crc) {
      error("inode.crc", "crc", fmt::format("{:08x}", crc), fmt::format("{:08x}", inode_.crc));
    }
    if (!is_known_type(inode_.mode)) {
      error("inode.mode", "mode", "one of the seven file types",
            fmt::format("{:07o}", inode_.mode));
    }
    if (inode_.generation == 0 || inode_.generation > context_.state.generation) {
      error("inode.generation", "generation", fmt::format("1 to {}", context_.state.generation),
            inode_.generation);
    }
    if (inode_.home < 1 || inode_.home > context_.super().inodes) {
      error("inode.home", "home", fmt::format("1 to {}", context_.super().inodes), inode_.home);
    }
    if (inode_.nlink > context_.super().max_links) {
      error("inode.nlink_max", "nlink", fmt::format("at most {}", context_.super().max_links),
            inode_.nlink);
    }
    for (auto [name, value] : {std::pair("atime_nsec", inode_.atime_nsec),
                               {"mtime_nsec", inode_.mtime_nsec},
                               {"ctime_nsec", inode_.ctime_nsec}}) {
      if (value >= 1'000'000'000) error("inode.nsec", name, "below 1000000000", value);
    }
    for (auto [name, value] : {std::pair("uid", inode_.uid), {"gid", inode_.gid}}) {
      if (value == UINT32_MAX) error("inode.owner", name, "an owner", value);
    }
    check_flags();
  }

  void check_flags() {
    const bool is_truncating = (inode_.flags & VEXFS_INODE_TRUNCATING) != 0;
    const unsigned of_files = VEXFS_INODE_TRUNCATING | VEXFS_INODE_SYSTEM | VEXFS_INODE_VECTOR;
    const unsigned allowed = S_ISREG(inode_.mode)   ? of_files
                             : S_ISDIR(inode_.mode) ? VEXFS_INODE_COLLECTION
                                                    : 0U;
    if ((inode_.flags & ~allowed) != 0) {
      error("inode.flags", "flags", fmt::format("none but {:#x}", allowed),
            fmt::format("{:#x}", inode_.flags));
    }
    const bool is_system = (inode_.flags & VEXFS_INODE_SYSTEM) != 0;
    if (is_system && (inode_.mode != S_IFREG || inode_.uid != 0 || inode_.gid != 0)) {
      error("inode.system", "mode, uid and gid", "0100000, 0 and 0",
            fmt::format("{:07o}, {} and {}", inode_.mode, inode_.uid, inode_.gid));
    }
    if (is_truncating && !context_.is_orphan(number_)) {
      error("inode.truncating", "flags", "not TRUNCATING, because its orphan bit is clear",
            "TRUNCATING");
    }
  }

  void check_zeros() {
    const bool is_device = S_ISCHR(inode_.mode) || S_ISBLK(inode_.mode);
    if (!is_device && inode_.rdev != 0) error("inode.rdev", "rdev", 0, inode_.rdev);
    const bool is_collection = (inode_.flags & VEXFS_INODE_COLLECTION) != 0;
    if (inode_.xattr_block != 0 || inode_.xattr_bytes != 0 ||
        (inode_.collection != 0 && !is_collection) ||
        !all_zero(std::as_bytes(std::span(inode_.reserved)))) {
      error("inode.reserved", "reserved fields", "zeros", "other bytes");
    }
  }

  void check_size() {
    const bool is_special = !S_ISREG(inode_.mode) && !S_ISDIR(inode_.mode) && !S_ISLNK(inode_.mode);
    if (inode_.size > VEXFS_FILE_SIZE_MAX) {
      error("inode.size", "size", fmt::format("at most {}", VEXFS_FILE_SIZE_MAX), inode_.size);
    } else if (S_ISDIR(inode_.mode) && inode_.size % kBlockSize != 0) {
      error("inode.size", "size", "a multiple of 4096", inode_.size);
    } else if (S_ISLNK(inode_.mode) && (inode_.size < 1 || inode_.size > VEXFS_SYMLINK_MAX)) {
      error("inode.size", "size", fmt::format("1 to {}", VEXFS_SYMLINK_MAX), inode_.size);
    } else if (is_special && inode_.size != 0) {
      error("inode.size", "size", 0, inode_.size);
    }
  }

  void check_mapping() {
    facts_.mapping = walk_extents(context_.view, number_, inode_, context_.findings);
    const Mapping& mapping = facts_.mapping;
    for (const MappedExtent& extent : mapping.extents) {
      context_.claims.push_back({extent.pblk, extent.len, number_});
      if (!extent.unwritten) continue;
      error("extent.unwritten", fmt::format("extent at {}", extent.lblk),
            "a written extent: nothing in this version makes others", "unwritten");
    }
    for (const MappedNode& node : mapping.nodes)
      context_.claims.push_back({node.block, 1, number_});
    if (!mapping.complete) return;  // what follows would only repeat the fault
    if (mapping.extents.empty() && inode_.depth != 0) {
      error("inode.depth", "depth", "0, because nothing is mapped", inode_.depth);
    }
    if (inode_.blocks != mapping.blocks()) {
      error("inode.blocks", "blocks", mapping.blocks(), inode_.blocks);
    }
    check_extent_of_mapping(mapping);
  }

  // Nothing is mapped past the end; a directory has no hole.
  void check_extent_of_mapping(const Mapping& mapping) {
    if (inode_.size > VEXFS_FILE_SIZE_MAX) return;
    const std::uint64_t blocks = (inode_.size + kBlockSize - 1) / kBlockSize;
    const std::uint64_t end =
        mapping.extents.empty() ? 0 : mapping.extents.back().lblk + mapping.extents.back().len;
    if (end > blocks && (inode_.flags & VEXFS_INODE_TRUNCATING) == 0 && !is_being_freed()) {
      error("inode.past_end", "extents", fmt::format("none at or after block {}", blocks),
            fmt::format("mapped up to block {}", end - 1));
    }
    if (!S_ISDIR(inode_.mode) || is_being_freed()) return;
    std::uint64_t mapped = 0;
    for (const MappedExtent& extent : mapping.extents) {
      if (extent.lblk != mapped) break;
      mapped += extent.len;
    }
    if (mapped < blocks) {
      error("dir.hole", "size", fmt::format("{}, as far as blocks are mapped", mapped * kBlockSize),
            inode_.size);
    }
  }

  // A removed inode whose blocks may already have gone in part.
  bool is_being_freed() const { return inode_.nlink == 0 && context_.is_orphan(number_); }

  void check_no_mapping() {
    if (inode_.extents != 0 || inode_.depth != 0 || inode_.blocks != 0) {
      error("inode.no_blocks", "extents, depth and blocks", "0 for this file type",
            fmt::format("{}, {} and {}", inode_.extents, inode_.depth, inode_.blocks));
    }
    const std::size_t used = S_ISLNK(inode_.mode) ? inode_.size : 0;
    if (!all_zero(std::as_bytes(std::span(inode_.inline_area)).subspan(used))) {
      error("inode.inline_zero", "inline_area", "zeros after what is used", "other bytes");
    }
  }

  void check_target() {
    if (inode_.size < 1 || inode_.size > VEXFS_SYMLINK_MAX) return;
    Bytes target = std::as_bytes(std::span(inode_.inline_area));
    if (inode_.size > VEXFS_INLINE_BYTES) {
      const Mapping& mapping = facts_.mapping;
      if (is_being_freed() && mapping.extents.empty()) return;
      if (inode_.depth != 0 || mapping.extents.size() != 1 || mapping.extents[0].lblk != 0 ||
          mapping.extents[0].len != 1) {
        return error("symlink.block", "extents", "one extent of one block at 0",
                     fmt::format("{} at depth {}", inode_.extents, inode_.depth));
      }
      target = context_.view.block(mapping.extents[0].pblk);
      if (!all_zero(target.subspan(inode_.size))) {
        error("symlink.zero", "target", "zeros after the target", "other bytes");
      }
    }
    target = target.first(inode_.size);
    if (std::ranges::find(target, std::byte{0}) != target.end()) {
      error("symlink.nul", "target", "a text without NUL", escaped_text(target));
    }
  }

  CheckContext& context_;
  std::uint64_t number_;
  InodeFacts& facts_;
  const vexfs_inode& inode_;
};

// Slot 0, the slots of free inodes and those above `inodes` are zero.
void check_free_slots(CheckContext& context) {
  const vexfs_superblock& super = context.super();
  std::uint64_t number = 0;
  for (std::uint64_t i = 0; i < super.inode_table.blocks; ++i) {
    const Bytes block = context.view.block(super.inode_table.start + i);
    for (std::size_t slot = 0; slot < VEXFS_INODES_PER_BLOCK; ++slot, ++number) {
      const bool is_used =
          number >= 1 && number <= super.inodes && bit_is_set(context.inode_bitmap, number);
      if (is_used) {
        context.used_inodes.push_back(number);
      } else if (!all_zero(block.subspan(slot * VEXFS_INODE_SIZE, VEXFS_INODE_SIZE))) {
        context.error("inode.free_slot", fmt::format("inode {}", number),
                      "256 zero bytes, because its bit is clear", "other bytes");
      }
    }
  }
}

void check_generations(CheckContext& context) {
  std::unordered_map<std::uint64_t, std::uint64_t> first_with;
  for (std::uint64_t number : context.used_inodes) {
    const std::uint64_t generation = context.inodes[number].inode.generation;
    const auto [found, is_new] = first_with.emplace(generation, number);
    if (is_new) continue;
    context.error("inode.generation_twice", fmt::format("inode {} › generation", number),
                  fmt::format("another than that of inode {}", found->second), generation);
  }
}

}  // namespace

void check_inodes(CheckContext& context) {
  check_free_slots(context);
  context.inodes.reserve(context.used_inodes.size());
  for (std::uint64_t number : context.used_inodes) {
    InodeFacts& facts = context.inodes[number];
    facts.inode = context.view.inode(number);
    InodeCheck(context, number, facts).run();
  }
  check_generations(context);
}

}  // namespace vexfs::tools

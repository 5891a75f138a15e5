// SPDX-License-Identifier: MIT
// A volume image as its superblock describes it, for reading only.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "reference/contract/inode.h"
#include "reference/contract/superblock.h"
#include "reference/tools/inspect/bytes.h"
#include "reference/tools/inspect/crc32c.h"
#include "reference/tools/inspect/finding.h"
#include "reference/tools/inspect/layout.h"

namespace vexfs::tools {

// Reports everything that is wrong with the superblock in `block` of an image of `image_blocks`.
// Paths start with `path`.
void check_superblock(Bytes block, std::uint64_t image_blocks, const std::string& path,
                      Findings& findings);

// Every access is bounds-checked against the image; the regions are known to lie within it. The
// image must outlive the view. Blocks can be replaced in memory (as a replay of the log does); the
// image itself never changes.
class VolumeView {
 public:
  // Uses the superblock in block 0; if that is unusable, the copy in the last block; a valid
  // checksum is preferred. Fails, with a sentence for a person, if neither describes a layout.
  static std::expected<VolumeView, std::string> open(Bytes image);

  const vexfs_superblock& super() const { return super_; }
  const Uuid& uuid() const { return uuid_; }
  // True if block 0 was unusable.
  bool uses_copy() const { return uses_copy_; }
  // The image without replaced blocks.
  Bytes image() const { return image_; }

  // The 4096 bytes of the block; requires number < super().blocks.
  Bytes block(std::uint64_t number) const;
  // The block for changing in memory; requires number < super().blocks.
  MutableBytes replace(std::uint64_t number);
  bool has_replaced_blocks() const { return !replaced_.empty(); }

  // The 256 bytes of the slot; requires number <= super().inodes.
  Bytes inode_bytes(std::uint64_t number) const;
  vexfs_inode inode(std::uint64_t number) const { return load<vexfs_inode>(inode_bytes(number)); }
  // Byte offset of the slot in the image.
  std::uint64_t inode_offset(std::uint64_t number) const {
    return super_.inode_table.start * kBlockSize + number * VEXFS_INODE_SIZE;
  }
  bool inode_in_use(std::uint64_t number) const {
    return number >= 1 && number <= super_.inodes && bit(super_.inode_bitmap, number);
  }
  bool block_in_use(std::uint64_t number) const {
    return number < super_.blocks && bit(super_.block_bitmap, number);
  }
  // The bytes of a region in one piece, replaced blocks included.
  std::vector<std::byte> region_bytes(const vexfs_region& region) const;

  bool is_data_block(std::uint64_t number) const { return contains(super_.data, number); }
  vexfs_state state() const { return load<vexfs_state>(block(super_.state.start)); }

  // The checksum of a structure of this volume.
  std::uint32_t crc(std::uint64_t location, Bytes structure, std::size_t crc_offset) const {
    return structure_crc(uuid_, location, structure, crc_offset);
  }

 private:
  using Block = std::array<std::byte, kBlockSize>;

  VolumeView(Bytes image, const vexfs_superblock& super, bool uses_copy);
  bool bit(const vexfs_region& region, std::uint64_t number) const;

  Bytes image_;
  vexfs_superblock super_;
  Uuid uuid_{};
  bool uses_copy_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Block>> replaced_;
};

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/volume_view.h"

#include <algorithm>
#include <optional>

namespace vexfs::tools {

VolumeView::VolumeView(Bytes image, const vexfs_superblock& super, bool uses_copy)
    : image_(image), super_(super), uses_copy_(uses_copy) {
  std::memcpy(uuid_.data(), super.uuid, uuid_.size());
}

namespace {

struct Candidate {
  vexfs_superblock super;
  bool usable;  // describes a layout within the image
  bool valid;   // and breaks no other rule
};

Candidate examine(Bytes image, std::uint64_t number) {
  const std::uint64_t image_blocks = image.size() / kBlockSize;
  const Bytes block = image.subspan(number * kBlockSize, kBlockSize);
  Findings findings;
  check_superblock(block, image_blocks, "", findings);
  const bool unusable = findings.has("super.magic") || findings.has("super.version") ||
                        findings.has("super.block_size") || findings.has("super.size") ||
                        findings.has("super.region") || findings.has("super.inodes") ||
                        findings.has("super.limit");
  return {load<vexfs_superblock>(block), !unusable, findings.clean()};
}

}  // namespace

std::expected<VolumeView, std::string> VolumeView::open(Bytes image) {
  const std::uint64_t image_blocks = image.size() / kBlockSize;
  if (image_blocks == 0) {
    return std::unexpected("the image is shorter than one block, so it holds no volume");
  }
  const Candidate first = examine(image, VEXFS_SUPER_BLOCK);
  if (first.valid) return VolumeView(image, first.super, false);
  // If block 0 describes a layout, its copy is at the end of that; else at the end of the image.
  const std::uint64_t copy_block = first.usable ? first.super.blocks - 1 : image_blocks - 1;
  const Candidate copy = examine(image, copy_block);
  if (copy.usable && copy.super.blocks == copy_block + 1 && (copy.valid || !first.usable)) {
    return VolumeView(image, copy.super, true);
  }
  if (first.usable) return VolumeView(image, first.super, false);
  return std::unexpected(
      "neither block 0 nor the last block holds a usable superblock, so this is no VexFS volume or "
      "its end is missing; mkfs.vexfs makes one");
}

Bytes VolumeView::block(std::uint64_t number) const {
  if (!replaced_.empty()) {
    if (auto found = replaced_.find(number); found != replaced_.end()) return *found->second;
  }
  return image_.subspan(number * kBlockSize, kBlockSize);
}

MutableBytes VolumeView::replace(std::uint64_t number) {
  auto& slot = replaced_[number];
  if (!slot) {
    slot = std::make_unique<Block>();
    std::ranges::copy(image_.subspan(number * kBlockSize, kBlockSize), slot->begin());
  }
  return *slot;
}

Bytes VolumeView::inode_bytes(std::uint64_t number) const {
  const std::uint64_t block_number = super_.inode_table.start + number / VEXFS_INODES_PER_BLOCK;
  return block(block_number)
      .subspan(number % VEXFS_INODES_PER_BLOCK * VEXFS_INODE_SIZE, VEXFS_INODE_SIZE);
}

bool VolumeView::bit(const vexfs_region& region, std::uint64_t number) const {
  return bit_is_set(block(region.start + number / VEXFS_BITS_PER_BLOCK),
                    number % VEXFS_BITS_PER_BLOCK);
}

std::vector<std::byte> VolumeView::region_bytes(const vexfs_region& region) const {
  const Bytes there = image_.subspan(region.start * kBlockSize, region.blocks * kBlockSize);
  std::vector<std::byte> bytes(there.begin(), there.end());
  for (const auto& [number, content] : replaced_) {
    if (!contains(region, number)) continue;
    std::ranges::copy(*content, bytes.begin() + static_cast<std::ptrdiff_t>(
                                                    (number - region.start) * kBlockSize));
  }
  return bytes;
}

}  // namespace vexfs::tools

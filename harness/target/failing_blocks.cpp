// SPDX-License-Identifier: MIT
#include "harness/target/failing_blocks.h"

#include <algorithm>
#include <span>

#include "reference/contract/superblock.h"

namespace vexfs::parity {
namespace {

// In blocks.
vexfs_region region_of(const vexfs_superblock& super, Region region) {
  switch (region) {
    case Region::kLog:
      return super.log;
    case Region::kAnchor:
      return {VEXFS_ANCHOR_BLOCK, 2};
    case Region::kData:
      break;
  }
  return super.data;
}

}  // namespace

bool has_failing_writes(std::span<const Step> steps) {
  return std::ranges::any_of(
      steps, [](const Step& step) { return std::holds_alternative<FailWrites>(step.operation); });
}

void FailingBlocks::add(const Image& volume, Region region) {
  vexfs_superblock super;
  volume.read(0, std::as_writable_bytes(std::span(&super, 1)));
  const vexfs_region blocks = region_of(super, region);
  ranges_.push_back(
      {blocks.start * VEXFS_BLOCK_SIZE, (blocks.start + blocks.blocks) * VEXFS_BLOCK_SIZE});
}

bool FailingBlocks::meets(std::uint64_t offset, std::uint64_t length) const {
  return std::ranges::any_of(ranges_, [&](const Range& range) {
    return offset < range.after && offset + length > range.first;
  });
}

}  // namespace vexfs::parity

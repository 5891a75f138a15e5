// SPDX-License-Identifier: MIT
#include "harness/crash/block_versions.h"

#include <algorithm>

namespace vexfs::parity::crash {

void BlockVersions::add(std::uint64_t block, std::uint64_t transaction, bool zeroed_tail,
                        std::span<const std::byte, Image::kChunkBytes> content) {
  BlockVersion& version = blocks_[block].emplace_back();
  version.number = ++last_;
  version.transaction = transaction;
  version.zeroed_tail = zeroed_tail;
  std::ranges::copy(content, version.content.begin());
}

std::span<const BlockVersion> BlockVersions::of(std::uint64_t block) const {
  const auto found = blocks_.find(block);
  return found == blocks_.end() ? std::span<const BlockVersion>() : found->second;
}

}  // namespace vexfs::parity::crash

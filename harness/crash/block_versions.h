// SPDX-License-Identifier: MIT
// Every content that a block of the data region had while a scenario ran: what file data that is
// not in the log may look like after a crash.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "harness/target/target.h"

namespace vexfs::parity::crash {

/// Versions are numbered from 1 in the order in which they were written, over all blocks; 0 is what
/// a block held at the beginning.
using VersionNumber = std::size_t;

struct BlockVersion {
  VersionNumber number = 0;
  std::uint64_t transaction = 0;  // the one that ran when it was written
  bool zeroed_tail = false;       // written by a truncation, not by a write
  std::array<std::byte, Image::kChunkBytes> content{};
};

class BlockVersions {
 public:
  explicit BlockVersions(Image base) : base_(std::move(base)) {}

  void add(std::uint64_t block, std::uint64_t transaction, bool zeroed_tail,
           std::span<const std::byte, Image::kChunkBytes> content);

  /// The number of the last version of any block.
  VersionNumber last() const { return last_; }
  /// The versions of one block, ascending; without the one that it began with.
  std::span<const BlockVersion> of(std::uint64_t block) const;
  /// What the block held at the beginning.
  std::span<const std::byte, Image::kChunkBytes> first(std::uint64_t block) const {
    return base_.chunk(block);
  }

 private:
  Image base_;
  std::map<std::uint64_t, std::vector<BlockVersion>> blocks_;
  VersionNumber last_ = 0;
};

}  // namespace vexfs::parity::crash

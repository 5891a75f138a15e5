// SPDX-License-Identifier: MIT
// Regions of a volume that a device takes no more writes for: `fail_writes` of a scenario.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/scenario/flags.h"
#include "harness/target/target.h"

namespace vexfs::parity {

/// Blocks of a device whose writes fail.
class FailingBlocks {
 public:
  /// From now on writes of this region fail, as `volume`'s superblock places it.
  void add(const Image& volume, Region region);

  bool empty() const { return ranges_.empty(); }
  /// Whether any byte from `offset` on lies in such a block.
  bool meets(std::uint64_t offset, std::uint64_t length) const;

 private:
  struct Range {
    std::uint64_t first;  // bytes
    std::uint64_t after;
  };
  std::vector<Range> ranges_;
};

}  // namespace vexfs::parity

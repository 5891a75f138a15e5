// SPDX-License-Identifier: MIT
// Reads the transactions that a crash left in the log (docs/format.md, "Recovery").
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "fuse/core/block_device.h"
#include "fuse/core/layout.h"
#include "fuse/core/log_writer.h"
#include "fuse/core/planted.h"

namespace vexfs::core {

/** One block's image within a transaction. */
struct BlockImage {
  uint64_t block = 0;
  uint64_t mask = 0;
  bool init = false;
  /** The changed units, one after the other. */
  std::span<const std::byte> units;
};

/** Walks the valid transactions from an anchor's tail. */
class LogReader {
 public:
  LogReader(BlockDevice& device, const Layout& layout, PlantedFault faults, const Anchor& anchor);

  /** Reads the next transaction; false at the end of the valid ones. EIO. */
  Expected<bool> next();
  /** Calls `apply` for each image of the current transaction. EUCLEAN if its content makes no
   * sense. */
  Expected<void> for_each(const std::function<Expected<void>(const BlockImage&)>& apply) const;

  /** The position after the last valid transaction. */
  const Anchor& position() const { return position_; }
  uint64_t transactions() const { return transactions_; }

 private:
  Expected<void> read_blocks(uint64_t first, uint64_t count);
  bool header_ok() const;
  bool commit_ok() const;

  BlockDevice& device_;
  const Layout& layout_;
  PlantedFault faults_;
  Anchor position_;
  uint64_t transactions_ = 0;
  uint64_t blocks_read_ = 0;
  std::vector<std::byte> bytes_;
};

}  // namespace vexfs::core

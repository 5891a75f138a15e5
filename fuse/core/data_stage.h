// SPDX-License-Identifier: MIT
// File data on its way to the device: neighbouring blocks are put together into large writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fuse/core/block_device.h"
#include "fuse/core/log_writer.h"

namespace vexfs::core {

/** A run of blocks not yet written. Used under the volume's exclusive lock. */
class DataStage {
 public:
  DataStage(BlockDevice& device, LogWriter& log);

  /** Adds one block's bytes; may write what was staged before. */
  void add(uint64_t block, std::span<const std::byte> bytes);
  /** Writes what is staged. What the device refuses is gone, and the log knows of it. */
  void flush();
  /** 4096 bytes to compose a block in. */
  std::span<std::byte> scratch() { return scratch_; }

 private:
  static constexpr size_t kBytes = 512UL << 10;
  BlockDevice& device_;
  LogWriter& log_;
  std::vector<std::byte> bytes_;
  std::vector<std::byte> scratch_;
  uint64_t first_ = 0;
};

}  // namespace vexfs::core

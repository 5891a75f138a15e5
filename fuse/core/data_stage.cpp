// SPDX-License-Identifier: MIT
#include "fuse/core/data_stage.h"

namespace vexfs::core {

DataStage::DataStage(BlockDevice& device, LogWriter& log)
    : device_(device), log_(log), scratch_(kBlockSize) {}

Expected<void> DataStage::add(uint64_t block, std::span<const std::byte> bytes) {
  const bool continues = block == first_ + bytes_.size() / kBlockSize;
  if (!bytes_.empty() && (!continues || bytes_.size() >= kBytes)) {
    if (auto flushed = flush(); !flushed) return flushed;
  }
  if (bytes_.empty()) first_ = block;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return {};
}

Expected<void> DataStage::flush() {
  if (bytes_.empty()) return {};
  const auto written = device_.write(first_ * kBlockSize, bytes_);
  bytes_.clear();
  log_.note_data_write();
  return written;
}

}  // namespace vexfs::core

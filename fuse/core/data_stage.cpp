// SPDX-License-Identifier: MIT
#include "fuse/core/data_stage.h"

namespace vexfs::core {

DataStage::DataStage(BlockDevice& device, LogWriter& log)
    : device_(device), log_(log), scratch_(kBlockSize) {}

void DataStage::add(uint64_t block, std::span<const std::byte> bytes) {
  const bool continues = block == first_ + bytes_.size() / kBlockSize;
  if (!bytes_.empty() && (!continues || bytes_.size() >= kBytes)) flush();
  if (bytes_.empty()) first_ = block;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void DataStage::flush() {
  if (bytes_.empty()) return;
  if (!device_.write(first_ * kBlockSize, bytes_)) log_.note_data_error();
  bytes_.clear();
  log_.note_data_write();
}

}  // namespace vexfs::core

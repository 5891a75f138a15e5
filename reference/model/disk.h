// SPDX-License-Identifier: MIT
// What a volume lies on: blocks that hold at once what is written into them.
#pragma once

#include <span>

#include "reference/model/bytes.h"

namespace vexfs::model {

/// The blocks of one volume. Numbers are below blocks(). Not thread-safe.
class Disk {
 public:
  virtual ~Disk() = default;

  virtual std::uint64_t blocks() const = 0;
  /// What the block holds. Valid until the next write() of it.
  virtual BlockView read(BlockNumber number) const = 0;
  /// The block, to be changed in place before the next call.
  virtual BlockEdit write(BlockNumber number) = 0;
  /// Whether a write has failed, that is: does not hold what was written.
  virtual bool failed() const { return false; }
};

/// An image that lies in one piece in memory that the caller owns and keeps. Bytes behind the last
/// whole block are left alone.
class MemoryDisk final : public Disk {
 public:
  explicit MemoryDisk(std::span<std::byte> image) : image_(image) {}

  std::uint64_t blocks() const override { return image_.size() / kBlockSize; }
  BlockView read(BlockNumber number) const override {
    return BlockView(image_.subspan(number * kBlockSize, kBlockSize));
  }
  BlockEdit write(BlockNumber number) override {
    return BlockEdit(image_.subspan(number * kBlockSize, kBlockSize));
  }

 private:
  std::span<std::byte> image_;
};

}  // namespace vexfs::model

// SPDX-License-Identifier: MIT
// Where a new volume is written: memory, an image file or a block device.
#pragma once

#include <cstdint>
#include <string>

#include "reference/tools/inspect/bytes.h"

namespace vexfs::tools {

// Takes a volume's bytes. Offsets and lengths are in bytes and lie within the target; errors are
// remembered and end everything that follows.
class BlockSink {
 public:
  virtual ~BlockSink() = default;
  virtual void write(std::uint64_t offset, Bytes bytes) = 0;
  virtual void zero(std::uint64_t offset, std::uint64_t length) = 0;
};

class MemorySink final : public BlockSink {
 public:
  explicit MemorySink(MutableBytes image) : image_(image) {}
  void write(std::uint64_t offset, Bytes bytes) override;
  void zero(std::uint64_t offset, std::uint64_t length) override;

 private:
  MutableBytes image_;
};

// Writes to an open file descriptor, which it does not own.
class FileSink final : public BlockSink {
 public:
  explicit FileSink(int fd) : fd_(fd) {}
  void write(std::uint64_t offset, Bytes bytes) override;
  void zero(std::uint64_t offset, std::uint64_t length) override;
  // The first error as errno, 0 if there was none.
  int error() const { return error_; }

 private:
  bool zero_without_data(std::uint64_t offset, std::uint64_t length);

  int fd_;
  int error_ = 0;
};

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
// The image file or block device that mkfs writes to.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "reference/tools/inspect/bytes.h"

namespace vexfs::tools {

// An open target; closes it at the end of its life. Errors are sentences that name the target.
class TargetDevice {
 public:
  // Opens `path` for writing; creates a file if `create`. A block device that is mounted or
  // otherwise in exclusive use is refused.
  static std::expected<TargetDevice, std::string> open(const std::string& path, bool create);

  TargetDevice(TargetDevice&& other) noexcept;
  TargetDevice& operator=(TargetDevice&&) = delete;
  ~TargetDevice();

  int fd() const { return fd_; }
  // Bytes.
  std::uint64_t size() const { return size_; }

  // Makes a file at least this long. A block device that is shorter is an error.
  std::expected<void, std::string> extend_to(std::uint64_t bytes);
  // Reads as much of `into` as there is from the start; returns the number of bytes.
  std::expected<std::size_t, std::string> read_start(MutableBytes into) const;
  std::expected<void, std::string> sync();

 private:
  TargetDevice(std::string path, int fd, std::uint64_t size, bool is_file)
      : path_(std::move(path)), fd_(fd), size_(size), is_file_(is_file) {}

  std::string path_;
  int fd_;
  std::uint64_t size_;
  bool is_file_;
};

}  // namespace vexfs::tools

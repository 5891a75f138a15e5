// SPDX-License-Identifier: MIT
#include "reference/tools/mkfs/block_sink.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace vexfs::tools {

void MemorySink::write(std::uint64_t offset, Bytes bytes) {
  std::memcpy(image_.data() + offset, bytes.data(), bytes.size());
}

void MemorySink::zero(std::uint64_t offset, std::uint64_t length) {
  if (length != 0) std::memset(image_.data() + offset, 0, length);
}

void FileSink::write(std::uint64_t offset, Bytes bytes) {
  while (error_ == 0 && !bytes.empty()) {
    const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      error_ = written < 0 ? errno : EIO;
      return;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

bool FileSink::zero_without_data(std::uint64_t offset, std::uint64_t length) {
  const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  return ::fallocate(fd_, mode, static_cast<off_t>(offset), static_cast<off_t>(length)) == 0;
}

void FileSink::zero(std::uint64_t offset, std::uint64_t length) {
  if (error_ != 0 || length == 0 || zero_without_data(offset, length)) return;
  const std::vector<std::byte> zeros(std::min<std::uint64_t>(length, 1 << 20));
  while (error_ == 0 && length > 0) {
    const auto part = std::min<std::uint64_t>(length, zeros.size());
    write(offset, Bytes(zeros).first(part));
    offset += part;
    length -= part;
  }
}

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
#include "fuse/core/block_device.h"

#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace vexfs::core {
namespace {

std::unexpected<Error> refuse(int number, const std::string& what) {
  return std::unexpected(Error{number, what + ": " + std::strerror(number)});
}

/** Bytes of a regular file or block device. */
std::expected<uint64_t, Error> size_of(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return refuse(errno, "fstat of the volume failed");
  if (S_ISREG(status.st_mode)) return static_cast<uint64_t>(status.st_size);
  if (!S_ISBLK(status.st_mode))
    return refuse(ENOTBLK, "a volume is a regular file or block device");
  uint64_t bytes = 0;
  if (::ioctl(fd, BLKGETSIZE64, &bytes) != 0) return refuse(errno, "the device's size is unknown");
  return bytes;
}

}  // namespace

std::expected<std::unique_ptr<FileDevice>, Error> FileDevice::open(const std::string& path,
                                                                   bool read_only) {
  // O_EXCL without O_CREAT means "nobody else has this block device mounted" and nothing for files.
  const int flags = (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC;
  int fd = ::open(path.c_str(), flags);
  struct stat status{};
  if (fd >= 0 && ::fstat(fd, &status) == 0 && S_ISBLK(status.st_mode)) {
    ::close(fd);
    fd = ::open(path.c_str(), flags | O_EXCL);
  }
  if (fd < 0) return refuse(errno, "cannot open " + path);
  if (::flock(fd, (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    const int number = errno == EWOULDBLOCK ? EBUSY : errno;
    ::close(fd);
    return refuse(number, "cannot lock " + path + ", unmount it elsewhere first");
  }
  return adopt(fd);
}

std::expected<std::unique_ptr<FileDevice>, Error> FileDevice::adopt(int fd) {
  auto size = size_of(fd);
  if (!size) {
    ::close(fd);
    return std::unexpected(size.error());
  }
  return std::unique_ptr<FileDevice>(new FileDevice(fd, *size));
}

FileDevice::~FileDevice() { ::close(fd_); }

Expected<void> FileDevice::read(uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t count = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(errno);
    if (count == 0) return fail(EIO);
    into = into.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return {};
}

Expected<void> FileDevice::write(uint64_t offset, std::span<const std::byte> from) {
  if (offset > size_ || from.size() > size_ - offset) return fail(EIO);
  while (!from.empty()) {
    const ssize_t count = ::pwrite(fd_, from.data(), from.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(errno == EBADF ? EROFS : errno);
    if (count == 0) return fail(EIO);
    from = from.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return {};
}

Expected<void> FileDevice::flush() {
  if (::fdatasync(fd_) != 0) return fail(errno);
  return {};
}

Expected<void> MemoryDevice::read(uint64_t offset, std::span<std::byte> into) {
  if (offset > bytes_.size() || into.size() > bytes_.size() - offset) return fail(EIO);
  std::memcpy(into.data(), bytes_.data() + offset, into.size());
  return {};
}

Expected<void> MemoryDevice::write(uint64_t offset, std::span<const std::byte> from) {
  if (offset > bytes_.size() || from.size() > bytes_.size() - offset) return fail(EIO);
  std::memcpy(bytes_.data() + offset, from.data(), from.size());
  return {};
}

}  // namespace vexfs::core

// SPDX-License-Identifier: MIT
#include "reference/tools/mkfs/target_device.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace vexfs::tools {
namespace {

std::string open_error(const std::string& path, int error) {
  if (error == EBUSY) return fmt::format("{} is in use: unmount it first", path);
  if (error == ENOENT) {
    return fmt::format("{} does not exist: give --blocks to create an image file", path);
  }
  return fmt::format("cannot open {} for writing: {}", path, std::strerror(error));
}

}  // namespace

std::expected<TargetDevice, std::string> TargetDevice::open(const std::string& path, bool create) {
  struct stat status = {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  const bool is_device = exists && S_ISBLK(status.st_mode);
  if (exists && !is_device && !S_ISREG(status.st_mode)) {
    return std::unexpected(
        fmt::format("{} is neither a file nor a block device: give one of these", path));
  }
  // O_EXCL on a block device is refused while it is mounted.
  const int flags = O_RDWR | O_CLOEXEC | (is_device ? O_EXCL : 0) | (create ? O_CREAT : 0);
  const int fd = ::open(path.c_str(), is_device ? flags & ~O_CREAT : flags, 0666);
  if (fd < 0) return std::unexpected(open_error(path, errno));
  TargetDevice target(path, fd, 0, !is_device);
  if (is_device ? ::ioctl(fd, BLKGETSIZE64, &target.size_) != 0 : ::fstat(fd, &status) != 0) {
    return std::unexpected(
        fmt::format("cannot read the size of {}: {}", path, std::strerror(errno)));
  }
  if (!is_device) target.size_ = static_cast<std::uint64_t>(status.st_size);
  return target;
}

TargetDevice::TargetDevice(TargetDevice&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      is_file_(other.is_file_) {}

TargetDevice::~TargetDevice() {
  if (fd_ >= 0) ::close(fd_);
}

std::expected<void, std::string> TargetDevice::extend_to(std::uint64_t bytes) {
  if (size_ >= bytes) return {};
  if (!is_file_) {
    return std::unexpected(
        fmt::format("{} has {} bytes, but {} are asked for: give at most {} --blocks", path_, size_,
                    bytes, size_ / 4096));
  }
  if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) {
    return std::unexpected(
        fmt::format("cannot extend {} to {} bytes: {}", path_, bytes, std::strerror(errno)));
  }
  size_ = bytes;
  return {};
}

std::expected<std::size_t, std::string> TargetDevice::read_start(MutableBytes into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t part =
        ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(done));
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) {
      return std::unexpected(fmt::format("cannot read {}: {}", path_, std::strerror(errno)));
    }
    if (part == 0) break;
    done += static_cast<std::size_t>(part);
  }
  return done;
}

std::expected<void, std::string> TargetDevice::sync() {
  if (::fsync(fd_) == 0) return {};
  return std::unexpected(
      fmt::format("{} could not be made durable: {}; the volume may be incomplete", path_,
                  std::strerror(errno)));
}

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
#include "fuse/daemon/mountpoint.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>

namespace vexfs::daemon {

namespace {

std::unexpected<core::Error> refuse(std::string_view what, int number, std::string_view mend) {
  return std::unexpected(
      core::Error{number, fmt::format("{}: {}; {}", what, std::strerror(number), mend)});
}

std::string_view mend_of(int number) {
  switch (number) {
    case EPERM:
      return "only root can mount";
    case EBUSY:
      return "something is mounted there already";
    case ENODEV:
      return "this kernel has no FUSE: load the module fuse";
    default:
      return "see dmesg";
  }
}

}  // namespace

std::expected<Mountpoint, core::Error> Mountpoint::attach(const Options& options) {
  struct stat directory{};
  std::error_code error;
  // The working directory changes when the process goes to the background.
  const std::string absolute = std::filesystem::canonical(options.directory, error).string();
  if (error || stat(absolute.c_str(), &directory) != 0) {
    return refuse(fmt::format("cannot mount on {}", options.directory),
                  error ? error.value() : errno,
                  "create the directory, or unmount what is left of a former mount");
  }
  if (!S_ISDIR(directory.st_mode)) {
    return refuse(fmt::format("cannot mount on {}", options.directory), ENOTDIR,
                  "name a directory");
  }
  UniqueFd connection(open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!connection) {
    return refuse("cannot open /dev/fuse", errno, "load the module fuse, and run as root");
  }
  const std::string data =
      fmt::format("fd={},rootmode={:o},user_id=0,group_id=0,default_permissions,allow_other",
                  connection.get(), static_cast<unsigned>(S_IFDIR));
  if (mount(options.device.c_str(), absolute.c_str(), "fuse.vexfs", options.mount_flags,
            data.c_str()) != 0) {
    const int number = errno;
    return refuse(fmt::format("cannot mount {} on {}", options.device, options.directory), number,
                  mend_of(number));
  }
  return Mountpoint(absolute, std::move(connection));
}

Mountpoint::Mountpoint(Mountpoint&& other) noexcept
    : directory_(std::exchange(other.directory_, {})), connection_(std::move(other.connection_)) {}

Mountpoint::~Mountpoint() { detach(); }

void Mountpoint::settle() {
  struct stat root{};
  const bool is_dead = !directory_.empty() && stat(directory_.c_str(), &root) != 0 &&
                       (errno == ENOTCONN || errno == ECONNABORTED);
  if (is_dead) {
    detach();
  }
  directory_.clear();
}

bool Mountpoint::detach() {
  const std::string directory = std::exchange(directory_, {});
  if (directory.empty()) {
    return true;
  }
  if (umount2(directory.c_str(), UMOUNT_NOFOLLOW) == 0) {
    return true;
  }
  umount2(directory.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  return false;
}

}  // namespace vexfs::daemon

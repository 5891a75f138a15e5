// SPDX-License-Identifier: MIT
#include "harness/bench/vectors/fuse_mount.h"

#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "harness/bench/figure.h"
#include "harness/device/unique_fd.h"
#include "reference/contract/door.h"

namespace vexfs::parity {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long kFuseMagic = 0x65735546;
constexpr auto kPatience = std::chrono::seconds(10);

bool is_mounted(const std::filesystem::path& folder) {
  struct statfs space{};
  return ::statfs(folder.c_str(), &space) == 0 && space.f_type == kFuseMagic;
}

std::string failure(const char* call) { return std::string(call) + ": " + std::strerror(errno); }

}  // namespace

std::expected<std::unique_ptr<FuseMount>, std::string> FuseMount::make(
    const std::filesystem::path& image, const std::filesystem::path& folder) {
  if (::geteuid() != 0 || ::access("/dev/fuse", R_OK | W_OK) != 0)
    return std::unexpected("mounting needs root and /dev/fuse");
  std::filesystem::create_directory(folder);
  std::unique_ptr<FuseMount> mount(new FuseMount(folder));
  std::string program = VEXFS_FUSE, device = image.string(), directory = folder.string(),
              flag = "-f";
  char* const arguments[] = {program.data(), device.data(), directory.data(), flag.data(), nullptr};
  if (::posix_spawn(&mount->daemon_, VEXFS_FUSE, nullptr, nullptr, arguments, environ) != 0)
    return std::unexpected("cannot run " + program + "; build the target vexfs_daemon");
  for (const auto start = Clock::now(); !is_mounted(folder);) {
    if (Clock::now() - start > kPatience) return std::unexpected(program + " has not mounted");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return mount;
}

FuseMount::~FuseMount() {
  ::umount2(folder_.c_str(), 0);
  if (daemon_ > 0) ::waitpid(daemon_, nullptr, 0);
}

std::expected<double, std::string> FuseMount::round_trip_seconds(std::size_t times) const {
  std::vector<double> seconds;
  for (std::size_t i = 0; i < times; ++i) {
    struct statfs space{};
    const auto start = Clock::now();
    if (::statfs(folder_.c_str(), &space) != 0) return std::unexpected(failure("statfs"));
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  return median(std::move(seconds));
}

std::expected<double, std::string> FuseMount::door_seconds(
    std::span<const std::vector<std::byte>> requests) const {
  const UniqueFd door(::open((folder_ / ".vexfs/query").c_str(), O_RDWR | O_CLOEXEC));
  if (!door) return std::unexpected(failure("open"));
  std::vector<double> seconds;
  std::vector<std::byte> reply(1 << 16);
  for (const auto& request : requests) {
    const auto start = Clock::now();
    const ssize_t written = ::write(door.get(), request.data(), request.size());
    const ssize_t got = ::read(door.get(), reply.data(), reply.size());
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    vexfs_reply header{};
    if (written < 0 || got < static_cast<ssize_t>(sizeof header))
      return std::unexpected(failure("a door"));
    std::memcpy(&header, reply.data(), sizeof header);
    if (header.status != 0) return std::unexpected("a search was refused");
  }
  return median(std::move(seconds));
}

}  // namespace vexfs::parity

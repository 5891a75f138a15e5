// SPDX-License-Identifier: MIT
#include "harness/guest/mounts.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "harness/device/unique_fd.h"
#include "harness/guest/process.h"
#include "harness/guest/reply.h"

namespace vexfs::parity::guest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr const char* kDaemon = "/vexfs-fuse";
// Generous: the guest may be emulated on a loaded host.
constexpr auto kMountPatience = 30s;
constexpr auto kExitPatience = 30s;

constexpr std::array<std::pair<std::string_view, unsigned long>, 14> kFlags{{
    {"ro", MS_RDONLY},
    {"rw", 0},
    {"nosuid", MS_NOSUID},
    {"nodev", MS_NODEV},
    {"noexec", MS_NOEXEC},
    {"sync", MS_SYNCHRONOUS},
    {"dirsync", MS_DIRSYNC},
    {"noatime", MS_NOATIME},
    {"nodiratime", MS_NODIRATIME},
    {"relatime", MS_RELATIME},
    {"strictatime", MS_STRICTATIME},
    {"lazytime", MS_LAZYTIME},
    {"silent", MS_SILENT},
    {"remount", MS_REMOUNT},
}};

std::string error_log_of(const std::string& dir) {
  std::string name = dir;
  for (char& c : name) c = c == '/' ? '_' : c;
  return "/tmp/fuse" + name + ".err";
}

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::optional<dev_t> device_of(const std::string& dir) {
  struct stat status{};
  if (::stat(dir.c_str(), &status) != 0) return std::nullopt;
  return status.st_dev;
}

// A child whose end can be waited for together with other things. glibc has no wrapper.
UniqueFd end_of(int child) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
}

// Waits for any of `what`; false when nothing came within `patience`.
bool wait_for(std::span<pollfd> what, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  int ready = -1;
  while (ready < 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    ready = ::poll(what.data(), what.size(), static_cast<int>(std::max(left, 0ms).count()));
    if (ready < 0 && errno != EINTR) return false;
  }
  return ready > 0;
}

// The daemon's wait status if it ends within `patience`.
std::optional<int> wait_for_exit(int daemon, std::chrono::milliseconds patience) {
  const UniqueFd end = end_of(daemon);
  std::array<pollfd, 1> ended{{{end.get(), POLLIN, 0}}};
  if (!wait_for(ended, patience)) return std::nullopt;
  int status = 0;
  ::waitpid(daemon, &status, 0);
  return status;
}

int exit_number(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Tidies up after a daemon that has ended, or did not mount in time.
nlohmann::json refused_mount(const MountRequest& request, int daemon) {
  auto status = wait_for_exit(daemon, 0ms);
  const bool late = !status;
  if (late) {
    ::kill(daemon, SIGKILL);
    status = wait_for_exit(daemon, kExitPatience);
  }
  ::umount2(request.dir.c_str(), MNT_DETACH);
  const int code = exit_number(status.value_or(0));
  // The exit code of a daemon that refuses to mount is the errno; a killed one gives EIO.
  auto reply = late ? failure(ETIMEDOUT, std::string(kDaemon) + " did not mount " + request.dir)
                    : failure(code > 0 && code < 128 ? code : EIO,
                              std::string(kDaemon) + " ended before the mount was visible");
  reply["daemon_exit"] = code;
  reply["daemon_stderr"] = read_text(error_log_of(request.dir));
  return reply;
}

}  // namespace

MountFlags split_options(const std::string& options) {
  MountFlags split;
  std::istringstream list(options);
  for (std::string option; std::getline(list, option, ',');) {
    bool is_flag = false;
    for (const auto& [name, flag] : kFlags) {
      if (option != name) continue;
      split.flags |= flag;
      is_flag = true;
    }
    if (is_flag || option.empty()) continue;
    if (!split.data.empty()) split.data += ',';
    split.data += option;
  }
  return split;
}

nlohmann::json Mounts::mount(const MountRequest& request) {
  ::mkdir(request.dir.c_str(), 0755);
  if (request.target == "kmod") return mount_kernel(request, "vexfs");
  if (request.target == "ext4") return mount_kernel(request, "ext4");
  if (request.target == "fuse") return mount_fuse(request);
  return failure(EINVAL, "mount: unknown target '" + request.target + "'; use kmod, fuse or ext4");
}

nlohmann::json Mounts::mount_kernel(const MountRequest& request, const char* type) {
  const MountFlags split = split_options(request.options);
  if (::mount(request.device.c_str(), request.dir.c_str(), type, split.flags, split.data.c_str()) !=
      0) {
    return failure(errno, std::string("mount ") + type + " " + request.device + " on " +
                              request.dir + " with options '" + request.options + "'");
  }
  if ((split.flags & MS_REMOUNT) == 0) mounted_[request.dir] = Mounted{};
  return success();
}

nlohmann::json Mounts::mount_fuse(const MountRequest& request) {
  const auto before = device_of(request.dir);
  // Tells of every change in the table of mounts from here on.
  const UniqueFd table(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  std::vector<std::string> argv{kDaemon, request.device, request.dir, "-f"};
  if (!request.options.empty()) argv.insert(argv.end(), {"-o", request.options});
  const auto daemon = spawn_daemon(argv, error_log_of(request.dir), request.stack_kib << 10);
  if (!daemon) return failure(daemon.error(), std::string("start ") + kDaemon);
  const UniqueFd end = end_of(*daemon);
  std::array<pollfd, 2> news{{{end.get(), POLLIN, 0}, {table.get(), POLLPRI, 0}}};
  while (true) {
    const bool in_time = wait_for(news, kMountPatience);
    if (!in_time || news[0].revents != 0) return refused_mount(request, *daemon);
    const auto now = device_of(request.dir);
    if (now && now != before) break;
  }
  mounted_[request.dir] = Mounted{.daemon = *daemon, .session = nullptr};
  return success();
}

nlohmann::json Mounts::umount(const std::string& dir) {
  const auto mounted = mounted_.find(dir);
  if (mounted == mounted_.end()) return failure(EINVAL, "umount " + dir + ": not mounted");
  mounted->second.session.reset();  // its descriptors would keep the mount busy
  const int daemon = mounted->second.daemon;
  if (::umount2(dir.c_str(), 0) != 0) return failure(errno, "umount " + dir);
  mounted_.erase(mounted);
  if (daemon == 0) return success();

  const auto status = wait_for_exit(daemon, kExitPatience);
  if (!status) {
    ::kill(daemon, SIGKILL);
    wait_for_exit(daemon, kExitPatience);
    auto reply = failure(ETIMEDOUT, std::string(kDaemon) + " did not end after umount " + dir);
    reply["daemon_stderr"] = read_text(error_log_of(dir));
    return reply;
  }
  auto reply = success();
  reply["daemon_exit"] = exit_number(*status);
  reply["daemon_stderr"] = read_text(error_log_of(dir));
  return reply;
}

Session* Mounts::session(const std::string& dir) {
  const auto mounted = mounted_.find(dir);
  if (mounted == mounted_.end()) return nullptr;
  auto& session = mounted->second.session;
  if (!session) session = std::make_unique<Session>(dir);
  return session.get();
}

}  // namespace vexfs::parity::guest

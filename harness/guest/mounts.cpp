// SPDX-License-Identifier: MIT
#include "harness/guest/mounts.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

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

// The daemon's wait status if it ends within `patience`.
std::optional<int> wait_for_exit(int daemon, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    int status = 0;
    const pid_t got = ::waitpid(daemon, &status, WNOHANG);
    if (got == daemon) return status;
    if (got < 0 && errno != EINTR) return 0;
    if (Clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(1ms);
  }
}

int exit_number(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
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
  std::vector<std::string> argv{kDaemon, request.device, request.dir, "-f"};
  if (!request.options.empty()) argv.insert(argv.end(), {"-o", request.options});
  const std::string error_log = error_log_of(request.dir);
  const auto daemon = spawn_daemon(argv, error_log);
  if (!daemon) return failure(daemon.error(), std::string("start ") + kDaemon);

  const auto deadline = Clock::now() + kMountPatience;
  while (true) {
    if (const auto status = wait_for_exit(*daemon, 0ms)) {
      ::umount2(request.dir.c_str(), MNT_DETACH);
      // The exit code of a daemon that refuses to mount is the errno; a killed one gives EIO.
      const int code = exit_number(*status);
      auto reply = failure(code > 0 && code < 128 ? code : EIO,
                           std::string(kDaemon) + " ended before the mount was visible");
      reply["daemon_exit"] = code;
      reply["daemon_stderr"] = read_text(error_log);
      return reply;
    }
    const auto now = device_of(request.dir);
    if (now && now != before) break;
    if (Clock::now() >= deadline) {
      ::kill(*daemon, SIGKILL);
      ::waitpid(*daemon, nullptr, 0);
      ::umount2(request.dir.c_str(), MNT_DETACH);
      auto reply = failure(ETIMEDOUT, std::string(kDaemon) + " did not mount " + request.dir);
      reply["daemon_stderr"] = read_text(error_log);
      return reply;
    }
    std::this_thread::sleep_for(1ms);
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
    ::waitpid(daemon, nullptr, 0);
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

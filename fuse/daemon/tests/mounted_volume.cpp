// SPDX-License-Identifier: MIT
#include "fuse/daemon/tests/mounted_volume.h"

#include <sys/mount.h>
#include <sys/vfs.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <boost/process.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace vexfs::daemon {

namespace process = boost::process;

struct MountedVolume::Daemon {
  process::child child;
};

namespace {

constexpr long kFuseMagic = 0x65735546;

bool is_fuse(const std::filesystem::path& directory) {
  struct statfs space{};
  return statfs(directory.c_str(), &space) == 0 && space.f_type == kFuseMagic;
}

}  // namespace

int error_of(long result) { return result < 0 ? errno : 0; }

ProcessResult run_process(const std::string& program, const std::vector<std::string>& arguments) {
  process::ipstream errors;
  process::child child(program, process::args(arguments), process::std_out > process::null,
                       process::std_err > errors);
  std::string text;
  for (std::string line; std::getline(errors, line);) {
    text += line + '\n';
  }
  child.wait();
  return {child.exit_code(), text};
}

void MountedVolume::SetUp() {
  if (geteuid() != 0 || access("/dev/fuse", R_OK | W_OK) != 0) {
    GTEST_SKIP() << "mounting needs root and /dev/fuse";
  }
  std::string name = (std::filesystem::temp_directory_path() / "vexfs-fuse-XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  base_ = name;
  std::filesystem::permissions(base_, std::filesystem::perms(0755));  // tests also act as a user
  image_ = base_ / "image";
  directory_ = base_ / "mnt";
  std::filesystem::create_directory(directory_);
  format();
  mount();
}

void MountedVolume::TearDown() {
  if (base_.empty()) {
    return;
  }
  if (daemon_) {
    EXPECT_EQ(unmount(), 0);
  }
  const ProcessResult checked = run_process(VEXFS_FSCK, {image_.string()});
  EXPECT_EQ(checked.exit_code, 0) << checked.errors;
  std::filesystem::remove_all(base_);
}

void MountedVolume::format() {
  const ProcessResult made = run_process(
      VEXFS_MKFS, {"--blocks", "4096", "--uuid", "00112233445566778899aabbccddeeff", image()});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
}

void MountedVolume::mount(const std::string& options) {
  daemon_ = std::make_shared<Daemon>();
  daemon_->child = process::child(VEXFS_FUSE, image(), directory_.string(), "-f", "-o", options);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!is_fuse(directory_)) {
    ASSERT_TRUE(daemon_->child.running()) << "vexfs-fuse ended with " << daemon_->child.exit_code();
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "not mounted after 10 seconds";
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

int MountedVolume::unmount() {
  if (umount2(directory_.c_str(), 0) != 0 && is_fuse(directory_)) {
    ADD_FAILURE() << "umount: errno " << errno;
    umount2(directory_.c_str(), MNT_DETACH);
  }
  return wait_for_daemon();
}

int MountedVolume::wait_for_daemon() {
  // Not wait_for(): in Boost 1.74 it can miss the end of a child and sleep until the timeout.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (daemon_->child.running() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (daemon_->child.running()) {
    ADD_FAILURE() << "vexfs-fuse does not end";
    daemon_->child.terminate();
  }
  const int exit_code = daemon_->child.exit_code();
  daemon_.reset();
  return exit_code;
}

void MountedVolume::remount() {
  ASSERT_EQ(unmount(), 0);
  mount();
}

pid_t MountedVolume::daemon_pid() const { return daemon_->child.id(); }

UniqueFd MountedVolume::open_file(std::string_view name, int flags, mode_t mode) const {
  return UniqueFd(open(path(name).c_str(), flags | O_CLOEXEC, mode));
}

void MountedVolume::write_file(std::string_view name, std::string_view bytes) const {
  const UniqueFd file = open_file(name, O_WRONLY | O_CREAT | O_TRUNC);
  ASSERT_TRUE(file) << name << ": errno " << errno;
  ASSERT_EQ(write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()))
      << name << ": errno " << errno;
}

std::string MountedVolume::read_file(std::string_view name) const {
  const UniqueFd file = open_file(name, O_RDONLY);
  EXPECT_TRUE(file) << name << ": errno " << errno;
  std::string bytes;
  std::string piece(1 << 16, '\0');
  for (ssize_t got = 0; (got = read(file.get(), piece.data(), piece.size())) > 0;) {
    bytes.append(piece, 0, static_cast<size_t>(got));
  }
  return bytes;
}

struct stat MountedVolume::stat_of(std::string_view name) const {
  struct stat result{};
  EXPECT_EQ(lstat(path(name).c_str(), &result), 0) << name << ": errno " << errno;
  return result;
}

int MountedVolume::control(std::string_view lines) const {
  const UniqueFd file = open_file(".vexfs/control", O_WRONLY);
  EXPECT_TRUE(file) << "control: errno " << errno;
  return error_of(write(file.get(), lines.data(), lines.size()));
}

std::map<std::string, uint64_t> MountedVolume::stats() const {
  std::istringstream lines(read_file(".vexfs/stats"));
  std::map<std::string, uint64_t> result;
  std::string name;
  for (std::string value; lines >> name >> value;) {
    result[name] = std::strtoull(value.c_str(), nullptr, 10);
  }
  return result;
}

}  // namespace vexfs::daemon

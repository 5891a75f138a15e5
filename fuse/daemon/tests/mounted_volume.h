// SPDX-License-Identifier: MIT
// A fresh volume, mounted by the real vexfs-fuse on the running kernel, for tests that make system
// calls.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "fuse/daemon/unique_fd.h"

namespace vexfs::daemon {

// How a process ended and what it said.
struct ProcessResult {
  int exit_code;
  std::string errors;
};

ProcessResult run_process(const std::string& program, const std::vector<std::string>& arguments);

// Every test gets an image of 16 MiB, mounted with clock=manual. At the end it is unmounted, the
// daemon must say that all went well, and fsck.vexfs must find nothing.
class MountedVolume : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Makes the image; SetUp does it.
  void format();
  void mount(const std::string& options = "clock=manual,commit=0");
  // Unmounts and waits for the daemon; returns its exit code.
  int unmount();
  // Waits for the daemon, which somebody else has told to end; returns its exit code.
  int wait_for_daemon();
  // As after a restart: nothing is cached.
  void remount();

  std::string path(std::string_view name) const {
    return directory_.string() + "/" + std::string(name);
  }
  std::string image() const { return image_.string(); }
  const std::filesystem::path& directory() const { return directory_; }
  pid_t daemon_pid() const;

  UniqueFd open_file(std::string_view name, int flags, mode_t mode = 0644) const;
  void write_file(std::string_view name, std::string_view bytes) const;
  std::string read_file(std::string_view name) const;
  struct stat stat_of(std::string_view name) const;
  // One write(2) to `/.vexfs/control`; 0 or the errno.
  int control(std::string_view lines) const;
  // The lines of `/.vexfs/stats` that are numbers.
  std::map<std::string, uint64_t> stats() const;

 private:
  struct Daemon;

  std::filesystem::path base_;
  std::filesystem::path image_;
  std::filesystem::path directory_;
  std::shared_ptr<Daemon> daemon_;
};

// The errno that a call left, or 0 if `result` says that it succeeded.
int error_of(long result);

}  // namespace vexfs::daemon

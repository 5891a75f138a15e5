// SPDX-License-Identifier: MIT
// Many callers at once; in the end fsck.vexfs finds nothing (MountedVolume checks that).
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fuse/daemon/tests/mounted_volume.h"

namespace vexfs::daemon {
namespace {

class Concurrency : public MountedVolume {
 protected:
  // Makes, fills, syncs, renames, reads and removes files in a directory of its own; returns how
  // many calls went wrong.
  int churn(int caller, int rounds) const {
    const std::string own = "d" + std::to_string(caller);
    int wrong = mkdir(path(own).c_str(), 0755) != 0 ? 1 : 0;
    for (int round = 0; round < rounds; ++round) {
      wrong += churn_once(own, std::string(10000, static_cast<char>('a' + caller)), round);
    }
    return wrong;
  }

 private:
  int churn_once(const std::string& own, const std::string& bytes, int round) const {
    const std::string first = own + "/a" + std::to_string(round);
    const std::string second = own + "/b" + std::to_string(round);
    int wrong = 0;
    {
      const UniqueFd file = open_file(first, O_RDWR | O_CREAT);
      wrong += write(file.get(), bytes.data(), bytes.size()) != std::ssize(bytes) ? 1 : 0;
      wrong += round % 3 == 0 && fsync(file.get()) != 0 ? 1 : 0;
    }
    wrong += rename(path(first).c_str(), path(second).c_str()) != 0 ? 1 : 0;
    wrong += read_file(second) != bytes ? 1 : 0;
    wrong += round % 2 == 0 && unlink(path(second).c_str()) != 0 ? 1 : 0;
    return wrong;
  }
};

TEST_F(Concurrency, CallersInTheirOwnDirectories) {
  constexpr int kCallers = 6;
  constexpr int kRounds = 60;
  std::vector<int> wrong(kCallers, -1);
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < kCallers; ++caller) {
      callers.emplace_back([this, caller, &wrong] { wrong[caller] = churn(caller, kRounds); });
    }
  }
  EXPECT_EQ(wrong, std::vector<int>(kCallers, 0));
  for (int caller = 0; caller < kCallers; ++caller) {
    int names = 0;
    DIR* directory = opendir(path("d" + std::to_string(caller)).c_str());
    while (readdir(directory) != nullptr) {
      ++names;
    }
    closedir(directory);
    EXPECT_EQ(names, 2 + kRounds / 2);
  }
}

// Whoever makes a name first has it, whatever else goes on; nobody sees it twice.
TEST_F(Concurrency, CallersFightForTheSameNames) {
  constexpr int kNames = 100;
  std::vector<int> made(4, 0);
  {
    std::vector<std::jthread> callers;
    for (size_t caller = 0; caller < made.size(); ++caller) {
      callers.emplace_back([this, &count = made[caller]] {
        for (int name = 0; name < kNames; ++name) {
          const UniqueFd file = open_file("n" + std::to_string(name), O_WRONLY | O_CREAT | O_EXCL);
          count += file ? 1 : 0;
          if (!file) {
            EXPECT_EQ(errno, EEXIST);
          }
        }
      });
    }
  }
  EXPECT_EQ(made[0] + made[1] + made[2] + made[3], kNames);
}

// Reads of more than 256 KiB run on workers, beside everything else.
TEST_F(Concurrency, BigReadsBesideWrites) {
  const std::string bytes(4 << 20, 'r');
  write_file("big", bytes);
  remount();
  std::jthread writer([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      write_file("small", std::string(5000, 'w'));
      control("sync");
    }
  });
  for (int i = 0; i < 5; ++i) {
    const UniqueFd file = open_file("big", O_RDONLY);
    posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    EXPECT_TRUE(read_file("big") == bytes);
  }
}

}  // namespace
}  // namespace vexfs::daemon

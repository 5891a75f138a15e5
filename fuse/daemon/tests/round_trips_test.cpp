// SPDX-License-Identifier: MIT
// How many requests a system call costs: the table of docs/tuning.md.
#include <sys/stat.h>

#include <functional>
#include <map>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fuse/daemon/tests/mounted_volume.h"

namespace vexfs::daemon {
namespace {

using Counts = std::map<std::string, uint64_t>;

class RoundTrips : public MountedVolume {
 protected:
  // The kernel asks once in a mount's life whether there are xattrs and whether close(2) matters.
  void SetUp() override {
    MountedVolume::SetUp();
    if (!IsSkipped()) {
      write_file("first", "x");
    }
  }

  // The requests that `work` causes, by name, without those that nobody waits for.
  Counts cost(const std::function<void()>& work) {
    const UniqueFd stats = open_file(".vexfs/stats", O_RDONLY);
    const Counts before = requests(stats);
    work();
    Counts after = requests(stats);
    Counts result;
    for (auto& [name, count] : after) {
      const uint64_t old = before.contains(name) ? before.at(name) : 0;
      // Reading the counters costs itself one read: the one that sees `after`.
      const uint64_t own = name == "read" ? 1 : 0;
      if (count - old > own && name != "release" && name != "releasedir" && name != "forget" &&
          name != "batch_forget") {
        result[name] = count - old - own;
      }
    }
    return result;
  }

 private:
  static Counts requests(const UniqueFd& stats) {
    std::string text(1 << 16, '\0');
    const ssize_t size = pread(stats.get(), text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    Counts result;
    const std::string prefix = "requests.";
    for (size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) {
      at += prefix.size();
      const size_t space = text.find(' ', at);
      result[text.substr(at, space - at)] = std::stoull(text.substr(space + 1));
    }
    return result;
  }
};

TEST_F(RoundTrips, NothingWhenWarm) {
  write_file("file", "x");
  ASSERT_EQ(symlink("file", path("link").c_str()), 0);
  stat_of("file");
  std::string target(16, '\0');
  ASSERT_EQ(readlink(path("link").c_str(), target.data(), target.size()), 4);
  const Counts counts = cost([this, &target] {
    stat_of("file");
    access(path("file").c_str(), R_OK);
    readlink(path("link").c_str(), target.data(), target.size());
    access(path("link").c_str(), R_OK);
  });
  EXPECT_EQ(counts, Counts{});
}

TEST_F(RoundTrips, MissingNameIsRemembered) {
  access(path("missing").c_str(), F_OK);
  EXPECT_EQ(cost([this] { access(path("missing").c_str(), F_OK); }), Counts{});
}

TEST_F(RoundTrips, OpenCostsOneAndCloseNone) {
  write_file("file", "x");
  stat_of("file");
  EXPECT_EQ(cost([this] { open_file("file", O_RDONLY); }), (Counts{{"open", 1}}));
}

TEST_F(RoundTrips, OpenWithTruncationCostsOne) {
  write_file("file", "x");
  stat_of("file");
  EXPECT_EQ(cost([this] { open_file("file", O_WRONLY | O_TRUNC); }),
            (Counts{{"getxattr", 1}, {"open", 1}}));
}

// Whether the file has capabilities that a change of its contents would clear. It has none, which
// the kernel remembers until it gets attributes anew.
TEST_F(RoundTrips, TheFirstChangeOfContentsCostsAQuestion) {
  const UniqueFd file = open_file("file", O_WRONLY | O_CREAT);
  EXPECT_EQ(cost([&] { pwrite(file.get(), "x", 1, 0); }), (Counts{{"getxattr", 1}, {"write", 1}}));
  EXPECT_EQ(cost([&] { pwrite(file.get(), "x", 1, 0); }), (Counts{{"write", 1}}));
}

TEST_F(RoundTrips, WriteCostsOnePerMebibyte) {
  const UniqueFd file = open_file("file", O_WRONLY | O_CREAT);
  const std::string bytes(2 << 20, 'x');
  ASSERT_EQ(pwrite(file.get(), bytes.data(), 1, 0), 1);
  EXPECT_EQ(cost([&] { pwrite(file.get(), bytes.data(), 100, 0); }), (Counts{{"write", 1}}));
  EXPECT_EQ(cost([&] { pwrite(file.get(), bytes.data(), bytes.size(), 0); }),
            (Counts{{"write", 2}}));
}

TEST_F(RoundTrips, RereadingCostsNone) {
  write_file("file", std::string(100000, 'x'));
  const UniqueFd file = open_file("file", O_RDONLY);
  std::string bytes(100000, '\0');
  pread(file.get(), bytes.data(), bytes.size(), 0);
  EXPECT_EQ(cost([&] { pread(file.get(), bytes.data(), bytes.size(), 0); }), Counts{});
}

TEST_F(RoundTrips, CreateCostsTwoAtMost) {
  EXPECT_EQ(cost([this] { open_file("new", O_WRONLY | O_CREAT); }),
            (Counts{{"create", 1}, {"lookup", 1}}));
}

TEST_F(RoundTrips, MkdirAndRmdir) {
  EXPECT_EQ(cost([this] { mkdir(path("d").c_str(), 0755); }),
            (Counts{{"lookup", 1}, {"mkdir", 1}}));
  EXPECT_EQ(cost([this] { rmdir(path("d").c_str()); }), (Counts{{"rmdir", 1}}));
}

TEST_F(RoundTrips, UnlinkCostsOne) {
  write_file("file", "");
  stat_of("file");
  EXPECT_EQ(cost([this] { unlink(path("file").c_str()); }), (Counts{{"unlink", 1}}));
}

TEST_F(RoundTrips, RenameCostsTwoAtMost) {
  write_file("a", "");
  EXPECT_EQ(cost([this] { rename(path("a").c_str(), path("b").c_str()); }),
            (Counts{{"lookup", 1}, {"rename", 1}}));
}

TEST_F(RoundTrips, StatAfterAChangeCostsOne) {
  write_file("file", "x");
  EXPECT_EQ(cost([this] { stat_of("file"); }), (Counts{{"getattr", 1}}));
  EXPECT_EQ(cost([this] { chmod(path("file").c_str(), 0600); }), (Counts{{"setattr", 1}}));
  EXPECT_EQ(cost([this] { stat_of("file"); }), Counts{}) << "setattr brought them along";
}

TEST_F(RoundTrips, FsyncCostsOne) {
  const UniqueFd file = open_file("file", O_WRONLY | O_CREAT);
  ASSERT_EQ(write(file.get(), "x", 1), 1);
  EXPECT_EQ(cost([&] { fsync(file.get()); }), (Counts{{"fsync", 1}}));
}

TEST_F(RoundTrips, SynchronousWriteIsAWriteAndASync) {
  const UniqueFd file = open_file("file", O_WRONLY | O_CREAT | O_SYNC);
  const std::string bytes(2 << 20, 'x');
  EXPECT_EQ(cost([&] { write(file.get(), bytes.data(), bytes.size()); }),
            (Counts{{"fsync", 1}, {"getxattr", 1}, {"write", 2}}))
      << "one sync point after the whole write(2)";
}

TEST_F(RoundTrips, ListingCostsOnePerReply) {
  for (int i = 0; i < 200; ++i) {
    write_file("name" + std::to_string(i), "");
  }
  const Counts counts = cost([this] {
    DIR* directory = opendir(this->directory().c_str());
    while (readdir(directory) != nullptr) {
    }
    closedir(directory);
  });
  EXPECT_EQ(counts.at("opendir"), 1U);
  // The first reply brings attributes (24 names); those after it about 100 names each, the last
  // reply is empty.
  const uint64_t replies =
      counts.at("readdirplus") + (counts.contains("readdir") ? counts.at("readdir") : 0);
  EXPECT_LE(replies, 5U);
}

}  // namespace
}  // namespace vexfs::daemon

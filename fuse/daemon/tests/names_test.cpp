// SPDX-License-Identifier: MIT
// Names through system calls: directories, links, renames, listings.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fuse/daemon/tests/mounted_volume.h"

namespace vexfs::daemon {
namespace {

using Names = MountedVolume;
using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

Directory open_directory(const std::string& path) { return {opendir(path.c_str()), closedir}; }

std::multiset<std::string> list(const std::string& path) {
  const Directory directory = open_directory(path);
  std::multiset<std::string> names;
  while (const dirent* entry = readdir(directory.get())) {
    names.insert(entry->d_name);
  }
  return names;
}

TEST_F(Names, ManyNamesAreAllListedOnce) {
  std::multiset<std::string> expected{".", ".."};
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "name" + std::to_string(i);
    ASSERT_EQ(mknod(path(name).c_str(), S_IFREG | 0644, 0), 0);
    expected.insert(name);
  }
  EXPECT_EQ(list(directory()), expected);
  remount();
  EXPECT_EQ(list(directory()), expected);
}

TEST_F(Names, ListingGoesOnAfterNamesAreRemoved) {
  for (int i = 0; i < 500; ++i) {
    write_file("n" + std::to_string(i), "");
  }
  const Directory directory = open_directory(this->directory());
  std::set<std::string> seen;
  int count = 0;
  while (const dirent* entry = readdir(directory.get())) {
    const std::string name = entry->d_name;
    EXPECT_TRUE(seen.insert(name).second) << name << " twice";
    if (name[0] == 'n') {
      ASSERT_EQ(unlink(path(name).c_str()), 0);
      ++count;
    }
  }
  EXPECT_EQ(count, 500);
  EXPECT_EQ(list(this->directory()), (std::multiset<std::string>{".", ".."}));
}

TEST_F(Names, ListingGoesOnAtARememberedPosition) {
  for (int i = 0; i < 50; ++i) {
    write_file("n" + std::to_string(i), "");
  }
  const Directory directory = open_directory(this->directory());
  for (int i = 0; i < 20; ++i) {
    ASSERT_NE(readdir(directory.get()), nullptr);
  }
  const long position = telldir(directory.get());
  const std::string next = readdir(directory.get())->d_name;
  seekdir(directory.get(), position);
  EXPECT_EQ(readdir(directory.get())->d_name, next);
}

TEST_F(Names, ListingTellsNumbersAndTypes) {
  ASSERT_EQ(mkdir(path("d").c_str(), 0755), 0);
  const Directory directory = open_directory(path("d"));
  const dirent* dot = readdir(directory.get());
  EXPECT_STREQ(dot->d_name, ".");
  EXPECT_EQ(dot->d_ino, stat_of("d").st_ino);
  EXPECT_EQ(dot->d_type, DT_DIR);
  const dirent* up = readdir(directory.get());
  EXPECT_STREQ(up->d_name, "..");
  EXPECT_EQ(up->d_ino, 1U);
}

TEST_F(Names, LinkCountsOfDirectories) {
  ASSERT_EQ(mkdir(path("a").c_str(), 0755), 0);
  ASSERT_EQ(mkdir(path("a/b").c_str(), 0755), 0);
  EXPECT_EQ(stat_of("").st_nlink, 3U);
  EXPECT_EQ(stat_of("a").st_nlink, 3U);
  EXPECT_EQ(error_of(rmdir(path("a").c_str())), ENOTEMPTY);
  ASSERT_EQ(rename(path("a/b").c_str(), path("b").c_str()), 0);
  EXPECT_EQ(stat_of("").st_nlink, 4U);
  EXPECT_EQ(stat_of("a").st_nlink, 2U);
  ASSERT_EQ(rmdir(path("a").c_str()), 0);
  EXPECT_EQ(stat_of("").st_nlink, 3U);
}

TEST_F(Names, HardLinksAreOneInode) {
  write_file("one", "text");
  ASSERT_EQ(link(path("one").c_str(), path("two").c_str()), 0);
  EXPECT_EQ(stat_of("one").st_ino, stat_of("two").st_ino);
  EXPECT_EQ(stat_of("one").st_nlink, 2U);
  ASSERT_EQ(unlink(path("one").c_str()), 0);
  EXPECT_EQ(stat_of("two").st_nlink, 1U);
  EXPECT_EQ(read_file("two"), "text");
  EXPECT_EQ(error_of(link(directory().c_str(), path("d").c_str())), EPERM);
}

TEST_F(Names, SymlinksShortAndLong) {
  for (const size_t length : {1U, 128U, 129U, 4095U}) {
    const std::string target(length, 't');
    const std::string name = "s" + std::to_string(length);
    ASSERT_EQ(symlink(target.c_str(), path(name).c_str()), 0) << length;
    std::string got(5000, '\0');
    const ssize_t size = readlink(path(name).c_str(), got.data(), got.size());
    EXPECT_EQ(got.substr(0, static_cast<size_t>(std::max<ssize_t>(size, 0))), target);
    EXPECT_EQ(stat_of(name).st_size, static_cast<off_t>(length));
  }
}

TEST_F(Names, NamesEndAt255Bytes) {
  const std::string longest(255, 'n');
  write_file(longest, "x");
  EXPECT_EQ(read_file(longest), "x");
  const std::string too_long(256, 'n');
  EXPECT_EQ(error_of(mkdir(path(too_long).c_str(), 0755)), ENAMETOOLONG);
  EXPECT_EQ(error_of(access(path(too_long).c_str(), F_OK)), ENAMETOOLONG);
}

TEST_F(Names, SpecialFilesKeepTheirDevice) {
  const dev_t device = makedev(259, 70000);
  ASSERT_EQ(mknod(path("disk").c_str(), S_IFBLK | 0600, device), 0);
  ASSERT_EQ(mknod(path("tty").c_str(), S_IFCHR | 0600, makedev(4, 300)), 0);
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  remount();
  EXPECT_EQ(stat_of("disk").st_rdev, device);
  EXPECT_TRUE(S_ISBLK(stat_of("disk").st_mode));
  EXPECT_EQ(stat_of("tty").st_rdev, makedev(4, 300));
  EXPECT_TRUE(S_ISFIFO(stat_of("fifo").st_mode));
}

TEST_F(Names, RenameFlags) {
  write_file("a", "A");
  write_file("b", "B");
  const auto renamed = [this](const char* from, const char* to, unsigned flags) {
    return error_of(renameat2(AT_FDCWD, path(from).c_str(), AT_FDCWD, path(to).c_str(), flags));
  };
  EXPECT_EQ(renamed("a", "b", RENAME_NOREPLACE), EEXIST);
  EXPECT_EQ(renamed("a", "b", RENAME_EXCHANGE), 0);
  EXPECT_EQ(read_file("a"), "B");
  EXPECT_EQ(renamed("a", "c", RENAME_EXCHANGE), ENOENT);
  EXPECT_EQ(renamed("a", "c", RENAME_WHITEOUT), EINVAL);
  EXPECT_EQ(renamed("a", "b", 0), 0);
  EXPECT_EQ(read_file("b"), "B");
  EXPECT_EQ(error_of(access(path("a").c_str(), F_OK)), ENOENT);
}

TEST_F(Names, SetGidDirectoryGivesItsGroup) {
  ASSERT_EQ(mkdir(path("d").c_str(), 0755), 0);
  ASSERT_EQ(chown(path("d").c_str(), 0, 100), 0);
  ASSERT_EQ(chmod(path("d").c_str(), 02755), 0);
  write_file("d/file", "");
  ASSERT_EQ(mkdir(path("d/sub").c_str(), 0700), 0);
  EXPECT_EQ(stat_of("d/file").st_gid, 100U);
  EXPECT_EQ(stat_of("d/sub").st_gid, 100U);
  EXPECT_EQ(stat_of("d/sub").st_mode & 07777, 02700U);
}

TEST_F(Names, UmaskIsAppliedOnce) {
  const mode_t old = umask(027);
  write_file("file", "");
  ASSERT_EQ(mkdir(path("dir").c_str(), 0777), 0);
  umask(old);
  EXPECT_EQ(stat_of("file").st_mode & 07777, 0640U);
  EXPECT_EQ(stat_of("dir").st_mode & 07777, 0750U);
}

TEST_F(Names, RemovedDirectoryIsGoneAtTheSyncPoint) {
  ASSERT_EQ(mkdir(path("d").c_str(), 0755), 0);
  const UniqueFd standing = open_file("d", O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(rmdir(path("d").c_str()), 0);
  struct stat result{};
  ASSERT_EQ(fstat(standing.get(), &result), 0);
  EXPECT_EQ(result.st_nlink, 0U);
  ASSERT_EQ(control("sync"), 0);
  EXPECT_EQ(error_of(fstat(standing.get(), &result)), ESTALE);
  EXPECT_EQ(error_of(fchmod(standing.get(), 0700)), ESTALE);
  EXPECT_EQ(error_of(fsync(standing.get())), ESTALE);
}

TEST_F(Names, NewOwnerOfANumberIsNotTheOldOne) {
  ASSERT_EQ(mkdir(path("old").c_str(), 0755), 0);
  const ino_t number = stat_of("old").st_ino;
  const UniqueFd standing = open_file("old", O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(rmdir(path("old").c_str()), 0);
  ASSERT_EQ(control("sync"), 0);
  // Inode numbers are handed out in a circle: after one round the number comes again.
  bool reused = false;
  for (int i = 0; i < 5000 && !reused; ++i) {
    ASSERT_EQ(mkdir(path("new").c_str(), 0700), 0);
    reused = stat_of("new").st_ino == number;
    if (!reused) {
      ASSERT_EQ(rmdir(path("new").c_str()), 0);
      ASSERT_EQ(i % 100 == 0 ? control("sync") : 0, 0);
    }
  }
  ASSERT_TRUE(reused);
  EXPECT_EQ(stat_of("new").st_mode & 07777, 0700U);
  struct stat result{};
  EXPECT_EQ(error_of(fstat(standing.get(), &result)), ESTALE);
  EXPECT_EQ(error_of(fchmod(standing.get(), 0777)), ESTALE);
  EXPECT_EQ(stat_of("new").st_mode & 07777, 0700U);
}

}  // namespace
}  // namespace vexfs::daemon

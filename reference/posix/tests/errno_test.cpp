// SPDX-License-Identifier: MIT
// Which errno which call gives, as a table: the names of calls, what they are given, what they
// answer.
#include <linux/fs.h>
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/tests/test_process.h"

namespace vexfs::posix::test {
namespace {

// /d (a directory with /d/f), /empty, /f (a file), /l -> f, /ld -> d, /dangling -> none, /loop ->
// loop, /p (a fifo).
class Errno : public OnVolume {
 protected:
  void SetUp() override {
    make_directory("/d");
    make("/d/f");
    make_directory("/empty");
    make("/f");
    ASSERT_TRUE(process_.symlink(kRoot, "f", "/l"));
    ASSERT_TRUE(process_.symlink(kRoot, "/d", "/ld"));
    ASSERT_TRUE(process_.symlink(kRoot, "none", "/dangling"));
    ASSERT_TRUE(process_.symlink(kRoot, "loop", "/loop"));
    ASSERT_TRUE(process_.mknod(kRoot, "/p", S_IFIFO | 0644, 0));
    units_ = volume_.inside().state.next_unit;
  }
  // None of the calls below succeeds, so none leaves a trace.
  void TearDown() override { EXPECT_EQ(volume_.inside().state.next_unit, units_); }

  std::uint64_t units_ = 0;
  const std::string long_name_ = "/" + std::string(256, 'n');
  const std::string long_path_ = [] {
    std::string path;
    while (path.size() < 4096) path += "/.";
    return path;
  }();
};

TEST_F(Errno, OfMkdir) {
  const auto mkdir = [&](std::string_view path) {
    return errno_of(process_.mkdir(kRoot, path, 0755));
  };
  EXPECT_EQ(mkdir(""), ENOENT);
  EXPECT_EQ(mkdir("/"), EEXIST);
  EXPECT_EQ(mkdir("/d/."), EEXIST);
  EXPECT_EQ(mkdir("/d/.."), EEXIST);
  EXPECT_EQ(mkdir("/f"), EEXIST);
  EXPECT_EQ(mkdir("/f/"), EEXIST);
  EXPECT_EQ(mkdir("/dangling"), EEXIST);
  EXPECT_EQ(mkdir("/none/x"), ENOENT);
  EXPECT_EQ(mkdir("/f/x"), ENOTDIR);
  EXPECT_EQ(mkdir("/loop/x"), ELOOP);
  EXPECT_EQ(mkdir("/dangling/x"), ENOENT);
  EXPECT_EQ(mkdir(long_name_), ENAMETOOLONG);
  EXPECT_EQ(mkdir(long_path_), ENAMETOOLONG);
  EXPECT_EQ(mkdir("/.vexfs"), EEXIST);
  EXPECT_EQ(mkdir("/d/.vexfs"), EPERM);
  EXPECT_EQ(mkdir("/.vexfs/x"), EPERM);
  EXPECT_EQ(errno_of(process_.mkdir(kUser, "/x", 0755)), EACCES);
}

TEST_F(Errno, OfMknod) {
  const auto mknod = [&](std::string_view path, std::uint32_t mode = S_IFREG) {
    return errno_of(process_.mknod(kRoot, path, mode, 0));
  };
  EXPECT_EQ(mknod("/x", S_IFDIR), EPERM);
  EXPECT_EQ(mknod("/x/"), ENOENT);
  EXPECT_EQ(mknod("/f/"), EEXIST);
  ASSERT_TRUE(process_.chmod(kRoot, "/empty", 0777));
  ++units_;
  EXPECT_EQ(errno_of(process_.mknod(kUser, "/empty/x", S_IFBLK, 0x801)), EPERM);
  EXPECT_EQ(errno_of(process_.mknod(kUser, "/x", S_IFBLK, 0x801)), EACCES);
}

TEST_F(Errno, OfUnlink) {
  const auto unlink = [&](std::string_view path) { return errno_of(process_.unlink(kRoot, path)); };
  EXPECT_EQ(unlink("/"), EISDIR);
  EXPECT_EQ(unlink("/d"), EISDIR);
  EXPECT_EQ(unlink("/d/"), EISDIR);
  EXPECT_EQ(unlink("/d/."), EISDIR);
  EXPECT_EQ(unlink("/f/"), ENOTDIR);
  EXPECT_EQ(unlink("/l/"), ENOTDIR);
  EXPECT_EQ(unlink("/none"), ENOENT);
  EXPECT_EQ(unlink("/none/"), ENOENT);
  EXPECT_EQ(unlink("/.vexfs"), EISDIR);
  EXPECT_EQ(unlink("/.vexfs/stats"), EPERM);
  EXPECT_EQ(errno_of(process_.unlink(kUser, "/f")), EACCES);
  EXPECT_EQ(errno_of(process_.unlink(kUser, "/d")), EACCES) << "permission comes before the type";
}

TEST_F(Errno, OfRmdir) {
  const auto rmdir = [&](std::string_view path) { return errno_of(process_.rmdir(kRoot, path)); };
  EXPECT_EQ(rmdir("/"), EBUSY);
  EXPECT_EQ(rmdir("/d/."), EINVAL);
  EXPECT_EQ(rmdir("/d/.."), ENOTEMPTY);
  EXPECT_EQ(rmdir("/d"), ENOTEMPTY);
  EXPECT_EQ(rmdir("/f"), ENOTDIR);
  EXPECT_EQ(rmdir("/ld"), ENOTDIR);
  EXPECT_EQ(rmdir("/ld/"), ENOTDIR);
  EXPECT_EQ(rmdir("/none"), ENOENT);
  EXPECT_EQ(rmdir("/.vexfs"), EPERM);
}

TEST_F(Errno, OfLinkAndSymlink) {
  const auto link = [&](std::string_view from, std::string_view to) {
    return errno_of(process_.link(kRoot, from, to));
  };
  EXPECT_EQ(link("/d", "/x"), EPERM);
  EXPECT_EQ(link("/d", "/f"), EEXIST) << "the name comes first";
  EXPECT_EQ(link("/none", "/f"), ENOENT);
  EXPECT_EQ(link("/f", "/x/"), ENOENT);
  EXPECT_EQ(link("/f/", "/x"), ENOTDIR);
  EXPECT_EQ(link("/f", "/d/.vexfs"), EPERM);
  EXPECT_EQ(link("/.vexfs/stats", "/x"), EPERM);
  EXPECT_EQ(errno_of(process_.symlink(kRoot, "", "/x")), ENOENT);
  EXPECT_EQ(errno_of(process_.symlink(kRoot, std::string(4096, 't'), "/x")), ENAMETOOLONG);
  EXPECT_EQ(errno_of(process_.symlink(kRoot, "t", "/f")), EEXIST);
  EXPECT_EQ(errno_of(process_.readlink(kRoot, "/f")), EINVAL);
  EXPECT_EQ(errno_of(process_.readlink(kRoot, "/ld/")), EINVAL) << "the slash follows the link";
}

TEST_F(Errno, OfRename) {
  const auto rename = [&](std::string_view from, std::string_view to, std::uint32_t flags = 0) {
    return errno_of(process_.rename(kRoot, from, to, flags));
  };
  EXPECT_EQ(rename("/f", "/x", 8), EINVAL);
  EXPECT_EQ(rename("/f", "/x", RENAME_NOREPLACE | RENAME_EXCHANGE), EINVAL);
  EXPECT_EQ(rename("/", "/x"), EBUSY);
  EXPECT_EQ(rename("/d/.", "/x"), EBUSY);
  EXPECT_EQ(rename("/d", "/empty/.."), EBUSY);
  EXPECT_EQ(rename("/f", "/d/.", RENAME_NOREPLACE), EEXIST);
  EXPECT_EQ(rename("/none", "/x"), ENOENT);
  EXPECT_EQ(rename("/f", "/none/x"), ENOENT);
  EXPECT_EQ(rename("/f", "/l", RENAME_NOREPLACE), EEXIST);
  EXPECT_EQ(rename("/f", "/x", RENAME_EXCHANGE), ENOENT);
  EXPECT_EQ(rename("/d", "/f/", RENAME_EXCHANGE), ENOTDIR);
  EXPECT_EQ(rename("/f/", "/x"), ENOTDIR);
  EXPECT_EQ(rename("/f", "/x/"), ENOTDIR);
  EXPECT_EQ(rename("/d", "/d/x"), EINVAL);
  EXPECT_EQ(rename("/d/f", "/d"), ENOTEMPTY) << "over its own parent";
  EXPECT_EQ(rename("/d/f", "/d", RENAME_EXCHANGE), EINVAL);
  EXPECT_EQ(rename("/f", "/empty"), EISDIR);
  EXPECT_EQ(rename("/d", "/f"), ENOTDIR);
  EXPECT_EQ(rename("/empty", "/d"), ENOTEMPTY);
  EXPECT_EQ(rename("/d", "/.vexfs"), EPERM);
  EXPECT_EQ(rename("/f", "/.vexfs"), EISDIR);
  EXPECT_EQ(rename("/.vexfs", "/x"), EPERM);
  EXPECT_EQ(rename("/f", "/.vexfs/x"), EPERM);
  EXPECT_EQ(rename("/f", "/d/.vexfs"), EPERM);
}

TEST_F(Errno, OfOpen) {
  EXPECT_EQ(open("h", ""), ENOENT);
  EXPECT_EQ(open("h", "/none"), ENOENT);
  EXPECT_EQ(open("h", "/none/", kCreate), EISDIR);
  EXPECT_EQ(open("h", "/f/"), ENOTDIR);
  EXPECT_EQ(open("h", "/d"), EISDIR);
  EXPECT_EQ(open("h", "/d", {.read = true, .truncate = true}), EISDIR);
  EXPECT_EQ(open("h", "/d", {.read = true, .create = true}), EISDIR);
  EXPECT_EQ(open("h", "/", {.read = true, .create = true, .exclusive = true}), EEXIST);
  EXPECT_EQ(open("h", "/f", {.read = true, .create = true, .exclusive = true}), EEXIST);
  EXPECT_EQ(open("h", "/dangling", {.read = true, .create = true, .exclusive = true}), EEXIST);
  EXPECT_EQ(open("h", "/f", {.read = true, .directory = true}), ENOTDIR);
  EXPECT_EQ(open("h", "/d", {.read = true, .create = true, .directory = true}), EINVAL);
  EXPECT_EQ(open("h", "/l", {.read = true, .no_follow = true}), ELOOP);
  EXPECT_EQ(open("h", "/ld", {.read = true, .directory = true, .no_follow = true}), ENOTDIR);
  EXPECT_EQ(open("h", "/loop"), ELOOP);
  EXPECT_EQ(open("h", "/p"), EOPNOTSUPP);
  EXPECT_EQ(open("h", "/p", kReadWrite, kUser), EACCES);
  EXPECT_EQ(open("h", "/f", kReadWrite, kUser), EACCES);
  EXPECT_EQ(open("h", "/x", kCreate, kUser), EACCES);
  EXPECT_EQ(open("h", "/d/.vexfs", kCreate), EPERM);
  EXPECT_EQ(open("h", "/.vexfs/x", kCreate), EPERM);
  EXPECT_EQ(open("h", "/.vexfs", kCreate), EISDIR);
  ASSERT_EQ(open("h", "/f"), 0);
  EXPECT_EQ(open("h", "/none"), EBUSY) << "before the path is looked at";
}

TEST_F(Errno, OfTruncate) {
  const auto truncate = [&](std::string_view path, std::int64_t size) {
    return errno_of(process_.truncate(kRoot, path, size));
  };
  EXPECT_EQ(truncate("/none", -1), EINVAL);
  EXPECT_EQ(truncate("/d", 0), EISDIR);
  EXPECT_EQ(truncate("/p", 0), EINVAL);
  EXPECT_EQ(truncate("/f", (std::int64_t{1} << 44) + 1), EFBIG);
  EXPECT_EQ(errno_of(process_.truncate(kUser, "/f", 0)), EACCES);
  EXPECT_EQ(truncate("/.vexfs/control", 1), EINVAL);
  EXPECT_EQ(truncate("/.vexfs/control", 0), 0);
  ASSERT_EQ(open("r", "/f", kRead), 0);
  EXPECT_EQ(errno_of(process_.ftruncate(kRoot, "r", 0)), EINVAL);
  EXPECT_EQ(errno_of(process_.ftruncate(kRoot, "none", 0)), EBADF);
}

TEST_F(Errno, OfChmodChownAndUtimens) {
  const TimeSpec omit{};
  const TimeSpec now{TimeSpec::Kind::kNow, 0, 0};
  const TimeSpec bad{TimeSpec::Kind::kSet, 0, 1'000'000'000};
  const TimeSpec set{TimeSpec::Kind::kSet, 5, 0};
  EXPECT_EQ(errno_of(process_.chmod(kUser, "/f", 0600)), EPERM);
  EXPECT_EQ(errno_of(process_.chmod(kRoot, "/.vexfs", 0600)), EPERM);
  EXPECT_EQ(errno_of(process_.chown(kUser, "/f", 1000, kKeepId, true)), EPERM);
  EXPECT_EQ(errno_of(process_.chown(kRoot, "/.vexfs/stats", 1, 1, true)), EPERM);
  EXPECT_EQ(errno_of(process_.utimens(kRoot, "/none", omit, omit, true)), 0);
  EXPECT_EQ(errno_of(process_.utimens(kRoot, "/none", bad, omit, true)), ENOENT);
  EXPECT_EQ(errno_of(process_.utimens(kRoot, "/f", bad, omit, true)), EINVAL);
  EXPECT_EQ(errno_of(process_.utimens(kUser, "/f", set, omit, true)), EPERM);
  EXPECT_EQ(errno_of(process_.utimens(kUser, "/f", now, omit, true)), EPERM);
  EXPECT_EQ(errno_of(process_.utimens(kUser, "/f", now, now, true)), EACCES);
}

TEST_F(Errno, OfHandles) {
  EXPECT_EQ(errno_of(process_.read("none", 0, 1)), EBADF);
  EXPECT_EQ(errno_of(process_.close("none")), EBADF);
  EXPECT_EQ(errno_of(process_.fsync("none")), EBADF);
  EXPECT_EQ(errno_of(process_.fstat("none")), EBADF);
  ASSERT_EQ(open("d", "/d", kRead), 0);
  ASSERT_EQ(open("r", "/f", kRead), 0);
  ASSERT_EQ(open("w", "/f", {.write = true}), 0);
  EXPECT_EQ(errno_of(process_.read("d", 0, 1)), EISDIR);
  EXPECT_EQ(errno_of(process_.read("r", -1, 1)), EINVAL);
  EXPECT_EQ(errno_of(process_.read("w", 0, 1)), EBADF);
  EXPECT_EQ(write("r", 0, "x"), EBADF);
  EXPECT_EQ(write("w", -1, "x"), EINVAL);
  EXPECT_EQ(errno_of(process_.readdir_piece("r", 1, false)), ENOTDIR);
}

TEST_F(Errno, OfAReadOnlyVolume) {
  volume_.remount({.read_only = true});
  Process process(*volume_);
  const auto open = [&](std::string_view path, OpenFlags flags) {
    return errno_of(process.open(kRoot, "h", path, flags, 0644));
  };
  EXPECT_EQ(errno_of(process.mkdir(kRoot, "/x", 0755)), EROFS);
  EXPECT_EQ(errno_of(process.mkdir(kRoot, "/d", 0755)), EEXIST);
  EXPECT_EQ(errno_of(process.mkdir(kUser, "/x", 0755)), EROFS) << "before the permission";
  EXPECT_EQ(errno_of(process.unlink(kRoot, "/none")), EROFS);
  EXPECT_EQ(errno_of(process.unlink(kRoot, "/")), EISDIR);
  EXPECT_EQ(errno_of(process.rename(kRoot, "/f", "/x", 0)), EROFS);
  EXPECT_EQ(errno_of(process.chmod(kUser, "/f", 0)), EROFS);
  EXPECT_EQ(errno_of(process.truncate(kRoot, "/f", 0)), EROFS);
  EXPECT_EQ(open("/f", kReadWrite), EROFS);
  EXPECT_EQ(open("/none", kCreate), EROFS);
  EXPECT_EQ(open("/none", kRead), ENOENT);
  EXPECT_EQ(open("/f", {.read = true, .truncate = true}), EROFS);
  EXPECT_EQ(open("/p", kReadWrite), EOPNOTSUPP);
  EXPECT_EQ(errno_of(process.control(kRoot, "sync")), EROFS);
  EXPECT_EQ(open("/f", {.read = true, .create = true}), 0) << "it exists";
}

}  // namespace
}  // namespace vexfs::posix::test

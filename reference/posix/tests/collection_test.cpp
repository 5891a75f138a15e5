// SPDX-License-Identifier: MIT
#include <sys/xattr.h>

#include <cerrno>

#include "reference/contract/door.h"
#include "reference/model/bytes.h"
#include "reference/posix/dot_vexfs.h"
#include "reference/posix/tests/test_process.h"
#include "reference/vector/encode.h"

namespace vexfs::posix::test {
namespace {

constexpr std::string_view kAttribute = "user.vexfs.collection";

class Collections : public OnVolume {
 protected:
  void SetUp() override { make_directory("/d"); }

  int set(std::string_view path, std::string_view value = "dim=8 type=i8", int flags = 0,
          const Credentials& who = kRoot) {
    return errno_of(process_.setxattr(who, path, kAttribute, value, flags));
  }

  static vectors::Message put_request() {
    const std::uint64_t ids[] = {7};
    return vectors::encode_put(ids, std::vector<std::byte>(8, std::byte{5}));
  }

  std::uint32_t live(std::string_view path, const Credentials& who = kRoot) {
    const auto reply = process_.door(who, path, vectors::encode_count());
    EXPECT_TRUE(reply);
    return model::get<vexfs_count_reply>(*reply, sizeof(vexfs_reply)).live;
  }
};

TEST_F(Collections, AreMadeAndUnmadeByTheirAttribute) {
  EXPECT_TRUE(process_.listxattr(kRoot, "/d")->empty());
  EXPECT_EQ(errno_of(process_.getxattr(kRoot, "/d", kAttribute)), ENODATA);
  EXPECT_EQ(set("/d"), 0);
  EXPECT_EQ(process_.getxattr(kRoot, "/d", kAttribute),
            "dim=8 type=i8 metric=l2 m=16 ef_construction=200 seed=0");
  EXPECT_EQ(process_.listxattr(kRoot, "/d"), std::vector{std::string(kAttribute)});
  EXPECT_EQ(set("/d"), EEXIST);
  EXPECT_EQ(errno_of(process_.removexattr(kRoot, "/d", kAttribute)), 0);
  EXPECT_EQ(errno_of(process_.removexattr(kRoot, "/d", kAttribute)), ENODATA);
  EXPECT_EQ(errno_of(process_.stat(kRoot, "/d/.vexfs", false)), ENOENT);
}

TEST_F(Collections, AttributesFollowTheRulesOfLinux) {
  make("/f");
  ASSERT_EQ(errno_of(process_.mknod(kRoot, "/p", 0010644, 0)), 0);
  make_directory("/s", 01777);
  EXPECT_EQ(set("/f"), ENOTDIR);
  EXPECT_EQ(set("/f", "dim=8", XATTR_REPLACE), ENODATA);
  EXPECT_EQ(set("/p"), EPERM);
  EXPECT_EQ(errno_of(process_.getxattr(kRoot, "/p", kAttribute)), ENODATA);
  EXPECT_EQ(set("/none"), ENOENT);
  EXPECT_EQ(set("/d", "dim=8", 0, kUser), EACCES);
  EXPECT_EQ(set("/s", "dim=8", 0, kUser), EPERM) << "sticky";
  EXPECT_EQ(set("/d", "dim=8", 4), EINVAL);
  EXPECT_EQ(set("/d", std::string(65537, 'x')), E2BIG);
  EXPECT_EQ(set("/.vexfs"), EOPNOTSUPP);
  EXPECT_EQ(errno_of(process_.getxattr(kRoot, "/.vexfs/stats", kAttribute)), ENODATA);
  EXPECT_TRUE(process_.listxattr(kRoot, "/.vexfs")->empty());
  for (const std::string_view name : {"user.other", "security.x", "trusted.x"}) {
    EXPECT_EQ(errno_of(process_.setxattr(kRoot, "/d", name, "v", 0)), EOPNOTSUPP) << name;
    EXPECT_EQ(errno_of(process_.getxattr(kRoot, "/d", name)), EOPNOTSUPP) << name;
  }
  EXPECT_EQ(errno_of(process_.getxattr(kUser, "/d", "trusted.x")), ENODATA);
  EXPECT_EQ(errno_of(process_.removexattr(kRoot, "/d", "")), ERANGE);
}

TEST_F(Collections, HaveADirectoryThatNobodyListsWithFiveFiles) {
  EXPECT_EQ(set("/d"), 0);
  ASSERT_EQ(errno_of(process_.chmod(kRoot, "/d", 0750)), 0);
  ASSERT_EQ(errno_of(process_.chown(kRoot, "/d", 5, 6, false)), 0);
  const Ino graph = stat("/d").ino + 1;
  const Attr dot = stat("/d/.vexfs");
  EXPECT_EQ(dot.ino, kDotDir + 16 * graph);
  EXPECT_EQ(dot.mode, 040550U);
  EXPECT_EQ(dot.uid, 5U);
  EXPECT_EQ(dot.gid, 6U);
  EXPECT_EQ(stat("/d/.vexfs/query").mode, 0100660U);
  EXPECT_EQ(stat("/d/.vexfs/update").mode, 0100600U);
  EXPECT_EQ(stat("/d/.vexfs/vectors").mode, 0100440U);
  EXPECT_EQ(stat("/d/.vexfs/graph").size, 4096U);
  EXPECT_EQ(stat("/d/.vexfs/info").ino, kDotDir + 16 * graph + 5);
  EXPECT_EQ(stat("/d/.vexfs/..").ino, stat("/d").ino);
  EXPECT_EQ(process_.readdir(kRoot, "/d")->size(), 2U);
  const auto entries = process_.readdir(kRoot, "/d/.vexfs").value();
  ASSERT_EQ(entries.size(), 7U);
  EXPECT_EQ(entries[1].ino, stat("/d").ino);
  EXPECT_EQ(entries[2], (DirEntry{"query", kDotDir + 16 * graph + 1, 8, 3}));
  EXPECT_EQ(entries[6], (DirEntry{"info", kDotDir + 16 * graph + 5, 8, 7}));
}

TEST_F(Collections, OfTheRootShareItsDirectory) {
  EXPECT_EQ(set("/"), 0);
  EXPECT_EQ(stat("/.vexfs").ino, kDotDir);
  EXPECT_EQ(stat("/.vexfs").mode, 040555U);
  const auto entries = process_.readdir(kRoot, "/.vexfs").value();
  ASSERT_EQ(entries.size(), 10U);
  EXPECT_EQ(entries[4].name, "stats");
  EXPECT_EQ(entries[5].name, "query");
  EXPECT_EQ(entries[9].next, 10U);
  EXPECT_EQ(live("/.vexfs/query"), 0U);
}

TEST_F(Collections, RefuseChangesBelowTheirDirectory) {
  EXPECT_EQ(set("/d"), 0);
  EXPECT_EQ(errno_of(process_.mkdir(kRoot, "/d/.vexfs", 0755)), EEXIST);
  EXPECT_EQ(errno_of(process_.mkdir(kRoot, "/d/.vexfs/x", 0755)), EPERM);
  EXPECT_EQ(errno_of(process_.rmdir(kRoot, "/d/.vexfs")), EPERM);
  EXPECT_EQ(errno_of(process_.unlink(kRoot, "/d/.vexfs/info")), EPERM);
  EXPECT_EQ(errno_of(process_.rename(kRoot, "/d/.vexfs", "/x", 0)), EPERM);
  EXPECT_EQ(errno_of(process_.link(kRoot, "/d/.vexfs/info", "/x")), EPERM);
  EXPECT_EQ(errno_of(process_.chmod(kRoot, "/d/.vexfs/query", 0666)), EPERM);
  EXPECT_EQ(errno_of(process_.truncate(kRoot, "/d/.vexfs/query", 0)), 0);
  EXPECT_EQ(errno_of(process_.truncate(kRoot, "/d/.vexfs/query", 1)), EINVAL);
  EXPECT_EQ(errno_of(process_.rmdir(kRoot, "/d")), 0) << "it is empty all the same";
}

TEST_F(Collections, DoorsBelongToThoseWhoMayUseTheDirectory) {
  EXPECT_EQ(set("/d"), 0);
  EXPECT_EQ(live("/d/.vexfs/query", kUser), 0U);
  EXPECT_EQ(errno_of(process_.door(kUser, "/d/.vexfs/update", put_request())), EACCES);
  EXPECT_TRUE(process_.door(kRoot, "/d/.vexfs/update", put_request()));
  EXPECT_EQ(live("/d/.vexfs/query", kUser), 1U);
}

TEST_F(Collections, DoorsTakeARequestInPiecesAndGiveTheReplyInPieces) {
  EXPECT_EQ(set("/d"), 0);
  ASSERT_EQ(open("q", "/d/.vexfs/query"), 0);
  const auto request = vectors::encode_count();
  EXPECT_TRUE(process_.read_door("q", 100)->empty()) << "nothing is staged";
  const auto stage = [&](std::size_t from, std::size_t count) {
    return process_.write(kRoot, "q", std::nullopt, std::span(request).subspan(from, count));
  };
  EXPECT_EQ(stage(0, 20), 20U);
  EXPECT_TRUE(process_.read_door("q", 0)->empty()) << "executes nothing";
  EXPECT_EQ(stage(20, 12), 12U);
  EXPECT_EQ(process_.read_door("q", 32)->size(), 32U);
  EXPECT_EQ(stage(0, 0), 0U);
  EXPECT_EQ(process_.read_door("q", 100)->size(), 24U);
  EXPECT_TRUE(process_.read_door("q", 100)->empty());
  EXPECT_EQ(stage(0, 32), 32U) << "a new request";
  EXPECT_EQ(process_.read_door("q", 100)->size(), 56U);
  EXPECT_EQ(errno_of(process_.read("q", 0, 10)), ESPIPE);
  EXPECT_EQ(write("q", 0, "x"), ESPIPE);
  EXPECT_EQ(errno_of(process_.fsync("q")), EINVAL);
}

TEST_F(Collections, DoorsStage16MiBAtMost) {
  EXPECT_EQ(set("/d"), 0);
  ASSERT_EQ(open("q", "/d/.vexfs/query"), 0);
  const std::vector<std::byte> bytes(VEXFS_MESSAGE_MAX);
  const auto write = [&](std::size_t count) {
    return process_.write(kRoot, "q", std::nullopt, std::span(bytes).first(count));
  };
  EXPECT_EQ(write(bytes.size() - 1), bytes.size() - 1);
  EXPECT_EQ(write(10), 1U);
  EXPECT_EQ(errno_of(write(10)), EFBIG);
  EXPECT_EQ(process_.read_door("q", 100)->size(), sizeof(vexfs_reply));
  EXPECT_EQ(write(10), 10U);
}

TEST_F(Collections, FilesShowTheirBytes) {
  EXPECT_EQ(set("/d"), 0);
  EXPECT_TRUE(process_.door(kRoot, "/d/.vexfs/update", put_request()));
  EXPECT_EQ(stat("/d/.vexfs/vectors").size, 64U);
  EXPECT_EQ(stat("/d/.vexfs/graph").size, 8192U);
  ASSERT_EQ(open("v", "/d/.vexfs/vectors", kRead), 0);
  EXPECT_EQ(read("v"), std::string(8, 5) + std::string(56, 0));
  EXPECT_EQ(process_.read("v", 60, 100)->size(), 4U);
  ASSERT_EQ(open("i", "/d/.vexfs/info", kRead), 0);
  EXPECT_TRUE(read("i").starts_with("dim 8\ntype i8\n"));
  ASSERT_EQ(open("w", "/d/.vexfs/info", kReadWrite), 0) << "root may";
  EXPECT_EQ(write("w", 0, "x"), EINVAL);
}

TEST_F(Collections, ThatAreNoMoreAreStale) {
  EXPECT_EQ(set("/d"), 0);
  ASSERT_EQ(open("q", "/d/.vexfs/query"), 0);
  ASSERT_EQ(open("v", "/d/.vexfs/vectors", kRead), 0);
  ASSERT_EQ(open("dir", "/d/.vexfs", {.read = true, .directory = true}), 0);
  ASSERT_EQ(errno_of(process_.removexattr(kRoot, "/d", kAttribute)), 0);
  for (const bool again : {false, true}) {
    const auto request = vectors::encode_count();
    EXPECT_EQ(errno_of(process_.write(kRoot, "q", std::nullopt, request)), ESTALE);
    EXPECT_EQ(errno_of(process_.read_door("q", 100)), ESTALE);
    EXPECT_EQ(errno_of(process_.read("v", 0, 10)), ESTALE);
    EXPECT_EQ(errno_of(process_.fstat("v")), ESTALE);
    EXPECT_EQ(errno_of(process_.readdir_piece("dir", 10, true)), ESTALE);
    if (!again) {
      EXPECT_EQ(set("/d"), 0) << "another collection";
    }
  }
  EXPECT_EQ(errno_of(process_.close("q")), 0);
}

TEST_F(Collections, AreOthersAfterACompaction) {
  EXPECT_EQ(set("/d"), 0);
  ASSERT_EQ(open("u", "/d/.vexfs/update"), 0);
  ASSERT_EQ(open("q", "/d/.vexfs/query"), 0);
  const auto ask = [&](const vectors::Message& request) {
    EXPECT_TRUE(process_.write(kRoot, "u", std::nullopt, request));
    return process_.read_door("u", 100);
  };
  ASSERT_TRUE(ask(put_request()));
  EXPECT_EQ(ask(vectors::encode_compact())->size(), 40U) << "no slot is dead";
  ASSERT_TRUE(ask(put_request()));
  const Ino before = stat("/d/.vexfs").ino;
  EXPECT_EQ(ask(vectors::encode_compact())->size(), 40U);
  EXPECT_EQ(errno_of(process_.read_door("u", 100)), ESTALE);
  EXPECT_EQ(errno_of(process_.write(kRoot, "q", std::nullopt, vectors::encode_count())), ESTALE);
  EXPECT_NE(stat("/d/.vexfs").ino, before);
  EXPECT_EQ(live("/d/.vexfs/query"), 1U);
}

TEST_F(Collections, TakeVectorsOfFiles) {
  constexpr std::string_view kVector = "user.vexfs.vector";
  EXPECT_EQ(set("/d"), 0);
  make("/d/f", 0644, kRoot);
  make("/f");
  const auto put = [&](std::string_view path, const Credentials& who = kRoot, int flags = 0) {
    return errno_of(process_.setxattr(who, path, kVector, "12345678", flags));
  };
  EXPECT_EQ(put("/d/f", kUser), EACCES);
  EXPECT_EQ(put("/f"), EOPNOTSUPP);
  EXPECT_EQ(put("/d"), EOPNOTSUPP);
  EXPECT_EQ(put("/.vexfs/stats"), EOPNOTSUPP);
  EXPECT_TRUE(process_.listxattr(kRoot, "/d/f")->empty());
  EXPECT_EQ(put("/d/f", kRoot, XATTR_REPLACE), ENODATA);
  EXPECT_EQ(put("/d/f"), 0);
  EXPECT_EQ(put("/d/f", kRoot, XATTR_CREATE), EEXIST);
  EXPECT_EQ(process_.getxattr(kUser, "/d/f", kVector), "12345678");
  EXPECT_EQ(process_.listxattr(kRoot, "/d/f"), std::vector{std::string(kVector)});
  EXPECT_EQ(errno_of(process_.rename(kRoot, "/d/f", "/g", 0)), EXDEV);
  EXPECT_EQ(errno_of(process_.removexattr(kUser, "/d/f", kVector)), EACCES);
  EXPECT_EQ(errno_of(process_.removexattr(kRoot, "/d/f", kVector)), 0);
  EXPECT_EQ(errno_of(process_.getxattr(kRoot, "/d/f", kVector)), ENODATA);
  EXPECT_EQ(errno_of(process_.rename(kRoot, "/d/f", "/g", 0)), 0);
}

TEST_F(Collections, AreNotSearchedOnAReadOnlyMount) {
  EXPECT_EQ(set("/d"), 0);
  volume_.remount({.read_only = true});
  Process process(*volume_);
  EXPECT_EQ(errno_of(process.open(kRoot, "q", "/d/.vexfs/query", kReadWrite, 0)), EROFS);
  EXPECT_EQ(errno_of(process.open(kRoot, "i", "/d/.vexfs/info", kRead, 0)), 0);
  EXPECT_EQ(errno_of(process.removexattr(kRoot, "/d", kAttribute)), EROFS);
}

}  // namespace
}  // namespace vexfs::posix::test

// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/tests/test_process.h"

namespace vexfs::posix::test {
namespace {

class Files : public OnVolume {
 protected:
  std::vector<std::string> names(std::string_view path) {
    std::vector<std::string> names;
    const auto entries = process_.readdir(kRoot, path);
    EXPECT_TRUE(entries);
    for (const auto& entry : entries.value_or(std::vector<DirEntry>{})) names.push_back(entry.name);
    return names;
  }
};

TEST_F(Files, AreCreatedWrittenAndRead) {
  ASSERT_EQ(open("h", "/f", kCreate, kUser, 0600), EACCES);
  ASSERT_EQ(open("h", "/f", kCreate, kRoot, 0600), 0);
  EXPECT_EQ(write("h", 3, "text"), 0);
  EXPECT_EQ(read("h"), std::string("\0\0\0text", 7));
  EXPECT_EQ(mode("/f"), 0600U);
  EXPECT_EQ(process_.write(kRoot, "h", std::nullopt, std::as_bytes(std::span("!", 1))).value(), 1U);
  EXPECT_EQ(read("h"), std::string("\0\0\0text!", 8));
}

TEST_F(Files, ANewFileMayBeUsedWhateverItsMode) {
  ASSERT_EQ(open("h", "/f", kCreate, kRoot, 0), 0);
  make_directory("/d", 0777);
  ASSERT_EQ(open("u", "/d/f", kCreate, kUser, 0), 0);
  EXPECT_EQ(write("u", 0, "x", kUser), 0);
  EXPECT_EQ(open("again", "/d/f", kRead, kUser), EACCES);
}

TEST_F(Files, AppendWritesAtTheEndWhateverTheOffset) {
  ASSERT_EQ(open("h", "/f", {.read = true, .write = true, .create = true, .append = true}), 0);
  EXPECT_EQ(write("h", 100, "one"), 0);
  EXPECT_EQ(write("h", 0, "two"), 0);
  EXPECT_EQ(read("h"), "onetwo");
}

TEST_F(Files, TruncateOnOpenEmptiesOnlyWhatWasThere) {
  ASSERT_EQ(open("h", "/f", kCreate), 0);
  EXPECT_EQ(write("h", 0, "text"), 0);
  ASSERT_EQ(open("t", "/f", {.read = true, .truncate = true}), 0) << "even without writing";
  EXPECT_EQ(stat("/f").size, 0U);
  const auto events = volume_.inside().state.next_event;
  ASSERT_EQ(open("n", "/new", {.write = true, .create = true, .truncate = true}), 0);
  EXPECT_EQ(volume_.inside().state.next_event, events + 1) << "no Truncate after the Create";
}

TEST_F(Files, AnOpenFileOutlivesItsName) {
  ASSERT_EQ(open("h", "/f", kCreate), 0);
  ASSERT_TRUE(process_.unlink(kRoot, "/f"));
  ASSERT_TRUE(process_.control(kRoot, "sync"));
  EXPECT_EQ(process_.fstat("h")->nlink, 0U);
  EXPECT_EQ(write("h", 0, "x"), 0);
  ASSERT_TRUE(process_.fsync("h"));
  ASSERT_TRUE(process_.close("h"));
  const auto free = process_.statfs(kRoot, "/")->free_inodes;
  ASSERT_TRUE(process_.control(kRoot, "sync"));
  EXPECT_EQ(process_.statfs(kRoot, "/")->free_inodes, free + 1);
}

TEST_F(Files, ARemovedDirectoryIsGone) {
  make_directory("/d");
  ASSERT_EQ(open("h", "/d", kRead), 0);
  ASSERT_TRUE(process_.rmdir(kRoot, "/d"));
  EXPECT_EQ(process_.fstat("h")->nlink, 0U);
  EXPECT_EQ(errno_of(process_.readdir_piece("h", 9, false)), ENOENT);
  ASSERT_TRUE(process_.control(kRoot, "sync"));
  EXPECT_EQ(errno_of(process_.fstat("h")), ESTALE);
  EXPECT_EQ(errno_of(process_.readdir_piece("h", 9, false)), ENOENT);
  EXPECT_EQ(errno_of(process_.fsync("h")), ESTALE);
}

TEST_F(Files, DirectoriesAreListedWholeAndInPieces) {
  make_directory("/d");
  for (const char* path : {"/d/a", "/d/b", "/d/c"}) make(path);
  EXPECT_EQ(names("/d"), (std::vector<std::string>{".", "..", "a", "b", "c"}));
  ASSERT_EQ(open("h", "/d", kRead), 0);
  EXPECT_EQ(process_.readdir_piece("h", 3, false)->size(), 3U);
  ASSERT_TRUE(process_.unlink(kRoot, "/d/b"));
  make("/d/d");
  const auto rest = process_.readdir_piece("h", 9, false).value();
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].name, "d") << "it took the place of b";
  EXPECT_EQ(rest[1].name, "c");
  EXPECT_TRUE(process_.readdir_piece("h", 9, false)->empty());
  EXPECT_EQ(process_.readdir_piece("h", 9, true)->size(), 5U);
  EXPECT_EQ(names("/").back(), "d") << ".vexfs is never listed";
}

}  // namespace
}  // namespace vexfs::posix::test

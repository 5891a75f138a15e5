// SPDX-License-Identifier: MIT
// Directories, links, rename and inode numbers (docs/format.md, docs/api.md).
#include <linux/fs.h>

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fuse/core/tests/test_volume.h"
#include "reference/contract/directory.h"

namespace vexfs::core::testing {
namespace {

using ::testing::ElementsAre;

class Names : public ::testing::Test {
 protected:
  Names() : image_(make_image(small())), volume_(mount(image_)) {}
  void finish() {
    ASSERT_EQ(error_of(volume_->unmount()), 0);
    ASSERT_EQ(fsck(image_), "");
  }
  int unlink(std::string_view name) { return error_of(volume_->unlink(VEXFS_ROOT_INO, name)); }
  int rename(std::string_view from, std::string_view to, uint32_t flags = 0) {
    return error_of(volume_->rename(VEXFS_ROOT_INO, from, VEXFS_ROOT_INO, to, flags));
  }
  uint32_t nlink(InodeNumber ino) { return volume_->getattr(ino)->nlink; }

  Image image_;
  std::unique_ptr<Volume> volume_;
};

TEST_F(Names, ANameGoesToTheFirstPlaceThatFits) {
  for (const char* name : {"aaa", "bbb", "ccc"}) make_file(*volume_, name);
  ASSERT_EQ(unlink("bbb"), 0);
  make_file(*volume_, "ddd");
  EXPECT_THAT(names(*volume_, VEXFS_ROOT_INO), ElementsAre("aaa", "ddd", "ccc"));
  finish();
}

TEST_F(Names, TheFirstRecordOfABlockBecomesUnusedAndItsBytesZero) {
  make_file(*volume_, "aaa");
  make_file(*volume_, "bbb");
  ASSERT_EQ(unlink("aaa"), 0);
  finish();
  const uint64_t block = entries_of(image_, VEXFS_ROOT_INO)[0].pblk;
  const auto& first = at<vexfs_dir_record>(image_, block, sizeof(vexfs_dir_header));
  EXPECT_EQ(first.ino, 0U);
  EXPECT_EQ(first.length, VEXFS_DIR_NEED(3)) << "the length stays";
  EXPECT_EQ(at<char>(image_, block, 16), '\0');
}

TEST_F(Names, ARemovedRecordJoinsItsPredecessorAndItsBytesBecomeZero) {
  make_file(*volume_, "aaa");
  make_file(*volume_, "bbb");
  ASSERT_EQ(unlink("bbb"), 0);
  finish();
  const uint64_t block = entries_of(image_, VEXFS_ROOT_INO)[0].pblk;
  EXPECT_EQ(at<vexfs_dir_record>(image_, block, 8).length, 4088);
  for (uint32_t byte = 8 + VEXFS_DIR_NEED(3); byte < VEXFS_BLOCK_SIZE; ++byte) {
    ASSERT_EQ(at<char>(image_, block, byte), '\0') << byte;
  }
}

TEST_F(Names, APositionIsTheByteAfterTheRecord) {
  make_file(*volume_, "aaa");
  make_file(*volume_, "bbb");
  std::vector<uint64_t> positions;
  ASSERT_TRUE(volume_->readdir(VEXFS_ROOT_INO, 0, false, [&](const DirectoryEntry& entry) {
    positions.push_back(entry.next_position);
    return true;
  }));
  EXPECT_THAT(positions, ElementsAre(1, 2, 2 + 8 + 16, 2 + 4096));
  std::vector<std::string> rest;
  ASSERT_TRUE(
      volume_->readdir(VEXFS_ROOT_INO, positions[2], false, [&](const DirectoryEntry& entry) {
        rest.emplace_back(entry.name);
        return true;
      }));
  EXPECT_THAT(rest, ElementsAre("bbb"));
}

TEST_F(Names, ALargeDirectoryGrowsByBlocksAndNeverShrinks) {
  const InodeNumber directory = make_directory(*volume_, "many");
  for (int i = 0; i < 40; ++i) {
    make_file(*volume_, std::string(200, 'n') + std::to_string(i), directory);
  }
  const uint64_t size = volume_->getattr(directory)->size;
  EXPECT_EQ(size, 3 * 4096U) << "19 records of 216 bytes fit in a block";
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(error_of(volume_->unlink(directory, std::string(200, 'n') + std::to_string(i))), 0);
  }
  EXPECT_EQ(volume_->getattr(directory)->size, size);
  ASSERT_EQ(error_of(volume_->rmdir(VEXFS_ROOT_INO, "many")), 0);
  finish();
  EXPECT_EQ(state_of(image_).free_blocks, super_of(image_).data.blocks - 1);
}

TEST_F(Names, InodeNumbersAreHandedOutByACursor) {
  const InodeNumber first = make_file(*volume_, "a");
  EXPECT_EQ(first, 2U);
  ASSERT_EQ(unlink("a"), 0);
  ASSERT_EQ(error_of(volume_->sync()), 0);
  EXPECT_EQ(make_file(*volume_, "b"), 3U) << "2 is free, the cursor is past it";
  EXPECT_EQ(volume_->lookup(VEXFS_ROOT_INO, "b")->generation, 3U);
}

TEST_F(Names, WithoutAFreeInodeAnUnlinkedOneIsReclaimedFirst) {
  for (int i = 2; i <= 64; ++i) make_file(*volume_, "f" + std::to_string(i));
  EXPECT_EQ(error_of(volume_->mknod(VEXFS_ROOT_INO, "one more", {.mode = 0100644})), ENOSPC);
  ASSERT_EQ(unlink("f10"), 0);
  EXPECT_EQ(make_file(*volume_, "one more"), 10U);
  finish();
}

TEST_F(Names, WithoutAFreeBlockParkedOnesAreReleasedFirst) {
  const InodeNumber ino = make_file(*volume_, "file");
  const uint64_t room = volume_->statfs().free_blocks;
  for (uint64_t lblk = 0; lblk < room; ++lblk) put_block(*volume_, ino, lblk);
  EXPECT_EQ(error_of(volume_->write(ino, room * 4096, std::as_bytes(std::span("x", 1)), false)),
            ENOSPC);
  ASSERT_TRUE(volume_->setattr(ino, {.size = 4096}));
  put_block(*volume_, ino, 1);
  finish();
}

TEST_F(Names, RenameReplacesAndExchangesInPlace) {
  const InodeNumber a = make_file(*volume_, "a");
  const InodeNumber b = make_file(*volume_, "b");
  EXPECT_EQ(rename("a", "b", RENAME_NOREPLACE), EEXIST);
  EXPECT_EQ(rename("a", "b", RENAME_EXCHANGE), 0);
  EXPECT_EQ(volume_->lookup(VEXFS_ROOT_INO, "a")->ino, b);
  EXPECT_EQ(rename("b", "a"), 0);
  EXPECT_EQ(volume_->lookup(VEXFS_ROOT_INO, "a")->ino, a);
  EXPECT_THAT(names(*volume_, VEXFS_ROOT_INO), ElementsAre("a"));
  ASSERT_EQ(error_of(volume_->sync()), 0);
  EXPECT_EQ(error_of(volume_->getattr(b)), ESTALE);
  EXPECT_EQ(rename("a", "b", RENAME_EXCHANGE), ENOENT);
  EXPECT_EQ(rename("a", "b", RENAME_WHITEOUT), EINVAL);
  finish();
}

TEST_F(Names, RenameOfADirectoryMovesALinkBetweenParents) {
  const InodeNumber one = make_directory(*volume_, "one");
  const InodeNumber two = make_directory(*volume_, "two");
  const InodeNumber child = make_directory(*volume_, "child", one);
  ASSERT_EQ(error_of(volume_->rename(one, "child", two, "moved", 0)), 0);
  EXPECT_EQ(nlink(one), 2U);
  EXPECT_EQ(nlink(two), 3U);
  EXPECT_EQ(volume_->lookup(child, "..")->ino, two);
  EXPECT_EQ(error_of(volume_->rename(VEXFS_ROOT_INO, "two", child, "loop", 0)), EINVAL);
  EXPECT_EQ(error_of(volume_->rename(two, "moved", VEXFS_ROOT_INO, "two", 0)), ENOTEMPTY);
  finish();
}

TEST_F(Names, LinksAreCountedUpToTheLimit) {
  Image image = make_image({"--blocks 1024", "--inodes 64", "--max-links 4"});
  auto volume = mount(image);
  const InodeNumber file = make_file(*volume, "file");
  for (const char* name : {"l2", "l3", "l4"}) {
    ASSERT_TRUE(volume->link(file, VEXFS_ROOT_INO, name));
  }
  EXPECT_EQ(error_of(volume->link(file, VEXFS_ROOT_INO, "l5")), EMLINK);
  make_directory(*volume, "d3");
  make_directory(*volume, "d4");
  EXPECT_EQ(error_of(volume->mkdir(VEXFS_ROOT_INO, "d5", {.mode = 0755})), EMLINK);
  EXPECT_EQ(error_of(volume->link(VEXFS_ROOT_INO, VEXFS_ROOT_INO, "root")), EPERM);
}

TEST_F(Names, ReservedAndWrongNamesAreRefused) {
  const NewNode node{.mode = 0100644};
  EXPECT_EQ(error_of(volume_->mknod(VEXFS_ROOT_INO, ".vexfs", node)), EPERM);
  EXPECT_EQ(error_of(volume_->lookup(VEXFS_ROOT_INO, ".vexfs")), ENOENT);
  EXPECT_EQ(error_of(volume_->mknod(VEXFS_ROOT_INO, std::string(256, 'x'), node)), ENAMETOOLONG);
  make_file(*volume_, std::string(255, 'x'));
  EXPECT_EQ(error_of(volume_->mknod(VEXFS_ROOT_INO, "a/b", node)), EINVAL);
  EXPECT_EQ(rename(std::string(255, 'x'), ".vexfs"), EPERM);
  EXPECT_EQ(unlink("nothing"), ENOENT);
}

TEST_F(Names, SymlinksStandInTheInodeOrInABlock) {
  const std::string inline_target(128, 't');
  const std::string block_target(129, 't');
  const auto one = volume_->symlink(VEXFS_ROOT_INO, "short", inline_target, {});
  const auto two = volume_->symlink(VEXFS_ROOT_INO, "long", block_target, {});
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->blocks, 0U);
  EXPECT_EQ(two->blocks, 1U);
  EXPECT_EQ(volume_->readlink(one->ino), inline_target);
  EXPECT_EQ(volume_->readlink(two->ino), block_target);
  EXPECT_EQ(error_of(volume_->symlink(VEXFS_ROOT_INO, "too", std::string(4096, 't'), {})),
            ENAMETOOLONG);
  finish();
}

TEST_F(Names, ASetGroupDirectoryGivesItsGroupAndBit) {
  ASSERT_TRUE(volume_->setattr(VEXFS_ROOT_INO, {.mode = 02755, .gid = 42}));
  const auto file = volume_->mknod(VEXFS_ROOT_INO, "file", {.mode = 0100644, .uid = 1, .gid = 1});
  const auto directory = volume_->mkdir(VEXFS_ROOT_INO, "dir", {.mode = 0755, .uid = 1, .gid = 1});
  EXPECT_EQ(file->gid, 42U);
  EXPECT_EQ(directory->gid, 42U);
  EXPECT_EQ(directory->mode, 042755U);
}

TEST_F(Names, AFailedOperationChangesNoByte) {
  make_file(*volume_, "file");
  ASSERT_EQ(error_of(volume_->checkpoint()), 0);
  const Image before = image_;
  EXPECT_EQ(error_of(volume_->mknod(VEXFS_ROOT_INO, "file", {.mode = 0100644})), EEXIST);
  EXPECT_EQ(unlink("nothing"), ENOENT);
  EXPECT_EQ(error_of(volume_->rmdir(VEXFS_ROOT_INO, "file")), ENOTDIR);
  EXPECT_EQ(rename("file", "file"), 0) << "and neither does a rename to itself";
  ASSERT_EQ(error_of(volume_->checkpoint()), 0);
  EXPECT_EQ(image_, before);
}

}  // namespace
}  // namespace vexfs::core::testing

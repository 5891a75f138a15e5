// SPDX-License-Identifier: MIT
#include <linux/fs.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

class Namespace : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(inconsistency(volume_.inside()), ""); }
  std::uint32_t nlink(Ino ino) { return volume_.inode(ino).nlink; }
  TestVolume volume_;
};

TEST_F(Namespace, ANewInodeTakesTheNextNumberAndGeneration) {
  const auto a = volume_->mknod(1, "a", {S_IFREG | 0640, 5, 6, 0});
  ASSERT_TRUE(a);
  EXPECT_EQ(a->ino, 2U);
  EXPECT_EQ(a->generation, 2U);
  EXPECT_EQ(a->mode, 0100640U);
  EXPECT_EQ(a->uid, 5U);
  EXPECT_EQ(a->gid, 6U);
  EXPECT_EQ(volume_.create("b"), 3U);
  ASSERT_TRUE(volume_->unlink(1, "a"));
  ASSERT_TRUE(volume_->sync());
  EXPECT_EQ(volume_.create("c"), 4U) << "the cursor goes on before it comes back";
}

TEST_F(Namespace, NumbersComeBackWhenTheTableEnds) {
  for (int i = 2; i <= 256; ++i) volume_.create("f" + std::to_string(i));
  EXPECT_EQ(volume_->mknod(1, "more", regular()).error(), ENOSPC);
  ASSERT_TRUE(volume_->unlink(1, "f100"));
  EXPECT_EQ(volume_.create("more"), 100U) << "relief reclaims the orphan first";
}

TEST_F(Namespace, DirectoriesCountTheirSubdirectories) {
  const Ino a = volume_.mkdir("a");
  const Ino b = volume_.mkdir("b", a);
  EXPECT_EQ(nlink(1), 3U);
  EXPECT_EQ(nlink(a), 3U);
  EXPECT_EQ(volume_->rmdir(1, "a").error(), ENOTEMPTY);
  ASSERT_TRUE(volume_->rename(a, "b", 1, "b", 0));
  EXPECT_EQ(nlink(1), 4U);
  EXPECT_EQ(nlink(a), 2U);
  ASSERT_TRUE(volume_->rename(1, "b", 1, "a", 0)) << "an empty directory may be replaced";
  EXPECT_EQ(nlink(1), 3U);
  EXPECT_EQ(volume_->lookup(1, "a")->ino, b);
  ASSERT_TRUE(volume_->rmdir(1, "a"));
  EXPECT_EQ(nlink(1), 2U);
}

TEST_F(Namespace, ExchangeSwapsNamesHomesAndCounts) {
  const Ino a = volume_.mkdir("a");
  const Ino sub = volume_.mkdir("sub", a);
  const Ino file = volume_.create("f");
  ASSERT_TRUE(volume_->rename(a, "sub", 1, "f", RENAME_EXCHANGE));
  EXPECT_EQ(volume_->lookup(1, "f")->ino, sub);
  EXPECT_EQ(volume_->lookup(a, "sub")->ino, file);
  EXPECT_EQ(volume_.inode(file).home, a);
  EXPECT_EQ(nlink(a), 2U);
  EXPECT_EQ(nlink(1), 4U);
}

TEST_F(Namespace, RenameOfAnInodeOntoItselfIsNoUnit) {
  const Ino file = volume_.create("f");
  ASSERT_TRUE(volume_->link(file, 1, "g"));
  const auto units = volume_.inside().state.next_unit;
  EXPECT_TRUE(volume_->rename(1, "f", 1, "g", 0));
  EXPECT_TRUE(volume_->rename(1, "f", 1, "g", RENAME_EXCHANGE));
  EXPECT_EQ(volume_->rename(1, "f", 1, "g", RENAME_NOREPLACE).error(), EEXIST);
  EXPECT_EQ(volume_.inside().state.next_unit, units);
  EXPECT_EQ(volume_.names(), (std::vector<std::string>{"f", "g"}));
}

TEST_F(Namespace, ErrnosOfRename) {
  const Ino dir = volume_.mkdir("d");
  volume_.create("f");
  volume_.create("inner", dir);
  EXPECT_EQ(volume_->rename(1, "none", 1, "x", 0).error(), ENOENT);
  EXPECT_EQ(volume_->rename(1, "f", 1, "x", RENAME_EXCHANGE).error(), ENOENT);
  EXPECT_EQ(volume_->rename(1, "f", 1, "d", 0).error(), EISDIR);
  EXPECT_EQ(volume_->rename(1, "d", 1, "f", 0).error(), ENOTDIR);
  volume_.mkdir("e");
  EXPECT_EQ(volume_->rename(1, "e", 1, "d", 0).error(), ENOTEMPTY);
  EXPECT_EQ(volume_->rename(1, "f", dir, ".vexfs", 0).error(), EPERM);
  EXPECT_EQ(volume_->rename(1, "f", 1, "x", 4).error(), EINVAL);
}

TEST_F(Namespace, TheReservedNameCannotBeMade) {
  const Ino dir = volume_.mkdir("d");
  EXPECT_EQ(volume_->mknod(dir, ".vexfs", regular()).error(), EPERM);
  EXPECT_EQ(volume_->mkdir(dir, ".vexfs", {0755, 0, 0, 0}).error(), EPERM);
  EXPECT_EQ(volume_->symlink(dir, ".vexfs", "x", {0777, 0, 0, 0}).error(), EPERM);
  EXPECT_EQ(volume_->link(volume_.create("f"), dir, ".vexfs").error(), EPERM);
  EXPECT_EQ(volume_->lookup(dir, ".vexfs").error(), ENOENT);
}

TEST_F(Namespace, SymlinksStandInTheInodeOrInABlock) {
  const std::string inline_target(128, 'i');
  const std::string long_target(4095, 'l');
  const Ino a = volume_->symlink(1, "a", inline_target, {0777, 0, 0, 0})->ino;
  const Ino b = volume_->symlink(1, "b", long_target, {0777, 0, 0, 0})->ino;
  EXPECT_EQ(volume_->readlink(a), inline_target);
  EXPECT_EQ(volume_->readlink(b), long_target);
  EXPECT_EQ(volume_.inode(a).blocks, 0U);
  EXPECT_EQ(volume_.inode(b).blocks, 1U);
  EXPECT_EQ(volume_->symlink(1, "c", std::string(4096, 'x'), {0777, 0, 0, 0}).error(),
            ENAMETOOLONG);
}

TEST_F(Namespace, TimesFollowTheClock) {
  const Ino dir = volume_.mkdir("d");
  const Ino file = volume_.create("f", dir);
  ASSERT_TRUE(volume_->set_clock(5'000'000'000));
  ASSERT_TRUE(volume_->link(file, 1, "g"));
  EXPECT_EQ(volume_.inode(file).ctime, 5U);
  EXPECT_EQ(volume_.inode(file).mtime, 0U);
  EXPECT_EQ(volume_.inode(1).mtime, 5U);
  EXPECT_EQ(volume_.inode(dir).mtime, 0U);
  ASSERT_TRUE(volume_->set_clock(6'000'000'000));
  ASSERT_TRUE(volume_->unlink(dir, "f"));
  EXPECT_EQ(volume_.inode(file).ctime, 6U);
  EXPECT_EQ(volume_.inode(dir).ctime, 6U);
  EXPECT_EQ(volume_.inode(file).home, dir) << "home stays where it was created";
}

TEST(Links, EndAtTheVolumesLimit) {
  auto geometry = small_geometry();
  geometry.max_links = 4;
  TestVolume volume(geometry);
  const Ino file = volume.create("f");
  for (const char* name : {"1", "2", "3"}) ASSERT_TRUE(volume->link(file, 1, name));
  EXPECT_EQ(volume->link(file, 1, "4").error(), EMLINK);
  volume.mkdir("a");
  const Ino b = volume.mkdir("b");
  EXPECT_EQ(volume->mkdir(1, "c", {0755, 0, 0, 0}).error(), EMLINK);
  volume.mkdir("sub", b);
  EXPECT_EQ(volume->rename(b, "sub", 1, "sub", 0).error(), EMLINK);
  EXPECT_TRUE(volume->rename(b, "sub", 1, "a", 0)) << "it takes the place of another";
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

TEST(ReadOnly, ChangesNothing) {
  TestVolume volume;
  const Ino file = volume.create("f");
  volume.remount({.read_only = true});
  const Image before = volume.image();
  EXPECT_EQ(volume->mknod(1, "g", regular()).error(), EROFS);
  EXPECT_EQ(volume->unlink(1, "f").error(), EROFS);
  EXPECT_EQ(volume->setattr(file, {.mode = 0600}).error(), EROFS);
  EXPECT_TRUE(volume->sync());
  EXPECT_EQ(volume.names(), (std::vector<std::string>{"f"}));
  volume.unmount();
  EXPECT_EQ(volume.image(), before);
}

}  // namespace
}  // namespace vexfs::model::test

// SPDX-License-Identifier: MIT
// Changing fields of a volume by name or by seed.
#include "reference/tools/mutate/mutator.h"

#include <set>

#include <gmock/gmock.h>

#include "reference/tools/testing/volume_builder.h"

namespace vexfs::tools {
namespace {

class MutatorTest : public testing::Test {
 protected:
  const std::vector<std::byte> volume_ = sample_volume();
  std::vector<std::byte> image_ = volume_;
  const Mutator mutator_ = Mutator::open(volume_).value();
};

TEST_F(MutatorTest, SetsAFieldByItsPath) {
  const auto mutation = mutator_.set(image_, "inode 2 › nlink", 7, Reseal::kNo);
  ASSERT_TRUE(mutation);
  EXPECT_EQ(mutation->text(), "inode 2 › nlink: 1 -> 7");
  const auto view = VolumeView::open(image_);
  EXPECT_EQ(view->inode(2).nlink, 7U);
  EXPECT_NE(view->inode(2).crc, view->crc(2, view->inode_bytes(2), 0));
}

TEST_F(MutatorTest, MakesTheChecksumRightWhenAsked) {
  ASSERT_TRUE(mutator_.set(image_, "inode 2 › nlink", 7, Reseal::kYes));
  const auto view = VolumeView::open(image_);
  EXPECT_EQ(view->inode(2).crc, view->crc(2, view->inode_bytes(2), 0));
}

TEST_F(MutatorTest, ChecksumFollowsTheLocationThatWasChanged) {
  ASSERT_TRUE(mutator_.set(image_, "event 1 › sequence", 500, Reseal::kYes));
  const auto view = VolumeView::open(image_);
  const Bytes ring = Bytes(image_).subspan(view->super().ring.start * kBlockSize);
  const auto event = load<vexfs_event>(ring);
  EXPECT_EQ(event.crc, view->crc(500, ring.first(event.length), 4));
}

TEST_F(MutatorTest, SuperblockChecksumStartsFromTheChangedUuid) {
  ASSERT_TRUE(mutator_.set(image_, "superblock › uuid", 1, Reseal::kYes));
  Findings findings;
  check_superblock(Bytes(image_).first(kBlockSize), image_.size() / kBlockSize, "", findings);
  EXPECT_TRUE(findings.clean());
}

TEST_F(MutatorTest, NamesAFieldThatIsNotThere) {
  const auto mutation = mutator_.set(image_, "inode 999 › nlink", 7, Reseal::kNo);
  ASSERT_FALSE(mutation);
  EXPECT_THAT(mutation.error(), testing::HasSubstr("inode 999 › nlink"));
  EXPECT_EQ(image_, volume_);
}

TEST_F(MutatorTest, SameSeedIsTheSameMutation) {
  auto other = volume_;
  EXPECT_EQ(mutator_.mutate(image_, 42, Reseal::kYes).text(),
            mutator_.mutate(other, 42, Reseal::kYes).text());
  EXPECT_EQ(image_, other);
}

TEST_F(MutatorTest, EachMutationChangesTheVolumeAndUndoTakesItBack) {
  std::set<std::string> paths;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Mutation mutation =
        mutator_.mutate(image_, seed, seed % 2 == 0 ? Reseal::kYes : Reseal::kNo);
    EXPECT_FALSE(same_bytes(image_, volume_)) << mutation.text();
    Mutator::undo(image_, mutation);
    EXPECT_TRUE(same_bytes(image_, volume_)) << mutation.text();
    paths.insert(mutation.path);
  }
  EXPECT_GT(paths.size(), 250U) << "seeds should reach many fields";
}

TEST(MutatorOpen, RefusesWhatIsNoVolume) {
  EXPECT_FALSE(Mutator::open(std::vector<std::byte>(1 << 16)));
}

}  // namespace
}  // namespace vexfs::tools

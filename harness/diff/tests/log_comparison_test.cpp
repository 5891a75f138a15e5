// SPDX-License-Identifier: MIT
// Differences inside transactions of the log.
#include <gmock/gmock.h>

#include "harness/diff/compare_volumes.h"
#include "reference/tools/mutate/mutator.h"
#include "reference/tools/testing/volume_builder.h"

namespace vexfs::parity {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using tools::Mutator;
using tools::Reseal;
using tools::VolumeBuilder;

std::vector<std::string> compare(const std::vector<std::byte>& left,
                                 const std::vector<std::byte>& right) {
  std::vector<std::string> list;
  for (const Difference& difference : compare_volumes(left, right))
    list.push_back(difference.text());
  return list;
}

// The sample with one transaction, in which the fifo gets this many links.
std::vector<std::byte> with_links(std::uint32_t links) {
  VolumeBuilder builder = tools::sample_builder();
  const auto home = builder.finish();
  builder.inode(tools::Sample::kFifo).nlink = links;
  builder.set_units(32);
  return tools::with_transaction(home, builder.finish());
}

TEST(CompareLog, NamesTheFieldInsideALoggedUnit) {
  EXPECT_THAT(compare(with_links(2), with_links(3)),
              ElementsAre(StartsWith(
                  "log › tx 2 › block 241 (inode table) › unit 28 › inode 7 › nlink: 2 / 3 @ ")));
}

TEST(CompareLog, NamesAHeaderField) {
  const auto left = with_links(2);
  auto right = left;
  ASSERT_TRUE(Mutator::open(left)->set(right, "log › tx 2 › header › units", 5, Reseal::kYes));
  EXPECT_THAT(compare(left, right), ElementsAre(StartsWith("log › tx 2 › header › units: 1 / 5")));
}

TEST(CompareLog, NamesABlockThatOnlyOneSideLogs) {
  VolumeBuilder builder = tools::sample_builder();
  const auto home = builder.finish();
  builder.set_units(32);
  const auto left = tools::with_transaction(home, builder.finish());
  builder.inode(tools::Sample::kFifo).nlink = 2;
  const auto right = tools::with_transaction(home, builder.finish());
  EXPECT_THAT(
      compare(left, right),
      Contains(StartsWith("log › tx 2 › block 241 (inode table): not logged / logged, mask ")));
}

TEST(CompareLog, NamesATransactionThatOnlyOneSideHas) {
  const auto left = tools::sample_volume();
  EXPECT_THAT(compare(left, with_links(2)),
              Contains(StartsWith("log › block 1: no transaction / tx 2 (epoch 1, 1 units, ")));
}

TEST(CompareLog, NamesThePaddingThatNoChecksumCovers) {
  const auto left = with_links(2);
  auto right = left;
  ASSERT_TRUE(Mutator::open(left)->set(right, "log › tx 2 › unused", 1, Reseal::kNo));
  EXPECT_THAT(compare(left, right), ElementsAre(HasSubstr("log › tx 2 › padding: ")));
}

}  // namespace
}  // namespace vexfs::parity

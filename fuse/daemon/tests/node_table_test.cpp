// SPDX-License-Identifier: MIT
#include "fuse/daemon/node_table.h"

#include <gtest/gtest.h>

namespace vexfs::daemon {
namespace {

TEST(NodeTable, NodeIdIsTheInodeNumber) {
  NodeTable nodes;
  EXPECT_EQ(nodes.remember({.ino = 7, .generation = 3}), 7U);
  EXPECT_EQ(nodes.find(7), (NodeIdentity{.ino = 7, .generation = 3}));
}

TEST(NodeTable, EveryHandingOutNeedsItsOwnForget) {
  NodeTable nodes;
  nodes.remember({7, 3});
  nodes.remember({7, 3});
  nodes.forget(7, 1);
  EXPECT_TRUE(nodes.find(7).has_value());
  nodes.forget(7, 1);
  EXPECT_FALSE(nodes.find(7).has_value());
  EXPECT_EQ(nodes.size(), 0U);
}

TEST(NodeTable, NewOwnerOfANumberDoesNotAnswerForTheOldOne) {
  NodeTable nodes;
  nodes.remember({7, 3});  // a process stands in it when it is removed
  const uint64_t alias = nodes.remember({7, 4});
  EXPECT_NE(alias, 7U);
  EXPECT_EQ(nodes.find(alias), (NodeIdentity{7, 4}));
  EXPECT_FALSE(nodes.find(7).has_value()) << "operations on the dead inode are ESTALE";
}

TEST(NodeTable, AliasStaysWhileTheKernelKnowsIt) {
  NodeTable nodes;
  nodes.remember({7, 3});
  const uint64_t alias = nodes.remember({7, 4});
  nodes.forget(7, 1);
  EXPECT_EQ(nodes.remember({7, 4}), alias) << "one inode must not get two node ids";
  nodes.forget(alias, 2);
  EXPECT_EQ(nodes.remember({7, 4}), 7U);
}

TEST(NodeTable, TheDeadStaysDeadAfterItsSuccessorIsForgotten) {
  NodeTable nodes;
  nodes.remember({7, 3});
  const uint64_t alias = nodes.remember({7, 4});
  nodes.forget(alias, 1);
  EXPECT_FALSE(nodes.find(7).has_value());
  EXPECT_NE(nodes.remember({7, 4}), 7U);
}

TEST(NodeTable, ThirdOwnerReplacesAnAliasThatIsStillKnown) {
  NodeTable nodes;
  nodes.remember({7, 3});
  const uint64_t second = nodes.remember({7, 4});
  const uint64_t third = nodes.remember({7, 5});
  EXPECT_NE(third, second);
  EXPECT_FALSE(nodes.find(second).has_value());
  EXPECT_EQ(nodes.find(third), (NodeIdentity{7, 5}));
}

}  // namespace
}  // namespace vexfs::daemon

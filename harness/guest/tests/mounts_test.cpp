// SPDX-License-Identifier: MIT
// What needs no mount. Mounting itself is tested in guests: harness/vm/tests.
#include "harness/guest/mounts.h"

#include <sys/mount.h>

#include <gtest/gtest.h>

namespace vexfs::parity::guest {
namespace {

TEST(SplitOptions, TellsFlagsFromData) {
  const auto split = split_options("ro,noatime,mode=ordered,seed=4,rw");
  EXPECT_EQ(split.flags, static_cast<unsigned long>(MS_RDONLY | MS_NOATIME));
  EXPECT_EQ(split.data, "mode=ordered,seed=4");
}

TEST(SplitOptions, NothingGivesNothing) {
  EXPECT_EQ(split_options("").flags, 0u);
  EXPECT_EQ(split_options("").data, "");
}

TEST(Mounts, UnknownTargetIsRefusedWithTheKnownOnes) {
  Mounts mounts;
  const auto reply =
      mounts.mount({.target = "zfs", .device = "/dev/null", .dir = "/tmp", .options = ""});
  EXPECT_EQ(reply["ok"], false);
  EXPECT_NE(reply["error"].get<std::string>().find("kmod, fuse or ext4"), std::string::npos);
}

TEST(Mounts, NothingMountedMeansNoSessionAndNoUmount) {
  Mounts mounts;
  EXPECT_EQ(mounts.session("/mnt"), nullptr);
  EXPECT_EQ(mounts.umount("/mnt")["errno"], EINVAL);
}

}  // namespace
}  // namespace vexfs::parity::guest

// SPDX-License-Identifier: MIT
// Volumes without a fault have no findings.
#include <gtest/gtest.h>

#include "reference/tools/fsck/check_volume.h"
#include "reference/tools/fsck/report.h"
#include "reference/tools/mkfs/format_volume.h"
#include "reference/tools/testing/volume_builder.h"

namespace vexfs::tools {
namespace {

TEST(CheckVolume, FreshVolumeIsClean) {
  const auto findings = check_volume(make_volume(sample_geometry()).value());
  EXPECT_TRUE(findings.all().empty()) << findings_text("fresh", findings);
}

TEST(CheckVolume, VolumeWithEveryKindOfStructureIsClean) {
  const auto findings = check_volume(sample_volume());
  EXPECT_TRUE(findings.all().empty()) << findings_text("sample", findings);
}

TEST(CheckVolume, DirtyVolumeIsCheckedAsItsReplayWouldLeaveIt) {
  const auto findings = check_volume(dirty_sample_volume());
  EXPECT_TRUE(findings.all().empty()) << findings_text("dirty", findings);
}

TEST(CheckVolume, ImageMayBeLongerThanTheVolume) {
  auto image = sample_volume();
  image.resize(image.size() + 3 * kBlockSize + 17);
  EXPECT_TRUE(check_volume(image).clean());
}

TEST(CheckVolume, NothingAtAllIsNoVolume) {
  EXPECT_TRUE(check_volume({}).has("super.unusable"));
  EXPECT_TRUE(check_volume(std::vector<std::byte>(100)).has("super.unusable"));
  EXPECT_TRUE(check_volume(std::vector<std::byte>(1 << 20)).has("super.unusable"));
}

TEST(CheckVolume, ReportHasPathExpectedActualAndRepair) {
  Findings findings;
  findings.error("inode.nlink", "inode 12 › nlink", "2", "1");
  EXPECT_EQ(findings_text("v.img", findings),
            "error: inode 12 › nlink [inode.nlink]\n"
            "    expected: 2\n"
            "    found:    1\n"
            "    repair:   write the counted value\n"
            "v.img: 1 error; nothing was changed\n");
  EXPECT_EQ(findings_json("v.img", Findings()),
            "{\n  \"device\": \"v.img\",\n  \"clean\": true,\n  \"errors\": 0,\n"
            "  \"findings\": []\n}\n");
}

}  // namespace
}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
// Image files that mkfs creates, extends and refuses.
#include "reference/tools/mkfs/target_device.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "reference/tools/mkfs/block_sink.h"
#include "reference/tools/mkfs/format_volume.h"

namespace vexfs::tools {
namespace {

using testing::HasSubstr;

class TargetDeviceTest : public testing::Test {
 protected:
  TargetDeviceTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vexfs-mkfs-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~TargetDeviceTest() override { std::filesystem::remove_all(directory_); }
  std::string path(const std::string& name) const { return directory_ / name; }

  std::filesystem::path directory_;
};

TEST_F(TargetDeviceTest, AMissingFileIsMadeOnlyWhenAsked) {
  const auto missing = TargetDevice::open(path("new"), false);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error(), HasSubstr("give --blocks"));
  auto made = TargetDevice::open(path("new"), true);
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->size(), 0U);
  EXPECT_TRUE(made->extend_to(8192));
  EXPECT_EQ(std::filesystem::file_size(path("new")), 8192U);
}

TEST_F(TargetDeviceTest, AFileIsNeverMadeShorter) {
  std::ofstream(path("old")) << std::string(10000, 'x');
  auto target = TargetDevice::open(path("old"), true);
  EXPECT_TRUE(target->extend_to(4096));
  EXPECT_EQ(std::filesystem::file_size(path("old")), 10000U);
}

TEST_F(TargetDeviceTest, ADirectoryIsRefused) {
  const auto target = TargetDevice::open(directory_.string(), true);
  ASSERT_FALSE(target);
  EXPECT_THAT(target.error(), HasSubstr("neither a file nor a block device"));
}

TEST_F(TargetDeviceTest, AFileGetsTheBytesThatMemoryGets) {
  Geometry geometry;
  geometry.blocks = 1024;
  const auto wanted = make_volume(geometry).value();
  {
    // What was there before must not shine through.
    std::ofstream(path("v.img")) << std::string(wanted.size(), 'x');
    auto target = TargetDevice::open(path("v.img"), true);
    const auto super = make_superblock(geometry).value();
    FileSink sink(target->fd());
    sink.zero(super.data.start * 4096, super.data.blocks * 4096);
    write_volume(sink, super, geometry);
    EXPECT_EQ(sink.error(), 0);
    EXPECT_TRUE(target->sync());
  }
  std::vector<std::byte> written(wanted.size());
  EXPECT_EQ(TargetDevice::open(path("v.img"), false)->read_start(written), written.size());
  EXPECT_TRUE(written == wanted);
}

TEST_F(TargetDeviceTest, AFailedWriteIsRemembered) {
  std::ofstream(path("v.img")) << "x";
  FileSink sink(-1);
  sink.write(0, std::as_bytes(std::span("x")));
  EXPECT_EQ(sink.error(), EBADF);
}

}  // namespace
}  // namespace vexfs::tools

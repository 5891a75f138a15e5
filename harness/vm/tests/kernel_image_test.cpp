// SPDX-License-Identifier: MIT
#include "harness/vm/kernel_image.h"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace vexfs::parity::vm {
namespace {

namespace fs = std::filesystem;

class KernelImages : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::path(testing::TempDir()) / ("images_" + std::to_string(::getpid()));
    fs::create_directories(dir_ / "6.1.0-x");
    std::ofstream(dir_ / "releases") << "6.1 6.1.0-x\n";
    std::ofstream(dir_ / "6.1.0-x" / "vmlinux") << "k";
    std::ofstream(dir_ / "6.1.0-x" / "initramfs.cpio") << "i";
  }
  void TearDown() override { fs::remove_all(dir_); }

  fs::path dir_;
};

TEST_F(KernelImages, AreFoundByFamilyAndByRelease) {
  for (const char* name : {"6.1", "6.1.0-x", ""}) {
    const auto image = find_image(dir_, name);
    ASSERT_TRUE(image.has_value()) << image.error().message;
    EXPECT_EQ(image->release, "6.1.0-x");
    EXPECT_EQ(image->vmlinux, dir_ / "6.1.0-x" / "vmlinux");
  }
}

TEST_F(KernelImages, AnUnknownNameIsToldWithTheKnownOnes) {
  const auto image = find_image(dir_, "5.4");
  ASSERT_FALSE(image.has_value());
  EXPECT_NE(image.error().message.find("there are: 6.1"), std::string::npos);
}

TEST_F(KernelImages, AMissingFileIsToldWithItsMend) {
  fs::remove(dir_ / "6.1.0-x" / "initramfs.cpio");
  const auto image = find_image(dir_, "6.1");
  ASSERT_FALSE(image.has_value());
  EXPECT_NE(image.error().message.find("guest_images"), std::string::npos);
  EXPECT_FALSE(find_image(dir_ / "nothing", "").has_value());
}

}  // namespace
}  // namespace vexfs::parity::vm

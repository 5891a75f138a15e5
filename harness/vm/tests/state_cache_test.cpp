// SPDX-License-Identifier: MIT
#include "harness/vm/state_cache.h"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace vexfs::parity::vm {
namespace {

namespace fs = std::filesystem;

class States : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::path(testing::TempDir()) / ("states_" + std::to_string(::getpid()));
    fs::create_directories(dir_);
    image_ = {.family = "6.1",
              .release = "6.1.0-x",
              .vmlinux = dir_ / "vmlinux",
              .initramfs = dir_ / "initramfs.cpio"};
    put("vmlinux", "kernel");
    put("initramfs.cpio", "agent");
    fs::create_directories(dir_ / "saved");
    put("saved/memory", "state");
  }
  void TearDown() override { fs::remove_all(dir_); }

  void put(const std::string& name, const std::string& content) {
    std::ofstream(dir_ / name) << content;
  }
  std::string fetched() {
    std::string content;
    std::getline(std::ifstream(dir_ / "fetched" / "memory"), content);
    return content;
  }
  bool fetch(const std::string& configuration) {
    return StateCache(image_, configuration).fetch(dir_ / "fetched");
  }

  fs::path dir_;
  KernelImage image_;
};

TEST_F(States, AreFoundAgainWithTheSameImageAndConfiguration) {
  EXPECT_FALSE(fetch("256 MiB"));
  StateCache(image_, "256 MiB").store(dir_ / "saved");
  EXPECT_TRUE(fetch("256 MiB"));
  EXPECT_EQ(fetched(), "state");
  EXPECT_FALSE(fetch("512 MiB"));
}

TEST_F(States, OfAnotherImageAreNotUsedAndSoonForgotten) {
  StateCache(image_, "256 MiB").store(dir_ / "saved");
  put("initramfs.cpio", "newer agent");
  EXPECT_FALSE(fetch("256 MiB"));
  StateCache(image_, "256 MiB").store(dir_ / "saved");
  EXPECT_TRUE(fetch("256 MiB"));
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_ / "states"), {}), 1);
}

TEST_F(States, StoredTwiceStayAsTheyAre) {
  StateCache(image_, "256 MiB").store(dir_ / "saved");
  fs::remove(dir_ / "saved" / "memory");
  put("saved/memory", "of another boot");
  StateCache(image_, "256 MiB").store(dir_ / "saved");
  EXPECT_TRUE(fetch("256 MiB"));
  EXPECT_EQ(fetched(), "state");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_ / "states"), {}), 1);
}

TEST_F(States, StayWhereTheyWereFetchedTo) {
  const StateCache cache(image_, "256 MiB");
  cache.store(dir_ / "saved");
  ASSERT_TRUE(fetch("256 MiB"));
  cache.forget();
  EXPECT_FALSE(cache.fetch(dir_ / "other"));
  EXPECT_EQ(fetched(), "state");
}

}  // namespace
}  // namespace vexfs::parity::vm

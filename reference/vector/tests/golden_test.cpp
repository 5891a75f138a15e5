// SPDX-License-Identifier: MIT
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "reference/vector/golden/generator.h"

namespace vexfs::vectors {
namespace {

// If the law has changed: build vexfs-vector-golden and store what it prints.
TEST(Golden, NumbersAreThoseOfTheFile) {
  std::ifstream file(VEXFS_GOLDEN);
  std::stringstream stored;
  stored << file.rdbuf();
  EXPECT_EQ(golden::document(), stored.str());
}

}  // namespace
}  // namespace vexfs::vectors

// SPDX-License-Identifier: MIT
#include "tools/vexctl/file_names.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

namespace vexfs::ctl {
namespace {

TEST(FileNames, AFileIsFoundByItsInode) {
  std::string name = (std::filesystem::temp_directory_path() / "vexctl-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  for (const char* file : {"a.txt", "b.txt"}) std::ofstream(name + "/" + file) << "x";
  struct stat status{};
  ASSERT_EQ(::stat((name + "/b.txt").c_str(), &status), 0);
  const std::uint64_t id = 1ULL << 63 | status.st_ino;
  // An id without bit 63 is nobody's inode.
  const std::uint64_t ids[] = {id, status.st_ino, 1ULL << 63};
  EXPECT_TRUE(is_file_id(id));
  EXPECT_FALSE(is_file_id(status.st_ino));
  EXPECT_THAT(file_names(name, ids), testing::ElementsAre(testing::Pair(id, "b.txt")));
  EXPECT_TRUE(file_names(name + "/none", ids).empty());
  std::filesystem::remove_all(name);
}

}  // namespace
}  // namespace vexfs::ctl

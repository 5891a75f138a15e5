// SPDX-License-Identifier: MIT
// The three programs as a user runs them: what they print and how they exit.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace vexfs::tools {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct Output {
  int exit_code;
  std::string text;  // both streams
};

class CommandLine : public testing::Test {
 protected:
  CommandLine() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vexfs-tools-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    image_ = directory_ / "v.img";
  }
  ~CommandLine() override { std::filesystem::remove_all(directory_); }

  static Output run(const std::string& program, const std::string& arguments) {
    FILE* pipe = ::popen((program + " " + arguments + " 2>&1").c_str(), "r");
    Output output{-1, ""};
    std::array<char, 4096> buffer;
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
      output.text.append(buffer.data(), size);
    }
    const int status = ::pclose(pipe);
    output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return output;
  }
  static Output mkfs(const std::string& arguments) { return run(VEXFS_MKFS, arguments); }
  static Output fsck(const std::string& arguments) { return run(VEXFS_FSCK, arguments); }
  static Output dump(const std::string& arguments) { return run(VEXFS_DUMP, arguments); }

  void overwrite(std::uint64_t offset, const std::string& bytes) const {
    std::fstream file(image_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
  }

  std::filesystem::path directory_;
  std::string image_;
};

TEST_F(CommandLine, MadeVolumeIsCleanAndCanBePrinted) {
  const Output made = mkfs(image_ + " --blocks 1024 --label mine");
  EXPECT_EQ(made.exit_code, 0) << made.text;
  EXPECT_THAT(made.text, HasSubstr("1024 blocks, 765 for data, 256 inodes, log 226"));
  const Output checked = fsck(image_);
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_THAT(checked.text, EndsWith("v.img: clean\n"));
  const Output printed = dump(image_ + " super --json");
  EXPECT_EQ(nlohmann::json::parse(printed.text)["label"], "mine");
}

TEST_F(CommandLine, MkfsKeepsAnExistingVolumeUnlessForced) {
  ASSERT_EQ(mkfs(image_ + " --blocks 1024 -q --label first").exit_code, 0);
  const Output refused = mkfs(image_ + " --label second");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.text, HasSubstr("already holds vexfs: give --force"));
  EXPECT_THAT(dump(image_).text, HasSubstr("label: first"));
  EXPECT_EQ(mkfs(image_ + " --label second --force").exit_code, 0);
  EXPECT_THAT(dump(image_).text, HasSubstr("label: second"));
}

TEST_F(CommandLine, MkfsLeavesNoFileForAGeometryThatCannotBe) {
  EXPECT_EQ(mkfs(image_ + " --blocks 50").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(image_));
}

TEST_F(CommandLine, SameOptionsAreTheSameBytes) {
  const std::string options = " --blocks 1024 --uuid 00112233445566778899aabbccddeeff -q";
  ASSERT_EQ(mkfs(image_ + options).exit_code, 0);
  ASSERT_EQ(mkfs(image_ + "2" + options).exit_code, 0);
  EXPECT_EQ(run("cmp", image_ + " " + image_ + "2").exit_code, 0);
}

TEST_F(CommandLine, FsckNamesAFaultAndExitsWithFour) {
  ASSERT_EQ(mkfs(image_ + " --blocks 1024 -q").exit_code, 0);
  overwrite(1023 * 4096 + 56, "X");  // the label in the superblock's copy
  const Output checked = fsck(image_);
  EXPECT_EQ(checked.exit_code, 4);
  EXPECT_THAT(checked.text, StartsWith("error: superblock copy @ block 1023 [super.copy]\n"));
  const auto json = nlohmann::json::parse(fsck(image_ + " --json").text);
  EXPECT_EQ(json["clean"], false);
  EXPECT_EQ(json["findings"][0]["rule"], "super.copy");
}

TEST_F(CommandLine, FsckSaysThatItCannotRepair) {
  ASSERT_EQ(mkfs(image_ + " --blocks 1024 -q").exit_code, 0);
  const Output refused = fsck("-y " + image_);
  EXPECT_EQ(refused.exit_code, 16);
  EXPECT_THAT(refused.text, HasSubstr("cannot repair"));
}

TEST_F(CommandLine, UnreadableDeviceIsAnOperationalError) {
  const Output missing = fsck(image_);
  EXPECT_EQ(missing.exit_code, 8);
  EXPECT_THAT(missing.text, HasSubstr("cannot open " + image_ + ": No such file"));
  EXPECT_EQ(dump(image_).exit_code, 1);
}

TEST_F(CommandLine, WrongOptionsAreNamed) {
  EXPECT_THAT(mkfs("--nonsense").text, HasSubstr("--help lists the options"));
  EXPECT_THAT(dump(image_ + " nonsense").text, HasSubstr("super"));
  ASSERT_EQ(mkfs(image_ + " --blocks 1024 -q").exit_code, 0);
  EXPECT_THAT(dump(image_ + " inode").text, HasSubstr("inode wants a number"));
}

}  // namespace
}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
#include "fuse/daemon/options.h"

#include <sys/mount.h>

#include <cerrno>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vexfs::daemon {
namespace {

using testing::HasSubstr;

std::expected<Options, core::Error> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "vexfs-fuse");
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, DeviceAndDirectorySuffice) {
  const auto options = parse({"/dev/vda", "/mnt"});
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->device, "/dev/vda");
  EXPECT_EQ(options->directory, "/mnt");
  EXPECT_FALSE(options->foreground);
  EXPECT_EQ(options->volume.data, core::DataMode::kOrdered);
  EXPECT_EQ(options->volume.commit_seconds, 5U);
  EXPECT_EQ(options->volume.cache_bytes, uint64_t{64} << 20);
  EXPECT_EQ(options->mount_flags, 0U) << "suid and dev are on, as with every other filesystem";
}

TEST(CommandLine, OptionsAsMountPassesThem) {
  const auto options = parse(
      {"/dev/vda", "/mnt", "-f", "-o", "rw,clock=manual,commit=0", "-o", "data=journal,strict"});
  ASSERT_TRUE(options.has_value());
  EXPECT_TRUE(options->foreground);
  EXPECT_TRUE(options->volume.manual_clock);
  EXPECT_TRUE(options->volume.strict);
  EXPECT_EQ(options->volume.commit_seconds, 0U);
  EXPECT_EQ(options->volume.data, core::DataMode::kJournal);
}

TEST(CommandLine, LaterOptionCounts) {
  const auto options = parse({"d", "m", "-o", "ro,nosuid,data=journal,rw,suid,data=ordered"});
  ASSERT_TRUE(options.has_value());
  EXPECT_FALSE(options->volume.read_only);
  EXPECT_EQ(options->mount_flags, 0U);
  EXPECT_EQ(options->volume.data, core::DataMode::kOrdered);
}

TEST(CommandLine, ReadOnlyReachesVolumeAndVfs) {
  const auto options = parse({"d", "m", "-o", "ro,nodev"});
  ASSERT_TRUE(options.has_value());
  EXPECT_TRUE(options->volume.read_only);
  EXPECT_EQ(options->mount_flags, static_cast<unsigned long>(MS_RDONLY | MS_NODEV));
}

TEST(CommandLine, MissingDirectoryIsRefused) {
  const auto options = parse({"/dev/vda"});
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().number, EINVAL);
  EXPECT_THAT(options.error().message, HasSubstr("DIR"));
}

class RefusedOption : public testing::TestWithParam<const char*> {};

TEST_P(RefusedOption, NamesTheOption) {
  const auto options = parse({"d", "m", "-o", GetParam()});
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().number, EINVAL);
  EXPECT_THAT(options.error().message, HasSubstr(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Options, RefusedOption,
                         testing::Values("colour=blue", "quota", "data=fast", "data=", "clock=wall",
                                         "commit=soon", "commit=-1", "commit=3s", "cache=0",
                                         "cache=999999999999999999999", "strict=yes",
                                         "fault=no_such"));

}  // namespace
}  // namespace vexfs::daemon

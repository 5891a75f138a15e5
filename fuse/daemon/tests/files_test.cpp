// SPDX-License-Identifier: MIT
// Regular files through system calls.
#include <sys/mman.h>

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fuse/daemon/tests/mounted_volume.h"

namespace vexfs::daemon {
namespace {

using Files = MountedVolume;

constexpr off_t kLargest = off_t{1} << 44;

std::string pattern(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>('a' + (i * 7 + i / 4096) % 26);
  }
  return bytes;
}

TEST_F(Files, ReadBackWhatWasWrittenAfterAMount) {
  const std::string bytes = pattern(3 << 20);
  write_file("file", bytes);
  remount();
  EXPECT_TRUE(read_file("file") == bytes);
  EXPECT_EQ(stat_of("file").st_size, 3 << 20);
  EXPECT_GE(stat_of("file").st_blocks, 3 << 11);
}

TEST_F(Files, OneUnalignedWriteOfMoreThanARequestHolds) {
  const std::string bytes = pattern((2 << 20) + 5);
  {
    const UniqueFd file = open_file("file", O_WRONLY | O_CREAT);
    EXPECT_EQ(pwrite(file.get(), bytes.data(), bytes.size(), 1),
              static_cast<ssize_t>(bytes.size()));
  }
  remount();
  EXPECT_TRUE(read_file("file") == '\0' + bytes);
}

TEST_F(Files, HolesReadAsZerosAndTakeNoBlocks) {
  const UniqueFd file = open_file("file", O_RDWR | O_CREAT);
  ASSERT_EQ(pwrite(file.get(), "end", 3, 1 << 20), 3);
  EXPECT_EQ(stat_of("file").st_blocks, 8);
  EXPECT_TRUE(read_file("file") == std::string(1 << 20, '\0') + "end");
}

TEST_F(Files, AppendGoesToTheEnd) {
  write_file("file", "one ");
  const UniqueFd file = open_file("file", O_WRONLY | O_APPEND);
  ASSERT_EQ(write(file.get(), "two", 3), 3);
  EXPECT_EQ(read_file("file"), "one two");
}

TEST_F(Files, OpenWithTruncationEmptiesAndNeedsOneRequest) {
  write_file("file", pattern(10000));
  const auto before = stats();
  {
    const UniqueFd file = open_file("file", O_WRONLY | O_TRUNC);
  }
  auto after = stats();
  EXPECT_EQ(stat_of("file").st_size, 0);
  EXPECT_EQ(after["requests.setattr"],
            before.contains("requests.setattr") ? before.at("requests.setattr") : 0)
      << "the truncation comes with the open";
}

TEST_F(Files, ShrunkAndGrownFileHasZerosInBetween) {
  write_file("file", pattern(9000));
  ASSERT_EQ(truncate(path("file").c_str(), 5000), 0);
  ASSERT_EQ(truncate(path("file").c_str(), 9000), 0);
  remount();
  EXPECT_TRUE(read_file("file") == pattern(9000).substr(0, 5000) + std::string(4000, '\0'));
}

TEST_F(Files, UnlinkedFileLivesUntilItIsClosed) {
  const UniqueFd file = open_file("file", O_RDWR | O_CREAT);
  ASSERT_EQ(write(file.get(), "still here", 10), 10);
  ASSERT_EQ(unlink(path("file").c_str()), 0);
  ASSERT_EQ(control("sync"), 0) << "a sync point must not reclaim an open file";
  std::string bytes(10, '\0');
  EXPECT_EQ(pread(file.get(), bytes.data(), 10, 0), 10);
  EXPECT_EQ(bytes, "still here");
  struct stat result{};
  ASSERT_EQ(fstat(file.get(), &result), 0);
  EXPECT_EQ(result.st_nlink, 0U);
}

TEST_F(Files, RenamedOpenFileIsTheSameFile) {
  const UniqueFd file = open_file("before", O_RDWR | O_CREAT);
  ASSERT_EQ(rename(path("before").c_str(), path("after").c_str()), 0);
  ASSERT_EQ(write(file.get(), "x", 1), 1);
  EXPECT_EQ(read_file("after"), "x");
}

TEST_F(Files, NothingBeginsAtSixteenTebibytes) {
  const UniqueFd file = open_file("file", O_RDWR | O_CREAT);
  EXPECT_EQ(error_of(pwrite(file.get(), "x", 1, kLargest)), EFBIG);
  EXPECT_EQ(error_of(ftruncate(file.get(), kLargest + 1)), EFBIG);
  EXPECT_EQ(ftruncate(file.get(), kLargest), 0);
  EXPECT_EQ(stat_of("file").st_size, kLargest);
}

TEST_F(Files, WriteAcrossTheLimitIsCutShort) {
  const UniqueFd file = open_file("file", O_RDWR | O_CREAT);
  EXPECT_EQ(pwrite(file.get(), "0123456789", 10, kLargest - 4), 4);
}

TEST_F(Files, FullVolumeCutsShortAndThenRefuses) {
  const UniqueFd file = open_file("file", O_RDWR | O_CREAT);
  const std::string bytes = pattern(1 << 20);
  ssize_t got = 0;
  size_t total = 0;
  while ((got = write(file.get(), bytes.data(), bytes.size())) > 0) {
    total += static_cast<size_t>(got);
  }
  EXPECT_EQ(error_of(got), ENOSPC);
  EXPECT_GT(total, size_t{8} << 20);
  EXPECT_EQ(stat_of("file").st_size, static_cast<off_t>(total));
  ASSERT_EQ(ftruncate(file.get(), 0), 0);
  EXPECT_EQ(pwrite(file.get(), bytes.data(), bytes.size(), 0), 1 << 20);
}

TEST_F(Files, MappedStoresReachTheVolume) {
  write_file("file", std::string(8192, 'a'));
  {
    const UniqueFd file = open_file("file", O_RDWR);
    void* mapped = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    ASSERT_NE(mapped, MAP_FAILED);
    static_cast<char*>(mapped)[5000] = 'b';
    EXPECT_EQ(msync(mapped, 8192, MS_SYNC), 0);
    munmap(mapped, 8192);
  }
  remount();
  EXPECT_EQ(read_file("file").at(5000), 'b');
}

TEST_F(Files, WhatVexfsDoesNotHaveIsRefused) {
  write_file("file", "x");
  const UniqueFd file = open_file("file", O_RDWR);
  EXPECT_EQ(error_of(fallocate(file.get(), 0, 0, 4096)), EOPNOTSUPP);
  EXPECT_EQ(error_of(open(directory().c_str(), O_TMPFILE | O_RDWR, 0600)), EOPNOTSUPP);
}

TEST_F(Files, SyncedDataIsInTheImageBeforeTheUnmount) {
  const UniqueFd file = open_file("file", O_RDWR | O_CREAT);
  ASSERT_EQ(write(file.get(), "durable", 7), 7);
  EXPECT_EQ(fsync(file.get()), 0);
  EXPECT_EQ(fdatasync(file.get()), 0);
}

}  // namespace
}  // namespace vexfs::daemon

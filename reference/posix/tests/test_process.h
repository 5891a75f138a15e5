// SPDX-License-Identifier: MIT
// A process on a small volume of the reference model.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "reference/model/tests/test_volume.h"
#include "reference/posix/process.h"

namespace vexfs::posix::test {

inline const Credentials kRoot{};
inline const Credentials kUser{1000, 1000, {}};
inline const Credentials kOther{2000, 2000, {3000}};

inline constexpr OpenFlags kRead{.read = true};
inline constexpr OpenFlags kReadWrite{.read = true, .write = true};
inline constexpr OpenFlags kCreate{.read = true, .write = true, .create = true};

/// The errno of a result, 0 for success.
template <typename T>
int errno_of(const Result<T>& result) {
  return result ? 0 : result.error();
}

class OnVolume : public testing::Test {
 protected:
  /// An empty file.
  void make(std::string_view path, std::uint32_t mode = 0644, const Credentials& who = kRoot) {
    ASSERT_EQ(errno_of(process_.mknod(who, path, 0100000 | mode, 0)), 0) << path;
  }
  void make_directory(std::string_view path, std::uint32_t mode = 0755,
                      const Credentials& who = kRoot) {
    ASSERT_EQ(errno_of(process_.mkdir(who, path, 0)), 0) << path;
    ASSERT_EQ(errno_of(process_.chmod(kRoot, path, mode)), 0) << path;
  }
  int open(const std::string& handle, std::string_view path, OpenFlags flags = kReadWrite,
           const Credentials& who = kRoot, std::uint32_t mode = 0644) {
    return errno_of(process_.open(who, handle, path, flags, mode));
  }
  int write(const std::string& handle, std::int64_t offset, std::string_view text,
            const Credentials& who = kRoot) {
    return errno_of(process_.write(who, handle, offset, std::as_bytes(std::span(text))));
  }
  std::string read(const std::string& handle) {
    const auto bytes = process_.read(handle, 0, 1 << 20);
    EXPECT_TRUE(bytes);
    if (!bytes) return {};
    return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  }
  Attr stat(std::string_view path) {
    const auto attr = process_.stat(kRoot, path, false);
    EXPECT_TRUE(attr) << path;
    return attr.value_or(Attr{});
  }
  std::uint32_t mode(std::string_view path) { return stat(path).mode & 07777; }

  model::test::TestVolume volume_;
  Process process_{*volume_};
};

}  // namespace vexfs::posix::test

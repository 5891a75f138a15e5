// SPDX-License-Identifier: MIT
// Random histories on small volumes, compared step by step with a map in memory; fsck.vexfs judges
// what is left.
#include <cerrno>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "fuse/core/tests/test_volume.h"

namespace vexfs::core::testing {
namespace {

/** Files of two directories, by name, with their contents. */
class History {
 public:
  History(Volume& volume, uint32_t seed) : volume_(volume), random_(seed) {
    directories_[0] = VEXFS_ROOT_INO;
    directories_[1] = make_directory(volume, "sub");
  }

  void step() {
    switch (pick(9)) {
      case 0:
      case 1:
        return create();
      case 2:
      case 3:
      case 4:
        return write();
      case 5:
        return truncate();
      case 6:
        return unlink();
      case 7:
        return rename();
      default:
        return sync();
    }
  }

  void compare() {
    for (const auto& [name, text] : files_) {
      const auto found = volume_.lookup(name.first, name.second);
      ASSERT_TRUE(found) << name.second;
      ASSERT_TRUE(contents(volume_, found->ino) == text) << name.second;
    }
  }

 private:
  using Name = std::pair<InodeNumber, std::string>;

  uint32_t pick(uint32_t below) { return static_cast<uint32_t>(random_() % below); }
  Name any_name() {
    return {directories_[pick(2)], std::string(1 + pick(3) * 60, static_cast<char>('a' + pick(9)))};
  }
  std::map<Name, std::string>::iterator any_file() {
    if (files_.empty()) return files_.end();
    return std::next(files_.begin(), pick(static_cast<uint32_t>(files_.size())));
  }
  InodeNumber ino_of(const Name& name) {
    const auto found = volume_.lookup(name.first, name.second);
    EXPECT_TRUE(found);
    return found ? found->ino : 0;
  }

  void create() {
    const Name name = any_name();
    const auto made = volume_.mknod(name.first, name.second, {.mode = 0100644});
    if (files_.contains(name)) {
      ASSERT_EQ(error_of(made), EEXIST);
    } else if (made) {
      files_[name] = "";
    } else {
      ASSERT_EQ(made.error(), ENOSPC);
    }
  }
  void write() {
    const auto file = any_file();
    if (file == files_.end()) return;
    const uint64_t offset = pick(3) == 0 ? pick(400000) : pick(20000);
    const std::string text(1 + pick(9000), static_cast<char>('A' + pick(26)));
    const auto written =
        volume_.write(ino_of(file->first), offset, std::as_bytes(std::span(text)), false);
    if (!written) {
      ASSERT_EQ(written.error(), ENOSPC);
      return;
    }
    std::string& expected = file->second;
    if (expected.size() < offset + *written) expected.resize(offset + *written, '\0');
    expected.replace(offset, *written, text, 0, *written);
  }
  void truncate() {
    const auto file = any_file();
    if (file == files_.end()) return;
    const uint64_t size = pick(2) == 0 ? pick(5000) : pick(400000);
    ASSERT_TRUE(volume_.setattr(ino_of(file->first), {.size = size}));
    file->second.resize(size, '\0');
  }
  void unlink() {
    const auto file = any_file();
    if (file == files_.end()) return;
    ASSERT_EQ(error_of(volume_.unlink(file->first.first, file->first.second)), 0);
    files_.erase(file);
  }
  void rename() {
    const auto file = any_file();
    if (file == files_.end()) return;
    const Name to = any_name();
    const auto renamed =
        volume_.rename(file->first.first, file->first.second, to.first, to.second, 0);
    if (!renamed) {
      ASSERT_EQ(renamed.error(), ENOSPC);
      return;
    }
    if (to == file->first) return;
    std::string text = std::move(file->second);
    files_.erase(file);
    files_[to] = std::move(text);
  }
  void sync() { ASSERT_EQ(error_of(pick(4) == 0 ? volume_.checkpoint() : volume_.sync()), 0); }

  Volume& volume_;
  std::mt19937 random_;
  InodeNumber directories_[2];
  std::map<Name, std::string> files_;
};

class RandomHistory : public ::testing::TestWithParam<std::tuple<DataMode, uint32_t>> {};

TEST_P(RandomHistory, ReadsBackAndLeavesAVolumeWithoutFindings) {
  MountOptions options = manual();
  options.data = std::get<0>(GetParam());
  options.strict = true;
  options.cache_bytes = 1 << 20;
  Image image = make_image(small());
  auto volume = mount(image, options);
  ASSERT_TRUE(volume);
  History history(*volume, std::get<1>(GetParam()));
  for (int i = 0; i < 1500 && !HasFatalFailure(); ++i) {
    history.step();
    if (i % 300 == 299) history.compare();
  }
  ASSERT_EQ(error_of(volume->unmount()), 0);
  EXPECT_EQ(fsck(image), "");
  const Image unmounted = image;
  volume = mount(image, options);
  ASSERT_EQ(error_of(volume->unmount()), 0);
  EXPECT_EQ(image, unmounted) << "a clean mount and unmount changes no byte";
}

INSTANTIATE_TEST_SUITE_P(Modes, RandomHistory,
                         ::testing::Combine(::testing::Values(DataMode::kOrdered,
                                                              DataMode::kWriteback,
                                                              DataMode::kJournal),
                                            ::testing::Values(1U, 2U, 3U, 4U)));

}  // namespace
}  // namespace vexfs::core::testing

// SPDX-License-Identifier: MIT
// Power may fail after any write, and writes that no flush has confirmed may be lost in any
// combination: every state mounts, has no findings, and holds a prefix of the history that includes
// the last completed sync point.
#include <random>

#include <gtest/gtest.h>

#include "fuse/core/tests/test_volume.h"

namespace vexfs::core::testing {
namespace {

/** What is visible: the names of the root, in order, with sizes. */
using View = std::vector<std::pair<std::string, uint64_t>>;

View view_of(Volume& volume) {
  View view;
  const auto listed = volume.readdir(VEXFS_ROOT_INO, 2, true, [&](const DirectoryEntry& entry) {
    EXPECT_TRUE(entry.attributes) << entry.name;
    view.emplace_back(entry.name, entry.attributes ? entry.attributes->size : 0);
    return true;
  });
  EXPECT_TRUE(listed);
  return view;
}

/** The state of the volume after each unit-sized step, and at which device write a sync point was
 * complete. */
struct Recorded {
  Image before;
  std::vector<RecordingDevice::Write> writes;
  std::vector<View> views;
  /** For each completed sync point: number of device writes then, index of the view then. */
  std::vector<std::pair<size_t, size_t>> durable;
};

/** Creates, writes, truncates, unlinks and renames in the root; a sync point now and then. */
void one_step(Volume& volume, std::mt19937& random) {
  const std::string name(1 + random() % 2, static_cast<char>('a' + random() % 8));
  const auto found = volume.lookup(VEXFS_ROOT_INO, name);
  const uint32_t what = random() % 8;
  if (!found) {
    make_file(volume, name);
  } else if (what < 3) {
    put_block(volume, found->ino, random() % 30);
  } else if (what == 3) {
    ASSERT_TRUE(volume.setattr(found->ino, {.size = random() % 90000}));
  } else if (what < 6) {
    ASSERT_EQ(error_of(volume.unlink(VEXFS_ROOT_INO, name)), 0);
  } else {
    ASSERT_EQ(error_of(volume.rename(VEXFS_ROOT_INO, name, VEXFS_ROOT_INO, name + "r", 0)), 0);
  }
}

Recorded record(const MountOptions& options, uint32_t seed, int steps) {
  Recorded recorded;
  recorded.before = make_image(small());
  RecordingDevice device(recorded.before);
  auto volume = Volume::open(std::make_unique<BorrowedDevice>(device), options);
  EXPECT_TRUE(volume);
  std::mt19937 random(seed);
  recorded.views.push_back(view_of(**volume));
  recorded.durable.emplace_back(0, 0);
  for (int i = 0; i < steps; ++i) {
    one_step(**volume, random);
    recorded.views.push_back(view_of(**volume));
    if (random() % 6 != 0) continue;
    EXPECT_EQ(error_of((*volume)->sync()), 0);
    recorded.durable.emplace_back(device.writes.size(), recorded.views.size() - 1);
  }
  EXPECT_EQ(error_of((*volume)->unmount()), 0);
  recorded.durable.emplace_back(device.writes.size(), recorded.views.size() - 1);
  recorded.writes = std::move(device.writes);
  return recorded;
}

void store(Image& image, const RecordingDevice::Write& write) {
  std::copy(write.bytes.begin(), write.bytes.end(),
            image.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

/** Recovers a crash state and finds its view among those from the last durable one on. */
void judge(const Recorded& recorded, Image state, size_t writes_done, const MountOptions& options,
           bool with_fsck) {
  auto volume = mount(state, options);
  ASSERT_TRUE(volume);
  const View view = view_of(*volume);
  ASSERT_EQ(error_of(volume->unmount()), 0);
  size_t from = 0;
  for (const auto& [writes, index] : recorded.durable) {
    if (writes <= writes_done) from = index;
  }
  bool known = false;
  for (size_t i = from; i < recorded.views.size(); ++i) known |= recorded.views[i] == view;
  // A truncation in pieces or an append may show between two steps; names then still are those of a
  // step.
  if (!known) {
    for (size_t i = from; i < recorded.views.size() && !known; ++i) {
      known = std::ranges::equal(recorded.views[i], view, {}, &View::value_type::first,
                                 &View::value_type::first);
    }
  }
  ASSERT_TRUE(known) << "after write " << writes_done;
  if (with_fsck) {
    ASSERT_EQ(fsck(state), "") << "after write " << writes_done;
  }
}

class Crash : public ::testing::TestWithParam<DataMode> {};

TEST_P(Crash, AfterAnyWriteThePrefixIsThere) {
  MountOptions options = manual();
  options.data = GetParam();
  const Recorded recorded = record(options, 7, 400);
  Image state = recorded.before;
  for (size_t i = 0; i < recorded.writes.size() && !HasFatalFailure(); ++i) {
    store(state, recorded.writes[i]);
    judge(recorded, state, i + 1, options, i % 10 == 0);
  }
}

TEST_P(Crash, UnflushedWritesMayBeLostInAnyCombination) {
  MountOptions options = manual();
  options.data = GetParam();
  const Recorded recorded = record(options, 11, 300);
  std::mt19937 random(3);
  Image flushed = recorded.before;
  size_t first = 0;
  for (size_t i = 0; i < recorded.writes.size() && !HasFatalFailure(); ++i) {
    while (recorded.writes[first].flushes < recorded.writes[i].flushes) {
      store(flushed, recorded.writes[first++]);
    }
    Image state = flushed;
    for (size_t k = first; k <= i; ++k) {
      if (random() % 2 == 0) store(state, recorded.writes[k]);
    }
    // Only what was confirmed by a flush counts as durable.
    judge(recorded, state, first, options, i % 10 == 0);
  }
}

TEST_P(Crash, RecoveryMayCrashToo) {
  MountOptions options = manual();
  options.data = GetParam();
  const Recorded recorded = record(options, 13, 120);
  Image state = recorded.before;
  const size_t half = recorded.writes.size() / 2;
  for (size_t i = 0; i < half; ++i) store(state, recorded.writes[i]);
  RecordingDevice device(state);
  ASSERT_TRUE(Volume::open(std::make_unique<BorrowedDevice>(device), options));
  for (size_t i = 0; i < device.writes.size() && !HasFatalFailure(); ++i) {
    store(state, device.writes[i]);
    judge(recorded, state, half, options, true);
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, Crash,
                         ::testing::Values(DataMode::kOrdered, DataMode::kWriteback,
                                           DataMode::kJournal));

TEST(Recovery, ASecondOneChangesNoByte) {
  Image image = make_image(small());
  auto volume = mount(image);
  const InodeNumber ino = make_file(*volume, "file");
  put_block(*volume, ino, 3);
  ASSERT_EQ(error_of(volume->sync()), 0);
  volume.reset();  // a crash: nothing is brought home
  ASSERT_TRUE(mount(image));
  const Image recovered = image;
  EXPECT_NE(anchor_of(image).flags & VEXFS_ANCHOR_CLEAN, 0U);
  EXPECT_EQ(anchor_of(image).epoch, 2U);
  ASSERT_TRUE(mount(image));
  EXPECT_EQ(image, recovered);
}

TEST(Recovery, ReclaimsAnUnlinkedFileThatWasOpen) {
  Image image = make_image(small());
  auto volume = mount(image);
  const auto file = volume->create(VEXFS_ROOT_INO, "file", {.mode = 0644});
  ASSERT_TRUE(file);
  for (uint64_t lblk = 0; lblk < 30; lblk += 2) put_block(*volume, file->ino, lblk);
  ASSERT_EQ(error_of(volume->unlink(VEXFS_ROOT_INO, "file")), 0);
  ASSERT_EQ(error_of(volume->sync()), 0);
  EXPECT_TRUE(volume->getattr(file->ino)) << "open files live on";
  volume.reset();
  volume = mount(image);
  EXPECT_EQ(error_of(volume->getattr(file->ino)), ESTALE);
  EXPECT_EQ(volume->statfs().free_inodes, 63U);
  volume.reset();
  EXPECT_EQ(fsck(image), "");
}

TEST(Recovery, AReadOnlyMountReplaysInMemoryAndWritesNothing) {
  for (const DataMode data : {DataMode::kOrdered, DataMode::kJournal}) {
    MountOptions options = manual();
    options.data = data;
    Image image = make_image(small());
    auto volume = mount(image, options);
    const InodeNumber ino = make_file(*volume, "file");
    put(*volume, ino, 100, "content");
    ASSERT_EQ(error_of(volume->sync()), 0);
    volume.reset();
    const Image crashed = image;
    options.read_only = true;
    volume = mount(image, options);
    ASSERT_TRUE(volume->lookup(VEXFS_ROOT_INO, "file"));
    EXPECT_EQ(contents(*volume, ino).substr(100), "content");
    EXPECT_EQ(error_of(volume->mknod(VEXFS_ROOT_INO, "other", {.mode = 0100644})), EROFS);
    EXPECT_EQ(error_of(volume->sync()), 0);
    ASSERT_EQ(error_of(volume->unmount()), 0);
    EXPECT_EQ(image, crashed);
  }
}

TEST(Failure, AFailedLogWriteTurnsTheVolumeReadOnlyAtTheNextSyncPoint) {
  RecordingDevice device(make_image(small()));
  auto volume = Volume::open(std::make_unique<BorrowedDevice>(device), manual());
  ASSERT_TRUE(volume);
  make_file(**volume, "before");
  device.before_write = [](uint64_t, size_t) { return EIO; };
  EXPECT_EQ(error_of((*volume)->sync()), EIO);
  EXPECT_EQ(error_of((*volume)->mknod(VEXFS_ROOT_INO, "after", {.mode = 0100644})), EROFS);
  EXPECT_EQ(error_of((*volume)->sync()), EIO);
  EXPECT_TRUE((*volume)->lookup(VEXFS_ROOT_INO, "before"));
}

}  // namespace
}  // namespace vexfs::core::testing

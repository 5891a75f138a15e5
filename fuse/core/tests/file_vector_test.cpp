// SPDX-License-Identifier: MIT
// Vectors of files (docs/vectors.md): the attribute, and what becomes of it when names come and go.
#include <linux/fs.h>
#include <sys/xattr.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "fuse/core/tests/collection_volume.h"
#include "reference/contract/event.h"

namespace vexfs::core::testing {
namespace {

class FileVectors : public CollectionTest {
 protected:
  void SetUp() override {
    CollectionTest::SetUp();
    file_ = make_file(*volume_, "f", directory_);
  }

  static Image value(uint64_t seed) {
    Image bytes;
    for (const float x : vector_of(seed)) append(bytes, x);
    return bytes;
  }
  int attach(InodeNumber ino, uint64_t seed, int flags = 0) {
    return error_of(volume_->set_vector(ino, value(seed), flags));
  }
  static uint64_t id_of(InodeNumber ino) { return VEXFS_ID_FILE | ino; }
  bool has(InodeNumber ino) {
    const auto has = volume_->has_vector(ino);
    EXPECT_TRUE(has);
    return has && *has;
  }
  /** Types of all events since `position`, and where the next will be. */
  std::vector<uint16_t> events_since(uint64_t& position) {
    EXPECT_EQ(error_of(volume_->sync()), 0);
    std::vector<uint16_t> types;
    Image bytes(volume_->readable_head() - position);
    EXPECT_EQ(volume_->read_events(position, bytes).value_or(0), bytes.size());
    for (size_t at = 0; at < bytes.size();) {
      vexfs_event event;
      std::memcpy(&event, bytes.data() + at, sizeof event);
      if (event.length == 0) {  // padding before the next block
        at = (position + at + 4096) / 4096 * 4096 - position;
        continue;
      }
      types.push_back(event.type);
      at += event.length;
    }
    position += bytes.size();
    return types;
  }
  uint64_t event_position() {
    EXPECT_EQ(error_of(volume_->sync()), 0);
    return volume_->readable_head();
  }

  InodeNumber file_ = 0;
};

using Types = std::vector<uint16_t>;

TEST_F(FileVectors, AreVectorsLikeAllOthers) {
  put(7, 7);
  ASSERT_EQ(attach(file_, 101), 0);
  EXPECT_EQ(*volume_->vector(file_), value(101));
  EXPECT_EQ(ids(), (std::vector<uint64_t>{7, id_of(file_)}));
  const Image reply = search(101, 1);
  EXPECT_EQ(part<vexfs_answer>(reply, reply.size() - sizeof(vexfs_answer)).id, id_of(file_));
  remount();
  EXPECT_EQ(*volume_->vector(file_), value(101));
  EXPECT_EQ(search(101, 1), reply);
}

TEST_F(FileVectors, AreReplacedAndTaken) {
  uint64_t position = event_position();
  ASSERT_EQ(error_of(volume_->set_clock(3'000'000'000)), 0);
  EXPECT_EQ(attach(file_, 1, XATTR_REPLACE), ENODATA);
  EXPECT_EQ(attach(file_, 1, XATTR_CREATE), 0);
  EXPECT_EQ(volume_->getattr(file_)->ctime.seconds, 3);
  EXPECT_EQ(volume_->getattr(file_)->mtime.seconds, 0);
  EXPECT_EQ(attach(file_, 2, XATTR_CREATE), EEXIST);
  EXPECT_EQ(attach(file_, 2, XATTR_REPLACE), 0);
  EXPECT_EQ(*volume_->vector(file_), value(2));
  EXPECT_EQ(error_of(volume_->remove_vector(file_)), 0);
  EXPECT_EQ(error_of(volume_->remove_vector(file_)), ENODATA);
  EXPECT_EQ(volume_->vector(file_).error(), ENODATA);
  EXPECT_FALSE(has(file_));
  EXPECT_EQ(events_since(position),
            (Types{VEXFS_EV_VECTOR_CREATE, VEXFS_EV_VECTOR_UPDATE, VEXFS_EV_VECTOR_DELETE}));
}

TEST_F(FileVectors, AreRefusedInTheOrderOfTheDocument) {
  const Image bad(5);
  const InodeNumber outside = make_file(*volume_, "outside");
  EXPECT_EQ(attach(directory_, 1), EOPNOTSUPP);
  EXPECT_EQ(attach(outside, 1), EOPNOTSUPP);
  EXPECT_EQ(error_of(volume_->remove_vector(directory_)), ENODATA);
  EXPECT_EQ(error_of(volume_->set_vector(file_, bad, XATTR_REPLACE)), ENODATA);
  EXPECT_EQ(error_of(volume_->set_vector(file_, bad, 0)), EINVAL);
  Image infinite = value(1);
  infinite[3] = std::byte{0x7f};
  infinite[2] = std::byte{0x80};
  EXPECT_EQ(error_of(volume_->set_vector(file_, infinite, 0)), EINVAL);
  ASSERT_EQ(error_of(volume_->link(file_, VEXFS_ROOT_INO, "second")), 0);
  EXPECT_EQ(error_of(volume_->set_vector(file_, bad, 0)), EMLINK);
  ASSERT_EQ(error_of(volume_->unlink(VEXFS_ROOT_INO, "second")), 0);
  ASSERT_EQ(error_of(volume_->open_inode(file_)), 0);
  ASSERT_EQ(error_of(volume_->unlink(directory_, "f")), 0);
  EXPECT_EQ(error_of(volume_->set_vector(file_, bad, 0)), ENOENT);
  volume_->release(file_);
}

TEST_F(FileVectors, GoWithTheLastLink) {
  const InodeNumber other = make_file(*volume_, "g", directory_);
  ASSERT_EQ(attach(file_, 1), 0);
  ASSERT_EQ(attach(other, 2), 0);
  ASSERT_EQ(error_of(volume_->link(file_, directory_, "second")), 0);
  uint64_t position = event_position();
  ASSERT_EQ(error_of(volume_->unlink(directory_, "second")), 0);
  EXPECT_EQ(events_since(position), Types{VEXFS_EV_DELETE});
  EXPECT_TRUE(has(file_));
  ASSERT_EQ(error_of(volume_->open_inode(file_)), 0);
  ASSERT_EQ(error_of(volume_->unlink(directory_, "f")), 0);
  EXPECT_EQ(events_since(position), (Types{VEXFS_EV_DELETE, VEXFS_EV_VECTOR_DELETE}));
  EXPECT_EQ(volume_->vector(file_).error(), ENODATA) << "although it is open";
  EXPECT_EQ(ids(), std::vector<uint64_t>{id_of(other)});
  volume_->release(file_);

  make_file(*volume_, "h", directory_);
  position = event_position();
  ASSERT_EQ(error_of(volume_->rename(directory_, "h", directory_, "g", 0)), 0);
  EXPECT_EQ(events_since(position), (Types{VEXFS_EV_RENAME, VEXFS_EV_VECTOR_DELETE}));
  EXPECT_EQ(ids(), std::vector<uint64_t>{});
}

TEST_F(FileVectors, KeepTheirFilesInTheCollection) {
  const InodeNumber outside = make_file(*volume_, "outside");
  const auto rename = [&](InodeNumber from, const char* old_name, InodeNumber to,
                          const char* new_name, uint32_t flags = 0) {
    return error_of(volume_->rename(from, old_name, to, new_name, flags));
  };
  make_file(*volume_, "plain", directory_);
  EXPECT_EQ(rename(directory_, "plain", VEXFS_ROOT_INO, "plain"), 0) << "it has no vector";
  ASSERT_EQ(attach(file_, 1), 0);
  EXPECT_EQ(rename(directory_, "f", VEXFS_ROOT_INO, "g"), EXDEV);
  EXPECT_EQ(rename(directory_, "f", VEXFS_ROOT_INO, "outside", RENAME_EXCHANGE), EXDEV);
  EXPECT_EQ(rename(VEXFS_ROOT_INO, "outside", directory_, "f", RENAME_EXCHANGE), EXDEV);
  EXPECT_EQ(error_of(volume_->link(file_, VEXFS_ROOT_INO, "g")), EXDEV);
  EXPECT_EQ(error_of(volume_->link(file_, directory_, "g")), 0);
  EXPECT_EQ(rename(directory_, "f", directory_, "h"), 0);
  EXPECT_EQ(rename(VEXFS_ROOT_INO, "outside", directory_, "h", 0), 0) << "not the last link";
  EXPECT_TRUE(has(file_));
  EXPECT_EQ(rename(directory_, "h", directory_, "g", RENAME_EXCHANGE), 0);
  EXPECT_FALSE(has(outside));
  EXPECT_EQ(rename(VEXFS_ROOT_INO, "c", VEXFS_ROOT_INO, "moved"), 0);
  EXPECT_TRUE(has(file_)) << "the directory moved, not the file";
}

TEST_F(FileVectors, FollowTheHomeOfAFileThatIsNamedElsewhere) {
  ASSERT_EQ(error_of(volume_->link(file_, VEXFS_ROOT_INO, "away")), 0);
  ASSERT_EQ(error_of(volume_->unlink(directory_, "f")), 0);
  ASSERT_EQ(attach(file_, 1), 0);
  EXPECT_EQ(ids(), std::vector<uint64_t>{id_of(file_)});
  EXPECT_EQ(error_of(volume_->rename(VEXFS_ROOT_INO, "away", VEXFS_ROOT_INO, "b", 0)), EXDEV);
  EXPECT_EQ(error_of(volume_->rename(VEXFS_ROOT_INO, "away", directory_, "b", 0)), 0);
  ASSERT_EQ(error_of(volume_->unlink(directory_, "b")), 0);
  EXPECT_EQ(ids(), std::vector<uint64_t>{});
}

TEST_F(FileVectors, AreDeletedButNotPutByTheDoor) {
  ASSERT_EQ(attach(file_, 1), 0);
  EXPECT_EQ(part<vexfs_reply>(put(id_of(file_), 2), 0).status, uint32_t{EINVAL});
  EXPECT_EQ(part<vexfs_update_reply>(erase(id_of(file_)), sizeof(vexfs_reply)).changed, 1U);
  EXPECT_FALSE(has(file_));
  EXPECT_EQ(error_of(volume_->rename(directory_, "f", VEXFS_ROOT_INO, "g", 0)), 0);
  EXPECT_EQ(attach(file_, 1), EOPNOTSUPP);
}

TEST_F(FileVectors, EndWithTheCollection) {
  ASSERT_EQ(attach(file_, 1), 0);
  ASSERT_EQ(error_of(volume_->remove_collection(directory_)), 0);
  EXPECT_FALSE(has(file_));
  EXPECT_EQ(attach(file_, 1), EOPNOTSUPP);
  ASSERT_EQ(error_of(volume_->set_collection(directory_, "dim=8", 0)), 0);
  EXPECT_FALSE(has(file_));
  EXPECT_EQ(attach(file_, 1, XATTR_CREATE), 0);
  ASSERT_EQ(error_of(volume_->unlink(directory_, "f")), 0);
}

TEST_F(FileVectors, StayWhenTheCollectionIsCompacted) {
  fill();
  for (uint64_t i = 0; i < 70; ++i) {
    ASSERT_EQ(attach(file_, i), 0);
  }
  ASSERT_EQ(compact().status, 0U);
  EXPECT_EQ(*volume_->vector(file_), value(69));
  remount();
  EXPECT_EQ(*volume_->vector(file_), value(69));
  ASSERT_EQ(error_of(volume_->unlink(directory_, "f")), 0);
  EXPECT_EQ(std::ranges::count(ids(), id_of(file_)), 0);
}

TEST_F(FileVectors, WithoutRoomAreNotThere) {
  const InodeNumber rest = make_file(*volume_, "rest");
  for (uint64_t i = 0; volume_->statfs().free_blocks > 0; ++i) put_block(*volume_, rest, i);
  EXPECT_EQ(attach(file_, 1), ENOSPC);
  EXPECT_FALSE(has(file_));
}

TEST_F(FileVectors, CannotBeChangedOnAReadOnlyMount) {
  ASSERT_EQ(attach(file_, 1), 0);
  ASSERT_EQ(error_of(volume_->unmount()), 0);
  MountOptions options = manual();
  options.read_only = true;
  volume_ = mount(image_, options);
  EXPECT_EQ(attach(file_, 2), EROFS);
  EXPECT_EQ(error_of(volume_->remove_vector(file_)), EROFS);
  EXPECT_EQ(*volume_->vector(file_), value(1));
}

TEST_F(FileVectors, WaitForACompaction) {
  fill();
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::thread other([&] {
    for (int i = 0; i < 500 && !done; ++i) {
      const std::string name = "n" + std::to_string(i);
      const InodeNumber ino = make_file(*volume_, name, directory_);
      const auto attached = volume_->patiently(
          [&] { return volume_->set_vector(ino, value(static_cast<uint64_t>(i)), 0); });
      const auto removed = volume_->patiently([&] { return volume_->unlink(directory_, name); });
      if (!attached || !removed) ++failures;
    }
  });
  for (int i = 0; i < 5; ++i) {
    put(300, static_cast<uint64_t>(i));
    put(300, static_cast<uint64_t>(i + 1));
    EXPECT_EQ(compact().status, 0U);
  }
  done = true;
  other.join();
  EXPECT_EQ(failures, 0);
  EXPECT_TRUE(std::ranges::none_of(ids(), [](uint64_t id) { return (id & VEXFS_ID_FILE) != 0; }));
}

}  // namespace
}  // namespace vexfs::core::testing

// SPDX-License-Identifier: MIT
// docs/vectors.md, "Vectors of files".
#include <linux/fs.h>
#include <sys/xattr.h>

#include <gtest/gtest.h>

#include "reference/contract/event.h"
#include "reference/model/tests/test_collection.h"

namespace vexfs::model::test {
namespace {

struct SeenEvent {
  std::uint16_t type = 0;
  Ino ino = 0;
  std::uint64_t unit = 0;
  std::uint64_t id = 0;  // of a VECTOR field that comes first
  bool operator==(const SeenEvent&) const = default;
};

class FileVector : public testing::Test {
 protected:
  void SetUp() override { file_ = volume_.create("f", collection_.directory()); }

  int set(Ino ino, const vectors::Row& row, int flags = 0) {
    const auto done = volume_->set_vector(ino, row, flags);
    return done ? 0 : done.error();
  }
  int get_error(Ino ino) {
    const auto row = volume_->get_vector(ino);
    return row ? 0 : row.error();
  }
  static std::uint64_t id(Ino ino) { return VEXFS_ID_FILE | ino; }
  std::uint32_t live() { return collection_.count().live; }
  Ino dir() const { return collection_.directory(); }

  // The newest events, the last one last.
  std::vector<SeenEvent> events(std::size_t count) {
    EXPECT_TRUE(volume_->sync());
    const auto stream = volume_->events(0, UINT64_MAX).value();
    std::vector<SeenEvent> seen;
    for (std::size_t at = 0; at < stream.size();) {
      const auto header = get<vexfs_event>(stream, at);
      if (header.magic == 0) {
        at = (at / kBlockSize + 1) * kBlockSize;
        continue;
      }
      const bool is_vector = get<vexfs_event_field>(stream, at + 128).tag == VEXFS_TAG_VECTOR;
      seen.push_back({header.type, header.ino, header.unit,
                      is_vector ? get<std::uint64_t>(stream, at + 132) : 0});
      at += header.length;
    }
    seen.erase(seen.begin(), seen.end() - static_cast<std::ptrdiff_t>(count));
    return seen;
  }

  TestVolume volume_;
  TestCollection collection_{volume_};
  Ino file_ = 0;
};

TEST_F(FileVector, IsASlotWithTheFilesId) {
  ASSERT_TRUE(volume_->set_clock(5'000'000'007));
  EXPECT_EQ(get_error(file_), ENODATA);
  EXPECT_EQ(set(file_, row_of(1)), 0);
  EXPECT_EQ(volume_->get_vector(file_), row_of(1));
  EXPECT_EQ(volume_->has_vector(file_), true);
  EXPECT_EQ(volume_.inode(file_).flags, VEXFS_INODE_VECTOR);
  EXPECT_EQ(volume_.inode(file_).ctime, 5U);
  EXPECT_EQ(volume_.inode(file_).mtime, 0U);
  EXPECT_EQ(events(1)[0].type, VEXFS_EV_VECTOR_CREATE);
  EXPECT_EQ(events(1)[0].id, id(file_));
  EXPECT_EQ(set(file_, row_of(2)), 0);
  EXPECT_EQ(events(1)[0].type, VEXFS_EV_VECTOR_UPDATE);
  EXPECT_EQ(collection_.count().slots, 2U);
  EXPECT_EQ(live(), 1U);
  volume_.remount();
  EXPECT_EQ(volume_->get_vector(file_), row_of(2));
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_F(FileVector, ChecksComeInOrder) {
  const Ino outside = volume_.create("g");
  EXPECT_EQ(set(outside, {}), EOPNOTSUPP);
  EXPECT_EQ(set(dir(), {}), EOPNOTSUPP);
  EXPECT_EQ(get_error(dir()), ENODATA);
  EXPECT_EQ(set(file_, {}, XATTR_REPLACE), ENODATA);
  EXPECT_EQ(set(file_, {}), EINVAL);
  EXPECT_EQ(set(file_, vectors::Row(9)), EINVAL);
  EXPECT_EQ(set(file_, row_of(1), XATTR_CREATE), 0);
  EXPECT_EQ(set(file_, {}, XATTR_CREATE), EEXIST);
  EXPECT_EQ(set(file_, row_of(1), XATTR_REPLACE), 0);
  ASSERT_TRUE(volume_->link(file_, dir(), "second"));
  EXPECT_EQ(set(file_, {}, XATTR_CREATE), EMLINK);
  ASSERT_TRUE(volume_->open(file_));
  ASSERT_TRUE(volume_->unlink(dir(), "second"));
  ASSERT_TRUE(volume_->unlink(dir(), "f"));
  EXPECT_EQ(set(file_, {}), ENOENT);
  EXPECT_EQ(get_error(file_), ENODATA);
  volume_->release(file_);
}

TEST_F(FileVector, IsRemovedInOneUnit) {
  EXPECT_EQ(set(file_, row_of(1)), 0);
  const auto unit = volume_.inside().state.next_unit;
  ASSERT_TRUE(volume_->remove_vector(file_));
  EXPECT_EQ(volume_.inside().state.next_unit, unit + 1);
  EXPECT_EQ(events(1)[0], (SeenEvent{VEXFS_EV_VECTOR_DELETE, dir(), unit, id(file_)}));
  EXPECT_EQ(volume_.inode(file_).flags, 0);
  EXPECT_EQ(volume_->remove_vector(file_).error(), ENODATA);
  EXPECT_EQ(live(), 0U);
}

TEST_F(FileVector, GoesWithTheLastLinkInTheSameUnit) {
  EXPECT_EQ(set(file_, row_of(1)), 0);
  ASSERT_TRUE(volume_->link(file_, dir(), "second"));
  ASSERT_TRUE(volume_->unlink(dir(), "f"));
  EXPECT_EQ(live(), 1U);
  ASSERT_TRUE(volume_->open(file_));
  const auto unit = volume_.inside().state.next_unit;
  const auto sequence = collection_.count().sequence;
  ASSERT_TRUE(volume_->unlink(dir(), "second"));
  EXPECT_EQ(live(), 0U);
  EXPECT_EQ(collection_.count().sequence, sequence + 1);
  EXPECT_EQ(volume_.inode(file_).flags, 0);
  const std::vector<SeenEvent> expected = {{VEXFS_EV_DELETE, file_, unit, 0},
                                           {VEXFS_EV_VECTOR_DELETE, dir(), unit, id(file_)}};
  EXPECT_EQ(events(2), expected);
  volume_->release(file_);
  volume_.remount();
  EXPECT_EQ(live(), 0U);
}

TEST_F(FileVector, GoesWithAFileThatARenameReplaces) {
  EXPECT_EQ(set(file_, row_of(1)), 0);
  const Ino other = volume_.create("g");
  const auto unit = volume_.inside().state.next_unit;
  ASSERT_TRUE(volume_->rename(1, "g", dir(), "f", 0));
  EXPECT_EQ(live(), 0U);
  const std::vector<SeenEvent> expected = {{VEXFS_EV_RENAME, other, unit, 0},
                                           {VEXFS_EV_VECTOR_DELETE, dir(), unit, id(file_)}};
  EXPECT_EQ(events(2), expected);
  EXPECT_EQ(set(other, row_of(3)), 0) << "its home is the collection now";
}

TEST_F(FileVector, KeepsTheFileInItsDirectory) {
  const Ino other = volume_.mkdir("e");
  const Ino stranger = volume_.create("g");
  const auto moves = [&] {
    const auto errno_of = [](const auto& done) { return done ? 0 : done.error(); };
    return std::vector{errno_of(volume_->link(file_, other, "x")),
                       errno_of(volume_->rename(dir(), "f", other, "x", 0)),
                       errno_of(volume_->rename(dir(), "f", 1, "g", RENAME_EXCHANGE)),
                       errno_of(volume_->rename(1, "g", dir(), "f", RENAME_EXCHANGE))};
  };
  EXPECT_EQ(set(file_, row_of(1)), 0);
  EXPECT_EQ(moves(), (std::vector{EXDEV, EXDEV, EXDEV, EXDEV}));
  ASSERT_TRUE(volume_->link(file_, dir(), "h"));
  ASSERT_TRUE(volume_->unlink(dir(), "h"));
  ASSERT_TRUE(volume_->rename(dir(), "f", dir(), "i", 0));
  ASSERT_TRUE(volume_->rename(dir(), "i", dir(), "f", 0));
  EXPECT_EQ(volume_->get_vector(file_), row_of(1));
  ASSERT_TRUE(volume_->remove_vector(file_));
  EXPECT_EQ(moves()[0], 0);
  EXPECT_EQ(volume_.inode(stranger).home, 1U);
}

TEST_F(FileVector, OfARemovedCollectionIsNone) {
  EXPECT_EQ(set(file_, row_of(1)), 0);
  ASSERT_TRUE(volume_->remove_collection(dir()));
  EXPECT_EQ(volume_.inode(file_).flags, VEXFS_INODE_VECTOR) << "says nothing now";
  EXPECT_EQ(get_error(file_), ENODATA);
  EXPECT_EQ(set(file_, row_of(1)), EOPNOTSUPP);
  ASSERT_TRUE(volume_->set_collection(dir(), kSmallCollection, false));
  EXPECT_EQ(get_error(file_), ENODATA);
  ASSERT_TRUE(volume_->rename(dir(), "f", 1, "f", 0)) << "there is nothing to keep";
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_F(FileVector, IsASlotLikeOthersForTheDoors) {
  EXPECT_EQ(collection_.put(0, 5), 0);
  EXPECT_EQ(set(file_, row_of(100)), 0);
  EXPECT_EQ(collection_.remove(0), 0);
  EXPECT_EQ(status_of(collection_.update(vectors::encode_compact())), 0);
  EXPECT_EQ(volume_->get_vector(file_), row_of(100));
  vexfs_search search{};
  search.k = search.ef = 1;
  search.queries = 1;
  const std::uint64_t only[] = {id(file_)};
  const auto reply =
      collection_.query(vectors::encode_search(VEXFS_OP_SEARCH, search, row_of(1), only, false));
  constexpr std::size_t kAnswer =
      sizeof(vexfs_reply) + sizeof(vexfs_search_reply) + sizeof(vexfs_answers);
  EXPECT_EQ(get<vexfs_answer>(reply, kAnswer).id, id(file_));
  EXPECT_EQ(get<vexfs_answer>(reply, kAnswer).slot, 4U);
  EXPECT_EQ(collection_.remove(id(file_)), 0);
  EXPECT_EQ(get_error(file_), ENODATA);
  EXPECT_EQ(volume_.inode(file_).flags, VEXFS_INODE_VECTOR);
  EXPECT_EQ(set(file_, row_of(7)), 0);
}

TEST_F(FileVector, OfADamagedCollectionKeepsItsFile) {
  const Ino plain = volume_.create("plain", dir());
  EXPECT_EQ(set(file_, row_of(1)), 0);
  const Ino graph = collection_.graph();
  const std::size_t at =
      volume_.inside().super.inode_table.start * kBlockSize + graph * VEXFS_INODE_SIZE;
  volume_.unmount();
  volume_.image()[at + offsetof(vexfs_inode, generation)] ^= std::byte{1};
  volume_.remount();
  EXPECT_EQ(get_error(file_), EUCLEAN);
  EXPECT_EQ(volume_->has_vector(file_).error(), EUCLEAN);
  EXPECT_EQ(volume_->unlink(dir(), "f").error(), EUCLEAN);
  EXPECT_EQ(volume_->rename(dir(), "f", 1, "f", 0).error(), EUCLEAN);
  EXPECT_TRUE(volume_->rename(dir(), "f", dir(), "g", 0)) << "it stays, so nobody asks";
  EXPECT_EQ(get_error(plain), ENODATA);
  EXPECT_TRUE(volume_->unlink(dir(), "plain"));
}

TEST_F(FileVector, IsWholeOrGoneAfterACrash) {
  EXPECT_EQ(set(file_, row_of(1)), 0);
  ASSERT_TRUE(volume_->sync());
  ASSERT_TRUE(volume_->unlink(dir(), "f"));
  volume_.crash();
  EXPECT_EQ(volume_->get_vector(file_), row_of(1));
  ASSERT_TRUE(volume_->unlink(dir(), "f"));
  ASSERT_TRUE(volume_->sync());
  volume_.crash();
  EXPECT_EQ(live(), 0U);
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

}  // namespace
}  // namespace vexfs::model::test

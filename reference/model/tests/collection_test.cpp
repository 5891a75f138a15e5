// SPDX-License-Identifier: MIT
#include <linux/fs.h>

#include <gtest/gtest.h>

#include "reference/contract/event.h"
#include "reference/model/allocator.h"
#include "reference/model/tests/test_collection.h"

namespace vexfs::model::test {
namespace {

std::uint64_t units(const TestVolume& volume) { return volume.inside().state.next_unit; }

// Type of the newest event and its VECTOR field, if it has one.
struct LastEvent {
  std::uint16_t type = 0;
  Ino ino = 0;
  std::uint64_t cause = 0;
  std::uint32_t slot = 0;
  std::uint32_t died = 0;
  std::string text;  // the last field's bytes
};

LastEvent last_event(TestVolume& volume) {
  EXPECT_TRUE(volume->sync());
  const auto stream = volume->events(0, UINT64_MAX).value();
  LastEvent last;
  for (std::size_t at = 0; at < stream.size();) {
    const auto header = get<vexfs_event>(stream, at);
    if (header.magic == 0) {
      at = (at / kBlockSize + 1) * kBlockSize;
      continue;
    }
    last = {header.type, header.ino, header.cause, 0, 0, {}};
    for (std::size_t field = at + 128; field < at + 128U + header.payload;) {
      const auto head = get<vexfs_event_field>(stream, field);
      last.text.assign(reinterpret_cast<const char*>(&stream[field + 4]), head.length);
      if (head.tag == VEXFS_TAG_VECTOR) {
        last.slot = get<std::uint32_t>(stream, field + 12);
        last.died = get<std::uint32_t>(stream, field + 16);
      }
      field += 4 + (head.length + 3U) / 4 * 4;
    }
    at += header.length;
  }
  return last;
}

TEST(Collection, IsMadeOfThreeInodesAndABlock) {
  TestVolume volume;
  const Ino dir = volume.mkdir("d");
  const auto before = volume.inside().state;
  ASSERT_TRUE(volume->set_clock(5'000'000'007));
  ASSERT_TRUE(volume->set_collection(dir, "dim=3 metric=cosine", false));
  const auto& after = volume.inside().state;
  EXPECT_EQ(after.next_unit, before.next_unit + 1);
  EXPECT_EQ(after.free_inodes, before.free_inodes - 3);
  EXPECT_EQ(after.free_blocks, before.free_blocks - 1);
  const vexfs_inode directory = volume.inode(dir);
  EXPECT_EQ(directory.flags, VEXFS_INODE_COLLECTION);
  EXPECT_EQ(directory.collection, dir + 1);
  EXPECT_EQ(directory.ctime, 5U);
  EXPECT_EQ(directory.mtime, 0U);
  for (Ino ino = dir + 1; ino <= dir + 3; ++ino) {
    const vexfs_inode part = volume.inode(ino);
    EXPECT_EQ(part.mode, 0100000);
    EXPECT_EQ(part.flags, VEXFS_INODE_SYSTEM);
    EXPECT_EQ(part.home, dir);
    EXPECT_EQ(part.atime_nsec, 7U);
    EXPECT_EQ(part.size, ino == dir + 1 ? kBlockSize : 0);
  }
  const std::string text = "dim=3 type=f32 metric=cosine m=16 ef_construction=200 seed=0";
  EXPECT_EQ(volume->get_collection(dir), text);
  const auto event = last_event(volume);
  EXPECT_EQ(event.type, VEXFS_EV_SETXATTR);
  EXPECT_EQ(event.ino, dir);
  EXPECT_EQ(event.text, text);
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

TEST(Collection, SeedComesFromTheVolume) {
  Geometry geometry = small_geometry();
  geometry.level_seed = 77;
  TestVolume volume(geometry);
  TestCollection collection(volume, "dim=3");
  EXPECT_TRUE(volume->get_collection(collection.directory())->ends_with(" seed=77"));
}

TEST(Collection, ChecksOfItsCreationComeInOrder) {
  TestVolume volume;
  const Ino dir = volume.mkdir("d");
  const Ino file = volume.create("f");
  const auto set = [&](Ino ino, std::string_view value, bool replace = false) {
    const auto done = volume->set_collection(ino, value, replace);
    return done ? 0 : done.error();
  };
  EXPECT_EQ(set(file, "", true), ENODATA);
  EXPECT_EQ(set(file, ""), ENOTDIR);
  EXPECT_EQ(set(dir, ""), EINVAL);
  EXPECT_EQ(set(dir, "dim=4 m=64"), EINVAL) << "the log of 8 MiB is too small for a link step";
  EXPECT_EQ(set(dir, "dim=4"), 0);
  EXPECT_EQ(set(dir, "", true), EEXIST);
  EXPECT_EQ(volume->get_collection(file).error(), ENODATA);
  EXPECT_EQ(volume->remove_collection(1).error(), ENODATA);
}

TEST(Collection, NeedsThreeInodes) {
  Geometry geometry = small_geometry();
  geometry.inodes = 8;
  TestVolume volume(geometry);
  for (const auto* name : {"a", "b", "c", "d", "e"}) volume.create(name);
  EXPECT_EQ(volume->set_collection(1, "dim=4", false).error(), ENOSPC);
  ASSERT_TRUE(volume->unlink(1, "a"));
  EXPECT_TRUE(volume->set_collection(1, "dim=4", false)) << "the orphan's number is enough";
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

TEST(Collection, IsGoneWithItsDirectoryOrAttribute) {
  for (const std::string_view way : {"removexattr", "rmdir", "rename"}) {
    TestVolume volume;
    const Ino other = volume.mkdir("e");
    ASSERT_TRUE(volume->sync());
    const auto before = volume.inside().state;
    TestCollection collection(volume);
    const Ino graph = collection.graph();
    EXPECT_EQ(collection.put(0, 100), 0);
    if (way == "removexattr") {
      ASSERT_TRUE(volume->remove_collection(collection.directory()));
      EXPECT_EQ(last_event(volume).type, VEXFS_EV_REMOVEXATTR);
      EXPECT_EQ(volume.inode(collection.directory()).flags, 0);
      ASSERT_TRUE(volume->rmdir(1, "d"));
    } else if (way == "rmdir") {
      ASSERT_TRUE(volume->rmdir(1, "d"));
    } else {
      ASSERT_TRUE(volume->rename(1, "e", 1, "d", 0));
      ASSERT_TRUE(volume->rename(1, "d", 1, "e", 0));
    }
    EXPECT_EQ(volume->door(graph, posix::Door::kQuery, {}).error(), ESTALE) << way;
    ASSERT_TRUE(volume->sync());
    EXPECT_EQ(volume.inside().state.free_blocks, before.free_blocks) << way;
    EXPECT_EQ(volume.inside().state.free_inodes, before.free_inodes) << way;
    EXPECT_EQ(inconsistency(volume.inside()), "") << way;
    EXPECT_TRUE(volume->getattr(other));
  }
}

TEST(Collection, SurvivesARenameOfItsDirectory) {
  TestVolume volume;
  TestCollection collection(volume);
  const Ino other = volume.mkdir("e");
  EXPECT_EQ(collection.put(0, 3), 0);
  ASSERT_TRUE(volume->rename(1, "d", other, "x", 0));
  volume.create("f");
  ASSERT_TRUE(volume->rename(other, "x", 1, "f", RENAME_EXCHANGE));
  EXPECT_EQ(collection.count().live, 3U);
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

TEST(Put, IsOneUnitAndOneForEachNewBlock) {
  TestVolume volume;
  TestCollection collection(volume);
  auto before = units(volume);
  EXPECT_EQ(collection.put(7, 1), 0);
  EXPECT_EQ(units(volume) - before, 3U) << "a block of vectors, one of the graph, the put";
  before = units(volume);
  EXPECT_EQ(collection.put(8, 1), 0);
  EXPECT_EQ(units(volume) - before, 1U);
  const auto event = last_event(volume);
  EXPECT_EQ(event.type, VEXFS_EV_VECTOR_CREATE);
  EXPECT_EQ(event.ino, collection.directory());
  EXPECT_EQ(event.slot, 1U);
  EXPECT_EQ(event.died, VEXFS_SLOT_NONE);
}

TEST(Put, ReplacesAndDeleteRemoves) {
  TestVolume volume;
  TestCollection collection(volume);
  EXPECT_EQ(collection.put(7, 1), 0);
  EXPECT_EQ(collection.put(7, 1), 0);
  const auto update = last_event(volume);
  EXPECT_EQ(update.type, VEXFS_EV_VECTOR_UPDATE);
  EXPECT_EQ(update.slot, 1U);
  EXPECT_EQ(update.died, 0U);
  const std::uint64_t ids[] = {7, 7, 9};
  auto before = units(volume);
  const auto reply =
      body_of<vexfs_update_reply>(collection.update(vectors::encode_ids(VEXFS_OP_DELETE, ids)));
  EXPECT_EQ(reply.done, 3U);
  EXPECT_EQ(reply.changed, 1U);
  EXPECT_EQ(reply.sequence, 3U);
  EXPECT_EQ(units(volume) - before, 1U) << "what is not there is no unit";
  const auto removal = last_event(volume);
  EXPECT_EQ(removal.type, VEXFS_EV_VECTOR_DELETE);
  EXPECT_EQ(removal.slot, 1U);
  EXPECT_EQ(removal.died, 1U);
}

TEST(Put, LinksInAUnitOfItsOwnAndATransactionOfItsOwnStart) {
  TestVolume volume;
  TestCollection collection(volume);
  EXPECT_EQ(collection.put(0, 63), 0);
  EXPECT_EQ(collection.count().linked, 0U);
  const auto sequence = volume.inside().log.sequence;
  const auto before = units(volume);
  EXPECT_EQ(collection.put(63, 1), 0);
  EXPECT_EQ(units(volume) - before, 3U) << "a block for slot 63, the put, the link step";
  EXPECT_EQ(volume.inside().log.sequence, sequence + 1) << "what came before was sealed";
  EXPECT_EQ(volume.inside().running.units, 1U);
  EXPECT_EQ(collection.count().linked, 64U);
  EXPECT_EQ(collection.count().sequence, 65U);
}

TEST(Put, ThatFindsNoRoomSaysHowFarItCame) {
  TestVolume volume;
  TestCollection collection(volume, "dim=1024");
  const Ino file = volume.create("f");
  const std::string data((volume.inside().state.free_blocks - 12) * kBlockSize, 'f');
  volume.write(file, 0, data);
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 0; id < 30; ++id) ids.push_back(id);
  vectors::Message rows;
  for (std::uint64_t id : ids)
    for (int i = 0; i < 1024; ++i) {
      const float value = static_cast<float>(id) + 1;
      rows.insert(rows.end(), bytes_of(value).begin(), bytes_of(value).end());
    }
  const auto reply = collection.update(vectors::encode_put(ids, rows));
  EXPECT_EQ(status_of(reply), ENOSPC);
  const auto body = body_of<vexfs_update_reply>(reply);
  EXPECT_GT(body.done, 5U);
  EXPECT_LT(body.done, 13U);
  EXPECT_EQ(collection.count().live, body.done);
  EXPECT_EQ(inconsistency(volume.inside()), "");
  volume.remount();
  EXPECT_EQ(collection.count().live, body.done);
  volume.truncate(file, 0);
  EXPECT_EQ(status_of(collection.update(vectors::encode_put(ids, rows))), 0)
      << "with what is parked";
}

TEST(CustomEvent, GoesIntoTheStream) {
  TestVolume volume;
  TestCollection collection(volume);
  const auto reply = collection.update(vectors::encode_event(0x0402, 3, "hello"));
  EXPECT_EQ(status_of(reply), 0);
  EXPECT_EQ(body_of<vexfs_sequence_reply>(reply).sequence, volume.inside().state.next_event - 1);
  const auto event = last_event(volume);
  EXPECT_EQ(event.type, 0x0402);
  EXPECT_EQ(event.cause, 3U);
  EXPECT_EQ(event.text, "hello");
  EXPECT_EQ(collection.count().sequence, 0U);
}

// Puts and deletes, some of them of the same rows and ids.
void work(TestCollection& collection, std::uint64_t step) {
  if (step % 5 == 4)
    EXPECT_EQ(collection.remove(step / 2), 0);
  else
    EXPECT_EQ(collection.put(step * 37 % 90, 4), 0);
}

TEST(Collection, IsTheSameAfterEveryMountAndCrash) {
  TestVolume whole;
  TestVolume interrupted;
  TestCollection first(whole);
  TestCollection second(interrupted);
  for (std::uint64_t step = 0; step < 60; ++step) {
    work(first, step);
    work(second, step);
    if (step % 2 == 0) {
      ASSERT_TRUE(interrupted->sync());
      interrupted.crash();
    } else {
      interrupted.remount();
    }
  }
  EXPECT_GT(first.count().linked, 64U);
  EXPECT_EQ(
      std::memcmp(&whole.inside().state.next_event, &interrupted.inside().state.next_event, 8), 0);
  const auto a = first.count();
  const auto b = second.count();
  EXPECT_EQ(a.sequence, b.sequence);
  EXPECT_EQ(a.linked, b.linked);
  const auto same_search = [](TestCollection& collection) {
    vexfs_search search{};
    search.k = search.ef = 10;
    search.queries = 1;
    return collection.query(
        vectors::encode_search(VEXFS_OP_SEARCH, search, row_of(1000), {}, false));
  };
  EXPECT_EQ(same_search(first), same_search(second));
  EXPECT_EQ(inconsistency(interrupted.inside()), "");
}

TEST(Collection, ANewRowBlockIsZerosAfterACrashWhateverWasThere) {
  Geometry geometry = small_geometry();
  geometry.tx_units = 1;  // the growing units are sealed by themselves
  TestVolume volume(geometry);
  TestCollection collection(volume);
  ASSERT_TRUE(volume->sync());
  const vexfs_region data = volume.inside().super.data;
  for (BlockNumber block = data.start; block < data.start + data.blocks; ++block)
    if (!is_allocated(volume.inside(), block))
      std::ranges::fill(std::span(volume.image()).subspan(block * kBlockSize, kBlockSize),
                        std::byte{0xee});
  const std::uint64_t ids[] = {1};
  EXPECT_EQ(status_of(collection.update(vectors::encode_put(ids, vectors::Row(8)))), 0);
  volume.crash();
  EXPECT_EQ(collection.count().live, 1U);
}

TEST(Collection, OfTheRootWorksToo) {
  TestVolume volume;
  ASSERT_TRUE(volume->set_collection(1, kSmallCollection, false));
  const Ino graph = volume.inode(1).collection;
  const std::uint64_t ids[] = {1};
  ASSERT_TRUE(volume->door(graph, posix::Door::kUpdate, vectors::encode_put(ids, row_of(1))));
  volume.remount();
  EXPECT_EQ(volume->collection(graph)->vectors_size, 64U);
  const auto info = volume->collection_file(graph, posix::CollectionFile::kInfo).value();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(info.data()), info.size()),
            "dim 8\ntype i8\nmetric l2\nm 4\nef_construction 20\nseed 1\nslots 1\nlive 1\n"
            "linked 0\ntail 1\nentry none\nentry_level 0\nsequence 1\n");
}

}  // namespace
}  // namespace vexfs::model::test

// SPDX-License-Identifier: MIT
// Each rule is broken once, by changing a field of a sound volume, and is named.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "reference/tools/fsck/check_volume.h"
#include "reference/tools/fsck/report.h"
#include "reference/tools/fsck/tests/collection_rules.h"
#include "reference/tools/mutate/mutator.h"
#include "reference/tools/testing/volume_builder.h"

namespace vexfs::tools {
namespace {

enum class From { kClean, kDirty };

struct Change {
  std::string path;
  std::uint64_t value;
};

struct Case {
  std::string rule;
  std::vector<Change> changes;
  From from = From::kClean;
  Reseal reseal = Reseal::kYes;
};

constexpr std::uint64_t kAll = ~0ULL;

std::string root_record(int offset, std::string_view name, std::string_view field) {
  return fmt::format("dir 1 › block 0 › record @{} \"{}\" › {}", offset, name, field);
}

std::vector<Case> anchor_cases() {
  // The clean sample's current anchor is number 3, in block 2.
  return {
      {"anchor.flags", {{"anchor @ block 2 › flags", 2}}},
      {"anchor.none", {{"anchor @ block 1 › magic", 0}, {"anchor @ block 2 › magic", 0}}},
      {"anchor.number", {{"anchor @ block 1 › number", 0}}},
      {"anchor.order", {{"anchor @ block 1 › epoch", 9}}},
      {"anchor.reserved", {{"anchor @ block 2 › reserved", 1}}},
      {"anchor.tail", {{"anchor @ block 2 › tail", 226}}},
      {"anchor.torn", {{"anchor @ block 1 › tail", 9}}, From::kClean, Reseal::kNo},
      {"anchor.zero", {{"anchor @ block 2 › sequence", 0}}},
  };
}

std::vector<Case> bitmap_cases() {
  return {
      {"bitmap.leaked", {{"block bitmap @ block 238 › blocks 960 to 1023", kAll}}},
      {"bitmap.missing", {{"block bitmap @ block 238 › blocks 192 to 255", kAll ^ 1ULL << 55}}},
      {"bitmap.outside", {{"block bitmap @ block 238 › blocks 0 to 63", 0}}},
      {"block.shared", {{"inode 2 › extent 0 › pblk", 249}}},
      {"inode_bitmap.outside", {{"inode bitmap @ block 239 › inodes 64 to 127", 0}}},
      {"root.missing", {{"inode bitmap @ block 239 › inodes 0 to 63", 1}}},
      {"orphan.clean", {{"orphan bitmap @ block 240 › inodes 0 to 63", 1 << 2}}},
      {"orphan.linked", {{"orphan bitmap @ block 240 › inodes 0 to 63", 1 << 2}}},
      {"orphan.free", {{"orphan bitmap @ block 240 › inodes 0 to 63", 1ULL << 60}}},
  };
}

std::vector<Case> directory_cases() {
  return {
      {"dir.crc", {{"dir 1 › block 0 › crc", 1}}, From::kClean, Reseal::kNo},
      {"dir.hole", {{"inode 3 › size", 8192}}},
      {"dir.home", {{"inode 3 › home", 10}}},
      {"dir.magic", {{"dir 1 › block 0 › magic", 0}}},
      {"dir.names", {{root_record(8, "file", "ino"), 3}}},
      {"dir.records", {{root_record(8, "file", "length"), 12}}},
      {"record.ino", {{root_record(8, "file", "ino"), 40}}},
      {"record.name", {{root_record(8, "file", "name"), '/'}}},
      {"record.twice", {{root_record(72, "long", "name"), 0x656c6966}}},  // "file"
      {"record.type", {{root_record(8, "file", "type"), 4}}},
      {"record.unused", {{root_record(24, "dir", "ino"), 0}}},
      {"record.unused_zero", {{"dir 10 › block 0 › record @8 \"\" › padding", 1}}},
      {"record.zero", {{root_record(136, "wide", "padding"), 1}}},
      {"root.named", {{root_record(8, "file", "ino"), 1}}},
  };
}

std::vector<Case> event_cases() {
  return {
      {"event.constant", {{"event 1 › priority", 1}}},
      {"event.crc", {{"event 1 › crc", 1}}, From::kClean, Reseal::kNo},
      {"event.epoch", {{"event 1 › epoch", 9}}},
      {"event.field_length", {{"event 3 › field name › tag", VEXFS_TAG_OTHER}}},
      {"event.fields", {{"event 10 › field owner › tag", VEXFS_TAG_SIZE}}},
      {"event.ino", {{"event 1 › ino", 0}}},
      {"event.length", {{"event 1 › payload", 70}}},
      {"event.order", {{"event 3 › unit", 1}}},
      {"event.parent", {{"event 1 › parent", 0}}},
      {"event.sequence", {{"event 2 › sequence", 9}}},
      {"event.transaction", {{"event 1 › transaction", 99}}},
      {"event.type", {{"event 1 › type", VEXFS_EV_READ}}},
      {"event.unit", {{"event 1 › unit", 99}}},
      {"event.zero", {{"event 1 › reserved", 1}}},
      {"ring.records", {{"state › ring_head", 64}}},
      {"ring.unused", {{"state › ring_head", 0}}},
  };
}

std::vector<Case> extent_cases() {
  return {
      {"extent.length", {{"inode 2 › extent 0 › len", 0}}},
      {"extent.order", {{"inode 9 › node 253 › extent 1 › lblk", 0}}},
      {"extent.range", {{"inode 2 › extent 0 › pblk", 1021}}},
      {"extent.unwritten", {{"inode 2 › extent 0 › len", 0x80000003}}},
      {"index.child", {{"inode 9 › index 0 › child", 5}}},
      {"index.reserved", {{"inode 9 › index 0 › reserved", 1}}},
      {"index.shared", {{"inode 9 › index 1 › child", 253}}},
      {"node.crc", {{"inode 9 › node 253 › crc", 1}}, From::kClean, Reseal::kNo},
      {"node.depth", {{"inode 9 › node 253 › depth", 1}}},
      {"node.entries", {{"inode 9 › node 253 › entries", 5}}},
      {"node.key", {{"inode 9 › index 1 › lblk", 7}}},
      {"node.magic", {{"inode 9 › node 253 › magic", 0}}},
      {"node.owner", {{"inode 9 › node 253 › owner", 2}}},
      {"node.reserved", {{"inode 9 › node 253 › reserved2", 1}}},
      {"node.zero", {{"inode 9 › node 258 › unused", 1}}},
      {"symlink.block", {{"inode 6 › extents", 0}}},
      {"symlink.nul", {{"inode 5 › target", 0}}},
      {"symlink.zero", {{"inode 6 › target block › unused", 1}}},
  };
}

std::vector<Case> inode_cases() {
  return {
      {"inode.blocks", {{"inode 2 › blocks", 4}}},
      {"inode.crc", {{"inode 2 › crc", 1}}, From::kClean, Reseal::kNo},
      {"inode.depth", {{"inode 2 › depth", 5}}},
      {"inode.extents", {{"inode 2 › extents", 5}}},
      {"inode.flags", {{"inode 2 › flags", VEXFS_INODE_COLLECTION}}},
      {"inode.free_slot", {{"inode 31 › nlink", 1}}},
      {"inode.generation", {{"inode 2 › generation", 1000}}},
      {"inode.generation_twice", {{"inode 2 › generation", 3}}},
      {"inode.home", {{"inode 2 › home", 65}}},
      {"inode.inline_zero", {{"inode 2 › unused", 1}}},
      {"inode.mode", {{"inode 2 › mode", 0644}}},
      {"inode.nlink", {{"inode 2 › nlink", 2}}},
      {"inode.nlink_max", {{"inode 2 › nlink", 9}}},
      {"inode.no_blocks", {{"inode 7 › blocks", 1}}},
      {"inode.nsec", {{"inode 2 › mtime_nsec", 1'000'000'000}}},
      {"inode.owner", {{"inode 2 › gid", 0xffffffff}}},
      {"inode.past_end", {{"inode 2 › size", 8192}}},
      {"inode.rdev", {{"inode 2 › rdev", 1}}},
      {"inode.reserved", {{"inode 2 › collection", 1}}},
      {"inode.size", {{"inode 1 › size", 1}}},
      {"inode.truncating", {{"inode 2 › flags", VEXFS_INODE_TRUNCATING}}},
      {"inode.unreachable", {{root_record(8, "file", "ino"), 7}}},
      {"orphan.missing", {{"inode 2 › nlink", 0}}},
      {"orphan.not_empty", {{"inode 10 › nlink", 0}}},
      {"root.home", {{"inode 1 › home", 2}}},
      {"root.mode", {{"inode 1 › mode", 0100755}}},
  };
}

std::vector<Case> log_cases() {
  return {
      {"log.after_clean", {{"anchor @ block 1 › flags", VEXFS_ANCHOR_CLEAN}}, From::kDirty},
      {"log.block", {{"log › tx 3 › block 229 (state) › block", 5}}, From::kDirty},
      {"log.block_flags", {{"log › tx 3 › block 229 (state) › flags", 4}}, From::kDirty},
      {"log.first_unit", {{"log › tx 3 › header › first_unit", 2}}, From::kDirty},
      {"log.flags", {{"log › tx 3 › header › flags", 1}}, From::kDirty},
      {"log.mask", {{"log › tx 3 › block 229 (state) › mask", 0}}, From::kDirty},
      {"log.order", {{"log › tx 3 › block 229 (state) › block", 1000}}, From::kDirty},
      {"log.padding", {{"log › tx 3 › unused", 1}}, From::kDirty, Reseal::kNo},
      {"log.records", {{"log › tx 3 › header › blocks", 1}}, From::kDirty},
      {"log.reserved", {{"log › tx 3 › header › reserved", 1}}, From::kDirty},
      {"log.units", {{"log › tx 3 › header › units", 0}}, From::kDirty},
      {"state.next_unit", {{"log › tx 3 › header › units", 9}}, From::kDirty},
  };
}

std::vector<Case> state_cases() {
  return {
      {"state.crc", {{"state › crc", 1}}, From::kClean, Reseal::kNo},
      {"state.free_blocks", {{"state › free_blocks", 7}}},
      {"state.free_inodes", {{"state › free_inodes", 7}}},
      {"state.inode_cursor", {{"state › inode_cursor", 65}}},
      {"state.magic", {{"state › magic", 0}}},
      {"state.next_event", {{"state › next_event", 99}}},
      {"state.reserved", {{"state › reserved", 1}}},
      {"state.ring_head", {{"state › ring_head", 129}}},
      {"state.zero", {{"state › generation", 0}}},
  };
}

std::vector<Case> superblock_cases() {
  return {
      {"super.block_size", {{"superblock › block_size", 512}}},
      {"super.copy", {{"superblock copy › label", 'x'}}},
      {"super.crc", {{"superblock › crc", 1}}, From::kClean, Reseal::kNo},
      {"super.features", {{"superblock › feature_incompat", 1}}},
      {"super.inodes", {{"superblock › inodes", 4}}},
      {"super.label", {{"superblock › label", 0x620061}}},  // "a", NUL, "b"
      {"super.limit", {{"superblock › tx_units", 0}}},
      {"super.magic", {{"superblock › magic", 0}}},
      {"super.region", {{"superblock › data.start", 7}}},
      {"super.size", {{"superblock › blocks", 99999}}},
      {"super.unusable", {{"superblock › magic", 0}, {"superblock copy › magic", 0}}},
      {"super.version", {{"superblock › version", 2}}},
      {"super.zero", {{"superblock › reserved", 1}}},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const auto& part :
       {anchor_cases(), bitmap_cases(), directory_cases(), event_cases(), extent_cases(),
        inode_cases(), log_cases(), state_cases(), superblock_cases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

class BrokenRule : public testing::TestWithParam<Case> {};

TEST_P(BrokenRule, IsNamed) {
  const Case& broken = GetParam();
  auto image = broken.from == From::kClean ? sample_volume() : dirty_sample_volume();
  const auto mutator = Mutator::open(image);
  ASSERT_TRUE(mutator);
  for (const Change& change : broken.changes) {
    const auto mutation = mutator->set(image, change.path, change.value, broken.reseal);
    ASSERT_TRUE(mutation) << mutation.error();
  }
  const Findings findings = check_volume(image);
  EXPECT_TRUE(findings.has(broken.rule)) << findings_text("volume", findings);
  EXPECT_EQ(findings.clean(), broken.rule == "anchor.torn") << "only a torn anchor is legal";
}

INSTANTIATE_TEST_SUITE_P(Rules, BrokenRule, testing::ValuesIn(all_cases()), [](const auto& info) {
  std::string name = info.param.rule;
  std::ranges::replace(name, '.', '_');
  return name;
});

TEST(Rules, LoggedZeroUnitOfANewBlockIsNamed) {
  auto image = dirty_sample_volume();
  const auto mutator = Mutator::open(image);
  const auto& structures = mutator->structures();
  const auto tx = std::ranges::find(structures, "log › tx 2", &Structure::path);
  ASSERT_NE(tx, structures.end());
  // The directory "later" (inode 31) got its first block in this transaction.
  const auto unit = std::ranges::find_if(tx->fields, [](const NamedField& field) {
    return field.name.ends_with("(dir 31) › unit 0");
  });
  ASSERT_NE(unit, tx->fields.end());
  auto bytes = tx->read(image);
  std::fill_n(bytes.begin() + unit->offset, unit->size, std::byte{0});
  tx->seal(sample_geometry().uuid, bytes);
  tx->write(image, bytes);
  EXPECT_TRUE(check_volume(image).has("log.zero_unit"));
}

TEST(Rules, EachHasATest) {
  std::set<std::string> tested = collection_rules_with_a_test();
  tested.insert({"log.zero_unit"});
  for (const Case& broken : all_cases()) tested.insert(broken.rule);
  for (const Rule& rule : all_rules()) {
    EXPECT_TRUE(tested.contains(std::string(rule.name))) << rule.name << " has no test";
  }
  EXPECT_EQ(tested.size(), all_rules().size());
}

}  // namespace
}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
// The JSON and the human form of every structure.
#include <gmock/gmock.h>

#include "reference/model/tests/test_collection.h"
#include "reference/tools/dump/dump_json.h"
#include "reference/tools/mutate/mutator.h"
#include "reference/tools/testing/volume_builder.h"

namespace vexfs::tools {
namespace {

using testing::HasSubstr;

class Dump : public testing::Test {
 protected:
  const std::vector<std::byte> image_ = dirty_sample_volume();
  const VolumeView view_ = VolumeView::open(image_).value();
};

TEST_F(Dump, SuperblockAsJson) {
  EXPECT_EQ(dump_superblock(view_), Json::parse(R"({
    "block": 0, "magic": "VEXF", "crc": "9807c5c9", "version": 1, "block_size": 4096,
    "feature_compat": "0x0", "feature_incompat": "0x0", "feature_ro_compat": "0x0",
    "uuid": "a0010203-0405-0607-0809-0a0b0c0d0e0f", "label": "sample",
    "blocks": 1024, "inodes": 64,
    "log.start": 3, "log.blocks": 226, "state.start": 229, "state.blocks": 1,
    "ring.start": 230, "ring.blocks": 8, "block_bitmap.start": 238, "block_bitmap.blocks": 1,
    "inode_bitmap.start": 239, "inode_bitmap.blocks": 1,
    "orphan_bitmap.start": 240, "orphan_bitmap.blocks": 1,
    "inode_table.start": 241, "inode_table.blocks": 5, "data.start": 246, "data.blocks": 777,
    "tx_units": 4096, "tx_blocks": 16, "unit_extents": 16, "unit_blocks": 32768,
    "extent_fanout": 4, "max_links": 8, "checkpoint_blocks": 65536, "checkpoint_freed": 64,
    "level_seed": 0, "largest_transaction": 113})"));
}

TEST_F(Dump, AnchorsSayWhichOneCounts) {
  const Json anchors = dump_anchors(view_);
  EXPECT_EQ(anchors[0]["number"], 4);
  EXPECT_EQ(anchors[0]["current"], true);
  EXPECT_EQ(anchors[1]["current"], false);
  EXPECT_EQ(anchors[1]["valid"], true);
}

TEST(DumpCollection, HasHeaderSlotsAndLists) {
  model::test::TestVolume volume;
  model::test::TestCollection collection(volume);
  ASSERT_EQ(collection.put(7, 64), 0);
  volume.unmount();
  const VolumeView view = VolumeView::open(volume.image()).value();
  const Json json = dump_collection(view, collection.directory()).value();
  EXPECT_EQ(json["magic"], "VXCO");
  EXPECT_EQ(json["linked"], 64);
  EXPECT_EQ(json["parameters"], "dim=8 type=i8 metric=l2 m=4 ef_construction=20 seed=1");
  ASSERT_EQ(json["slots_in_use"].size(), 64U);
  const Json& entry = json["slots_in_use"][json["entry"].get<std::size_t>()];
  EXPECT_EQ(entry["id"], 7 + json["entry"].get<int>());
  EXPECT_EQ(entry["lists"].size(), json["entry_level"].get<std::size_t>() + 1);
  EXPECT_GE(entry["lists"][0].size(), 1U);
  EXPECT_THAT(human_text(json), HasSubstr("linked: 64"));
  EXPECT_EQ(dump_collection(view, 1).error(), "inode 1 is no collection");
}

TEST_F(Dump, StateHasItsCounters) {
  EXPECT_EQ(dump_state(view_)["next_unit"], 32);
  EXPECT_EQ(dump_state(view_)["inode_cursor"], 31);
}

TEST_F(Dump, LogNamesWhatEachTransactionChanges) {
  const Json log = dump_log(view_);
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0]["header"]["sequence"], 2);
  EXPECT_EQ(log[0]["replayed"], true);
  EXPECT_EQ(log[0]["blocks"][0]["role"], "state");
  EXPECT_EQ(log[0]["blocks"].back()["role"], "dir 31");
  EXPECT_EQ(log[0]["blocks"].back()["init"], true);
}

TEST_F(Dump, EventsHaveTheirFieldsByName) {
  const Json events = dump_events(view_);
  EXPECT_EQ(events["events"].size(), 32U);
  const Json& rename = events["events"][6];
  EXPECT_EQ(rename["name"], "Rename");
  EXPECT_EQ(rename["fields"], Json::parse(R"({"name": "old", "new_name": "inner",
            "new_parent": 3, "rename": 0, "other": 22})"));
  EXPECT_EQ(events["events"][10]["fields"]["times"], Json::parse("[1, 2, 3, 4]"));
}

TEST_F(Dump, InodeWithItsTree) {
  const auto inode = dump_inode(view_, Sample::kTree);
  ASSERT_TRUE(inode);
  EXPECT_EQ((*inode)["mode"], "0100644");
  EXPECT_EQ((*inode)["depth"], 1);
  EXPECT_EQ((*inode)["crc_valid"], true);
  EXPECT_EQ((*inode)["mapping"]["extents"].size(), 6U);
  EXPECT_EQ((*inode)["mapping"]["nodes"],
            Json::parse(R"([{"block": 253, "depth": 0}, {"block": 258, "depth": 0}])"));
}

TEST_F(Dump, SymlinksShowTheirTarget) {
  EXPECT_EQ((*dump_inode(view_, Sample::kShortLink))["target"], "file");
  EXPECT_EQ((*dump_inode(view_, Sample::kLongLink))["target"], std::string(200, 'l'));
}

TEST_F(Dump, DirectoryListsItsRecords) {
  const auto root = dump_directory(view_, 1);
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["blocks"][0]["records"][0],
            Json::parse(R"({"offset": 8, "ino": 2, "length": 16, "type": 8, "name": "file"})"));
}

TEST_F(Dump, ErrorsSayWhatToGive) {
  EXPECT_THAT(dump_inode(view_, 65).error(), HasSubstr("from 1 to 64"));
  EXPECT_THAT(dump_directory(view_, 2).error(), HasSubstr("is no directory"));
  EXPECT_THAT(dump_extents(view_, Sample::kFifo).error(), HasSubstr("has no extents"));
  EXPECT_THAT(dump_block(view_, 1024).error(), HasSubstr("below 1024"));
}

TEST_F(Dump, HumanFormHasOneLineForEachValue) {
  EXPECT_THAT(human_text(dump_state(view_)), testing::StartsWith("magic: VXST\ncrc: "));
  EXPECT_THAT(human_text(*dump_extents(view_, Sample::kFile)),
              testing::StrEq("inode: 2\nextents\n  [0]: lblk 0, len 3, pblk 246\nnodes: none\n"));
}

TEST_F(Dump, BlockHasItsRoleStructuresAndBytes) {
  const auto block = dump_block(view_, 253);
  ASSERT_TRUE(block);
  EXPECT_EQ((*block)["role"], "inode 9 extent node");
  EXPECT_EQ((*block)["structures"][0]["fields"]["extent 1 › lblk"], 2);
  EXPECT_THAT((*block)["bytes"]["0x000"].get<std::string>(), testing::StartsWith("5658454e"));
}

TEST(DumpMalformed, AnyVolumeCanBePrinted) {
  const auto volume = dirty_sample_volume();
  const auto mutator = Mutator::open(volume).value();
  auto image = volume;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto mutation = mutator.mutate(image, seed, Reseal::kYes);
    SCOPED_TRACE(mutation.text());
    if (auto view = VolumeView::open(image)) {
      EXPECT_FALSE(human_text(dump_all(*view)).empty());
    }
    Mutator::undo(image, mutation);
  }
}

}  // namespace
}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
// The structures of a volume with every kind of them.
#include "reference/tools/inspect/structure.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "reference/tools/testing/volume_builder.h"

namespace vexfs::tools {
namespace {

std::vector<std::string> paths_of(const std::vector<Structure>& structures) {
  std::vector<std::string> paths;
  for (const Structure& structure : structures) paths.push_back(structure.path);
  return paths;
}

TEST(AllStructures, HaveFieldsOverAllTheirBytes) {
  const auto image = dirty_sample_volume();
  for (const Structure& structure : all_structures(*VolumeView::open(image))) {
    std::uint32_t at = 0;
    for (const NamedField& field : structure.fields) {
      ASSERT_EQ(field.offset, at) << structure.path << " " << field.name;
      at += field.size;
    }
    EXPECT_EQ(at, structure.size) << structure.path;
  }
}

TEST(AllStructures, HaveChecksumsThatSealWouldNotChange) {
  const auto image = dirty_sample_volume();
  const auto view = VolumeView::open(image);
  for (const Structure& structure : all_structures(*view)) {
    const auto bytes = structure.read(image);
    if (all_zero(bytes)) continue;  // a free inode slot
    auto sealed = bytes;
    structure.seal(view->uuid(), sealed);
    EXPECT_EQ(sealed, bytes) << structure.path;
  }
}

TEST(AllStructures, NameEveryKind) {
  const auto image = dirty_sample_volume();
  const auto paths = paths_of(all_structures(*VolumeView::open(image)));
  using testing::Contains;
  for (const auto* path : {"superblock", "superblock copy", "anchor @ block 1", "anchor @ block 2",
                           "state", "log › tx 2", "event 1", "inode 1", "dir 1 › block 0",
                           "dir 10 › block 1", "inode 6 › target block"}) {
    EXPECT_THAT(paths, Contains(path));
  }
  EXPECT_THAT(paths, Contains(testing::StartsWith("inode 9 › node ")).Times(2));
  EXPECT_THAT(paths, Contains(testing::StartsWith("block bitmap")).Times(1));
}

TEST(TransactionStructure, NamesTheRoleOfEachLoggedBlock) {
  const auto image = dirty_sample_volume();
  const auto view = VolumeView::open(image);
  const auto structures = all_structures(*view);
  const auto tx = std::ranges::find(structures, "log › tx 2", &Structure::path);
  ASSERT_NE(tx, structures.end());
  std::vector<std::string> names;
  for (const NamedField& field : tx->fields) names.push_back(field.name);
  EXPECT_THAT(names, testing::Contains(testing::HasSubstr("(inode table) › unit ")));
  EXPECT_THAT(names, testing::Contains(testing::HasSubstr("(state) › mask")));
  EXPECT_THAT(names, testing::Contains("commit › crc"));
}

TEST(Structure, GoesOnAtTheStartOfTheLogRegion) {
  const vexfs_region log{3, 2};
  const Structure structure{"tx", 4 * kBlockSize, 2 * kBlockSize, {}, std::nullopt, log};
  EXPECT_EQ(structure.image_offset(0), 4 * kBlockSize);
  EXPECT_EQ(structure.image_offset(kBlockSize), 3 * kBlockSize);
  std::vector<std::byte> image(6 * kBlockSize);
  std::vector<std::byte> bytes(2 * kBlockSize, std::byte{7});
  bytes.back() = std::byte{8};
  structure.write(image, bytes);
  EXPECT_EQ(image[4 * kBlockSize - 1], std::byte{8});
  EXPECT_EQ(structure.read(image), bytes);
}

}  // namespace
}  // namespace vexfs::tools

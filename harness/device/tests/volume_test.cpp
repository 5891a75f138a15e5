// SPDX-License-Identifier: MIT
#include "harness/device/volume.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "harness/device/flat_copy.h"

namespace vexfs::parity::device {
namespace {

constexpr std::uint64_t kChunk = Volume::kChunkBytes;

std::vector<std::byte> filled(std::size_t size, int value) {
  return std::vector<std::byte>(size, static_cast<std::byte>(value));
}

TEST(Volume, ReadsZeroesUntilWritten) {
  const Volume volume(3 * kChunk + 17);
  EXPECT_EQ(volume.bytes(), filled(3 * kChunk + 17, 0));
  EXPECT_EQ(volume.allocated_bytes(), 0u);
}

TEST(Volume, WritesAcrossChunkBorders) {
  Volume volume(4 * kChunk);
  volume.write(kChunk - 3, filled(2 * kChunk, 7));
  std::vector<std::byte> expected = filled(4 * kChunk, 0);
  std::fill_n(expected.begin() + kChunk - 3, 2 * kChunk, std::byte{7});
  EXPECT_EQ(volume.bytes(), expected);
}

TEST(Volume, CopySharesMemoryAndChangesApart) {
  Volume original(2 * kChunk);
  original.write(0, filled(2 * kChunk, 1));
  Volume copy = original;
  copy.write(5, filled(1, 2));
  EXPECT_EQ(original.bytes()[5], std::byte{1});
  EXPECT_EQ(copy.bytes()[5], std::byte{2});
  EXPECT_EQ(Volume::first_difference(original, copy), 5u);
  original.write(5, filled(1, 2));
  EXPECT_EQ(original, copy);
}

TEST(Volume, ZeroingWholeChunksFreesThem) {
  Volume volume(3 * kChunk);
  volume.write(0, filled(3 * kChunk, 9));
  volume.zero(100, 2 * kChunk);
  EXPECT_EQ(volume.allocated_bytes(), 2 * kChunk);
  EXPECT_EQ(volume.bytes()[99], std::byte{9});
  EXPECT_EQ(volume.bytes()[100], std::byte{0});
  EXPECT_EQ(volume.bytes()[2 * kChunk + 99], std::byte{0});
  EXPECT_EQ(volume.bytes()[2 * kChunk + 100], std::byte{9});
}

TEST(Volume, GrowingAfterShrinkingShowsZeroes) {
  Volume volume(kChunk);
  volume.write(0, filled(kChunk, 3));
  volume.resize(10);
  volume.resize(kChunk);
  EXPECT_EQ(volume.bytes()[9], std::byte{3});
  EXPECT_EQ(volume.bytes()[10], std::byte{0});
}

TEST(Volume, DifferingSizesDifferAtTheShorterEnd) {
  EXPECT_EQ(Volume::first_difference(Volume(10), Volume(12)), 10u);
}

TEST(Volume, NamesTheChunksInWhichCopiesDiffer) {
  Volume original(4 * kChunk);
  original.write(0, filled(4 * kChunk, 1));
  Volume copy = original;
  EXPECT_TRUE(Volume::differing_chunks(original, copy).empty());
  copy.write(kChunk, filled(1, 2));
  copy.edit_chunk(3)[5] = std::byte{2};
  copy.write(2 * kChunk, filled(kChunk, 1));  // written, and the same
  EXPECT_EQ(Volume::differing_chunks(original, copy), (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(original.chunk(3)[5], std::byte{1});
}

TEST(FlatCopy, FollowsVolumesOfAnySize) {
  FlatCopy flat;
  const auto holds = [&](const Volume& volume) {
    return std::ranges::equal(flat.of(volume), volume.bytes());
  };
  Volume volume(3 * kChunk + 100);
  volume.write(kChunk, filled(2 * kChunk + 100, 7));
  EXPECT_TRUE(holds(volume));
  Volume smaller(kChunk + 10);
  smaller.write(0, filled(10, 1));
  EXPECT_TRUE(holds(smaller));
  Volume larger = volume;
  larger.resize(5 * kChunk);
  larger.zero(2 * kChunk, kChunk);
  EXPECT_TRUE(holds(larger));
  EXPECT_TRUE(holds(volume));
}

TEST(Volume, SurvivesSaveAndLoad) {
  const auto file = std::filesystem::path(testing::TempDir()) / "volume_test.img";
  Volume volume(5 * kChunk + 511);
  volume.write(2 * kChunk + 1, filled(kChunk, 0xab));
  volume.write(5 * kChunk + 510, filled(1, 1));
  ASSERT_TRUE(volume.save(file).has_value());
  const auto loaded = Volume::load(file);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(*loaded, volume);
  EXPECT_LT(loaded->allocated_bytes(), volume.size());
  std::filesystem::remove(file);
}

TEST(Volume, LoadNamesTheMissingFile) {
  const auto loaded = Volume::load("/nonexistent/image");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().message.find("/nonexistent/image"), std::string::npos);
}

// The sparse volume against a plain array, with copies taken on the way.
TEST(Volume, AgreesWithAPlainArrayUnderRandomUse) {
  constexpr std::size_t kSize = 3 * Volume::kChunkBytes + 1000;
  std::mt19937 random(1);
  std::vector<std::byte> plain = filled(kSize, 0);
  Volume volume(kSize);
  std::vector<std::pair<Volume, std::vector<std::byte>>> snapshots;
  for (int step = 0; step < 400; ++step) {
    const std::size_t offset = random() % kSize;
    const std::size_t length = random() % (kSize - offset + 1);
    if (random() % 3 == 0) {
      volume.zero(offset, length);
      std::memset(plain.data() + offset, 0, length);
    } else {
      const auto data = filled(length, static_cast<int>(random() % 256));
      volume.write(offset, data);
      std::memcpy(plain.data() + offset, data.data(), length);
    }
    if (step % 40 == 0) snapshots.emplace_back(volume, plain);
  }
  EXPECT_EQ(volume.bytes(), plain);
  for (const auto& [copy, expected] : snapshots) EXPECT_EQ(copy.bytes(), expected);
  EXPECT_EQ(Volume::from_bytes(plain), volume);
}

}  // namespace
}  // namespace vexfs::parity::device

// SPDX-License-Identifier: MIT
// A volume with any byte changed is refused or answers EUCLEAN; it never crashes the engine or
// keeps it busy.
#include <cerrno>
#include <cstring>
#include <random>

#include <dirent.h>
#include <gtest/gtest.h>

#include "fuse/core/crc32c.h"
#include "fuse/core/tests/test_volume.h"
#include "reference/contract/directory.h"

namespace vexfs::core::testing {
namespace {

/** A volume with every kind of structure on it, cleanly unmounted. */
Image full_image() {
  Image image = make_image(small());
  auto volume = mount(image);
  const InodeNumber directory = make_directory(*volume, "dir");
  for (int i = 0; i < 20; ++i) make_file(*volume, "file" + std::to_string(i), directory);
  const InodeNumber file = make_file(*volume, "deep");
  for (uint64_t lblk = 0; lblk < 60; lblk += 2) put_block(*volume, file, lblk);
  EXPECT_TRUE(volume->symlink(VEXFS_ROOT_INO, "long", std::string(300, 'x'), {}));
  EXPECT_EQ(error_of(volume->unmount()), 0);
  return image;
}

/** Everything a caller might do with a damaged volume; only that it ends matters. */
void exercise(Image& image) {
  auto opened = Volume::open(std::make_unique<MemoryDevice>(image), manual());
  if (!opened) {
    EXPECT_TRUE(opened.error().number == EUCLEAN || opened.error().number == EINVAL);
    return;
  }
  Volume& volume = **opened;
  std::vector<InodeNumber> found;
  for (InodeNumber directory = 1; directory < 3; ++directory) {
    (void)volume.readdir(directory, 0, true, [&](const DirectoryEntry& entry) {
      found.push_back(entry.ino);
      return found.size() < 1000;
    });
  }
  std::vector<std::byte> bytes(300000);
  for (const InodeNumber ino : found) {
    (void)volume.read(ino, 0, bytes);
    (void)volume.readlink(ino);
    (void)volume.write(ino, 5000, std::span(bytes).first(9000), true);
  }
  (void)volume.mknod(VEXFS_ROOT_INO, "new", {.mode = 0100644});
  (void)volume.rename(VEXFS_ROOT_INO, "dir", VEXFS_ROOT_INO, "moved", 0);
  (void)volume.setattr(VEXFS_ROOT_INO, {.mode = 0700});
  for (const char* name : {"deep", "long", "moved", "dir"}) {
    if (const auto inode = volume.lookup(VEXFS_ROOT_INO, name)) {
      (void)volume.setattr(inode->ino, {.size = 100});
    }
    (void)volume.unlink(VEXFS_ROOT_INO, name);
    (void)volume.rmdir(VEXFS_ROOT_INO, name);
  }
  (void)volume.sync();
  (void)volume.read_events(0, bytes);
  (void)volume.unmount();
}

/** Blocks in use that are not the log's. */
std::vector<uint64_t> interesting_blocks(const Image& image) {
  const auto& super = super_of(image);
  std::vector<uint64_t> blocks{0, 1, 2};
  for (uint64_t block = super.state.start; block < super.data.start + 60; ++block) {
    blocks.push_back(block);
  }
  return blocks;
}

TEST(Damage, AnyChangedByteIsSurvived) {
  const Image whole = full_image();
  const auto blocks = interesting_blocks(whole);
  std::mt19937 random(1);
  for (int i = 0; i < 1500; ++i) {
    Image image = whole;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int change = 0; change < changes; ++change) {
      const uint64_t offset = blocks[random() % blocks.size()] * VEXFS_BLOCK_SIZE +
                              (random() % 2 == 0 ? random() % 200 : random() % VEXFS_BLOCK_SIZE);
      image[offset] = static_cast<std::byte>(random());
    }
    exercise(image);
  }
}

/** Changes bytes of inodes, nodes and directory blocks and makes their checksums right again. */
TEST(Damage, NonsenseWithRightChecksumsIsSurvived) {
  const Image whole = full_image();
  const auto& super = super_of(whole);
  const Checksum checksum(std::as_bytes(std::span<const __u8, 16>(super.uuid)));
  std::mt19937 random(2);
  for (int i = 0; i < 1500; ++i) {
    Image image = whole;
    for (int change = 0; change < 3; ++change) {
      const auto value = static_cast<std::byte>(random() % 3 == 0 ? 0xff : random());
      if (random() % 2 == 0) {
        const uint64_t ino = 1 + random() % 26;
        const uint64_t start = super.inode_table.start * VEXFS_BLOCK_SIZE + ino * VEXFS_INODE_SIZE;
        image[start + 4 + random() % 200] = value;
        const auto bytes = std::span(image).subspan(start, VEXFS_INODE_SIZE);
        const uint32_t crc = checksum.of(ino, bytes, 0);
        std::memcpy(bytes.data(), &crc, 4);
      } else {
        const uint64_t block = super.data.start + random() % 60;
        const auto bytes = std::span(image).subspan(block * VEXFS_BLOCK_SIZE, VEXFS_BLOCK_SIZE);
        bytes[8 + random() % 120] = value;
        const uint32_t crc = checksum.of(block, bytes, 4);
        std::memcpy(bytes.data() + 4, &crc, 4);
      }
    }
    exercise(image);
  }
}

// A listing with attributes shows the inode's type, one without the record's: they must not differ.
TEST(Damage, ARecordOfAnotherTypeIsListedWithoutAttributes) {
  struct Case {
    uint8_t recorded, listed;
    bool attributes;
  };
  for (const Case& record : {Case{DT_REG, DT_REG, true}, Case{DT_LNK, DT_LNK, false},
                             Case{11, DT_UNKNOWN, false}, Case{DT_REG + 16, DT_UNKNOWN, false}}) {
    Image image = make_image(small());
    {
      auto volume = mount(image);
      ASSERT_TRUE(volume->mknod(VEXFS_ROOT_INO, "f", {.mode = 0100644}));
      ASSERT_TRUE(volume->unmount());
    }
    const auto& super = super_of(image);
    const uint64_t number = super.data.start;  // the root's first block
    const auto block = std::span(image).subspan(number * VEXFS_BLOCK_SIZE, VEXFS_BLOCK_SIZE);
    block[sizeof(vexfs_dir_header) + offsetof(vexfs_dir_record, type)] =
        static_cast<std::byte>(record.recorded);
    const Checksum checksum(std::as_bytes(std::span<const __u8, 16>(super.uuid)));
    const uint32_t crc = checksum.of(number, block, 4);
    std::memcpy(block.data() + 4, &crc, 4);
    DirectoryEntry seen;
    ASSERT_TRUE(mount(image)->readdir(VEXFS_ROOT_INO, 2, true, [&](const DirectoryEntry& entry) {
      seen = entry;
      return true;
    }));
    EXPECT_EQ(seen.type, record.listed);
    EXPECT_EQ(seen.attributes.has_value(), record.attributes);
  }
}

TEST(Damage, RefusedAtMount) {
  struct Case {
    uint64_t block, byte;
    int error;
  };
  const Image whole = full_image();
  for (const Case& damage :
       {Case{0, 0, EINVAL}, Case{0, 100, EUCLEAN}, Case{super_of(whole).state.start, 30, EUCLEAN},
        Case{super_of(whole).inode_table.start, 256 + 8, EUCLEAN}}) {
    Image image = whole;
    image[damage.block * VEXFS_BLOCK_SIZE + damage.byte] ^= std::byte{0x55};
    const auto volume = Volume::open(std::make_unique<MemoryDevice>(image), manual());
    ASSERT_FALSE(volume);
    EXPECT_EQ(volume.error().number, damage.error) << volume.error().message;
  }
  Image image = whole;
  image[1 * VEXFS_BLOCK_SIZE + 8] ^= std::byte{1};
  image[2 * VEXFS_BLOCK_SIZE + 8] ^= std::byte{1};
  const auto volume = Volume::open(std::make_unique<MemoryDevice>(image), manual());
  ASSERT_FALSE(volume);
  EXPECT_EQ(volume.error().number, EUCLEAN) << "no valid anchor";
}

}  // namespace
}  // namespace vexfs::core::testing

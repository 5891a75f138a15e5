// SPDX-License-Identifier: MIT
// What the tests of the engine share: volumes in memory, made by mkfs.vexfs and judged by
// fsck.vexfs (both run as processes, so that nothing of their code is in the tests), and devices
// that remember or fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fuse/core/volume.h"
#include "reference/contract/inode.h"
#include "reference/contract/superblock.h"

namespace vexfs::core::testing {

using Image = std::vector<std::byte>;

/** A volume from mkfs.vexfs with these arguments and a fixed uuid; each is made once and then
 * copied. */
Image make_image(const std::vector<std::string>& arguments);
/** Small limits: 1024 blocks, 64 inodes, fanout 4, a small log. */
std::vector<std::string> small();
/** What fsck.vexfs says of the volume: empty if nothing is wrong. */
std::string fsck(std::span<const std::byte> image);

/** Options of parity runs: manual clock, no timer. */
MountOptions manual();

/** Opens a volume over `image`, which must outlive it. Fails the test if it does not mount. */
std::unique_ptr<Volume> mount(Image& image, const MountOptions& options = manual());

/** The structure of type T at the start of a block, or at `offset` within it. */
template <typename T>
const T& at(const Image& image, uint64_t block, uint64_t offset = 0) {
  return *reinterpret_cast<const T*>(image.data() + block * VEXFS_BLOCK_SIZE + offset);
}
inline const vexfs_superblock& super_of(const Image& image) {
  return at<vexfs_superblock>(image, 0);
}
inline const vexfs_state& state_of(const Image& image) {
  return at<vexfs_state>(image, super_of(image).state.start);
}
inline const vexfs_inode& inode_of(const Image& image, uint64_t ino) {
  return at<vexfs_inode>(image, super_of(image).inode_table.start, ino * VEXFS_INODE_SIZE);
}
/** The anchor with the higher number. */
const vexfs_anchor& anchor_of(const Image& image);
/** Extents or index entries that stand in the inode. */
std::vector<vexfs_extent> entries_of(const Image& image, uint64_t ino);
/** Entries of the node in `block`. */
std::vector<vexfs_extent> node_entries(const Image& image, uint64_t block);

/** A file under the root. */
InodeNumber make_file(Volume& volume, std::string_view name, InodeNumber parent = VEXFS_ROOT_INO);
InodeNumber make_directory(Volume& volume, std::string_view name,
                           InodeNumber parent = VEXFS_ROOT_INO);
/** Writes `text` at byte `offset` and expects all of it to be written. */
void put(Volume& volume, InodeNumber ino, uint64_t offset, std::string_view text);
/** Writes one byte into file block `lblk`. */
void put_block(Volume& volume, InodeNumber ino, uint64_t lblk);
std::string contents(Volume& volume, InodeNumber ino);
std::vector<std::string> names(Volume& volume, InodeNumber directory);
int error_of(const Expected<Attributes>& result);
int error_of(const Expected<void>& result);
int error_of(const Expected<size_t>& result);

/** Memory that keeps every write, so that the image after any of them can be looked at. */
class RecordingDevice final : public BlockDevice {
 public:
  struct Write {
    uint64_t offset;
    Image bytes;
    /** Flushes completed before. */
    uint64_t flushes;
  };
  explicit RecordingDevice(Image image) : image_(std::move(image)) {}

  Expected<void> read(uint64_t offset, std::span<std::byte> into) override;
  Expected<void> write(uint64_t offset, std::span<const std::byte> from) override;
  Expected<void> flush() override;
  uint64_t size() const override { return image_.size(); }

  /** Called before each write; a positive errno makes it fail. */
  std::function<int(uint64_t offset, size_t size)> before_write;
  std::vector<Write> writes;
  uint64_t flushes = 0;

 private:
  std::mutex mutex_;
  Image image_;
};

/** Forwards to a device that somebody else owns. */
class BorrowedDevice final : public BlockDevice {
 public:
  explicit BorrowedDevice(BlockDevice& device) : device_(device) {}
  Expected<void> read(uint64_t offset, std::span<std::byte> into) override {
    return device_.read(offset, into);
  }
  Expected<void> write(uint64_t offset, std::span<const std::byte> from) override {
    return device_.write(offset, from);
  }
  Expected<void> flush() override { return device_.flush(); }
  uint64_t size() const override { return device_.size(); }

 private:
  BlockDevice& device_;
};

}  // namespace vexfs::core::testing

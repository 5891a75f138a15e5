// SPDX-License-Identifier: MIT
// A small volume in memory and the few words in which tests talk to it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/inode.h"
#include "reference/model/format.h"
#include "reference/model/volume.h"

namespace vexfs::model::test {

using Image = std::vector<std::byte>;

/// 2048 blocks (8 MiB), 256 inodes, otherwise mkfs' defaults; a fixed uuid.
Geometry small_geometry();

/// A zeroed image with a fresh volume. Aborts if the geometry is impossible.
Image make_image(const Geometry& geometry);

/// A mounted volume that owns its image.
class TestVolume {
 public:
  explicit TestVolume(const Geometry& geometry = small_geometry(), MountOptions options = {});

  Volume& operator*() { return *volume_; }
  Volume* operator->() { return volume_.get(); }
  const Mounted& inside() const { return volume_->inside(); }
  Image& image() { return image_; }

  void unmount();
  /// Mounts again; before that unmounts, unless unmount() was called.
  void remount(MountOptions options = {});
  /// Power fails and comes back.
  void crash(MountOptions options = {});

  Ino create(std::string_view name, Ino dir = posix::kRootIno);
  Ino mkdir(std::string_view name, Ino dir = posix::kRootIno);
  /// Fails the test unless all bytes are written.
  void write(Ino ino, std::uint64_t offset, std::string_view text);
  /// `blocks` blocks full of `letter`, from logical block `first` on.
  void write_blocks(Ino ino, std::uint64_t first, std::uint64_t blocks, char letter = 'x');
  std::string read(Ino ino, std::uint64_t offset, std::uint64_t length);
  void truncate(Ino ino, std::uint64_t size);
  vexfs_inode inode(Ino ino) const;
  std::vector<std::string> names(Ino dir = posix::kRootIno);

 private:
  Image image_;
  std::unique_ptr<Volume> volume_;
};

/// A new regular file's attributes.
posix::NewNode regular(std::uint32_t mode = 0644);

/// What every volume must satisfy between operations: bitmaps agree with what inodes hold, counters
/// agree with bitmaps, link counts agree with names, directories have their parents as home. The
/// empty string if it does.
std::string inconsistency(const Mounted& volume);

}  // namespace vexfs::model::test

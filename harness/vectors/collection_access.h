// SPDX-License-Identifier: MIT
// One collection as those who use it see it, whatever lies beneath.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "reference/posix/inode_volume.h"

namespace vexfs::parity {

/// Locking: ask() with the query door may be called by several threads at once if what lies beneath
/// allows it.
class CollectionAccess {
 public:
  virtual ~CollectionAccess() = default;

  /// Executes a request and answers the whole reply, or an errno.
  virtual posix::Result<std::vector<std::byte>> ask(posix::Door door,
                                                    std::span<const std::byte> request) = 0;
  /// All bytes of one of the files.
  virtual posix::Result<std::vector<std::byte>> read(posix::CollectionFile file) = 0;
};

/// The root of a volume in this process as a collection.
class VolumeCollection final : public CollectionAccess {
 public:
  /// Makes the root a collection. The volume must outlive it. An errno.
  static posix::Result<VolumeCollection> make(posix::InodeVolume& volume, const std::string& value);
  /// The root is one.
  static VolumeCollection of(posix::InodeVolume& volume) { return VolumeCollection(volume); }

  posix::Result<std::vector<std::byte>> ask(posix::Door door,
                                            std::span<const std::byte> request) override;
  posix::Result<std::vector<std::byte>> read(posix::CollectionFile file) override;

 private:
  explicit VolumeCollection(posix::InodeVolume& volume) : volume_(&volume) {}

  posix::InodeVolume* volume_;
};

/// A directory of a mounted volume as a collection.
class MountedCollection final : public CollectionAccess {
 public:
  /// Makes the directory a collection. An errno.
  static posix::Result<MountedCollection> make(const std::string& directory,
                                               const std::string& value);

  posix::Result<std::vector<std::byte>> ask(posix::Door door,
                                            std::span<const std::byte> request) override;
  posix::Result<std::vector<std::byte>> read(posix::CollectionFile file) override;

 private:
  explicit MountedCollection(std::string directory) : hidden_(std::move(directory) + "/.vexfs/") {}

  std::string hidden_;
};

}  // namespace vexfs::parity

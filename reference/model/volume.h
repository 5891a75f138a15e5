// SPDX-License-Identifier: MIT
// The reference model of a mounted VexFS volume: the way in for everyone outside this folder.
#pragma once

#include <memory>

#include "reference/model/mounted.h"
#include "reference/posix/inode_volume.h"

namespace vexfs::model {

/// A volume on a disk, which always holds what a device would after everything issued so far is
/// written: a copy of its blocks is what a crash at this moment leaves, and after unmount() it is
/// the final volume. Not thread-safe.
class Volume final : public posix::InodeVolume {
 public:
  /// Mounts, which recovers if need be. EINVAL or EUCLEAN as docs/format.md, "Validation on
  /// read", says.
  static Result<std::unique_ptr<Volume>> mount(std::unique_ptr<Disk> disk,
                                               const MountOptions& options);
  /// The same on an image in memory that the caller owns and keeps.
  static Result<std::unique_ptr<Volume>> mount(std::span<std::byte> image,
                                               const MountOptions& options);

  /// Releases all handles and brings everything home. Nothing may be called afterwards. A volume
  /// that is destroyed without this has crashed.
  void unmount();

  /// What a test wants to see that no caller can.
  const Mounted& inside() const { return *mounted_; }

  bool read_only() const override;
  posix::Result<posix::Attr> lookup(Ino dir, std::string_view name) override;
  posix::Result<posix::Attr> getattr(Ino ino) override;
  posix::Result<posix::Attr> setattr(Ino ino, const posix::SetAttr& change) override;
  posix::Result<posix::Attr> mknod(Ino dir, std::string_view name,
                                   const posix::NewNode& node) override;
  posix::Result<posix::Attr> mkdir(Ino dir, std::string_view name,
                                   const posix::NewNode& node) override;
  posix::Result<posix::Attr> symlink(Ino dir, std::string_view name, std::string_view target,
                                     const posix::NewNode& node) override;
  posix::Result<posix::Attr> link(Ino ino, Ino dir, std::string_view name) override;
  posix::Result<void> unlink(Ino dir, std::string_view name) override;
  posix::Result<void> rmdir(Ino dir, std::string_view name) override;
  posix::Result<void> rename(Ino old_dir, std::string_view old_name, Ino new_dir,
                             std::string_view new_name, unsigned flags) override;
  posix::Result<std::string> readlink(Ino ino) override;
  posix::Result<void> open(Ino ino) override;
  void release(Ino ino) override;
  posix::Result<std::vector<std::byte>> read(Ino ino, std::uint64_t offset,
                                             std::uint64_t length) override;
  posix::Result<std::size_t> write(Ino ino, std::uint64_t offset, std::span<const std::byte> bytes,
                                   std::uint32_t kill_setid) override;
  posix::Result<std::vector<posix::DirEntry>> readdir(Ino dir, std::uint64_t position,
                                                      std::size_t most) override;
  posix::Result<void> fsync(Ino ino) override;
  posix::Result<void> sync() override;
  posix::Result<void> checkpoint() override;
  posix::Result<void> set_clock(std::int64_t nanoseconds) override;
  posix::Result<posix::StatFs> statfs() override;
  posix::Result<std::vector<std::byte>> events(std::uint64_t position,
                                               std::uint64_t length) override;
  posix::Result<std::string> stats() override;
  posix::Result<void> control(std::string_view line) override;
  posix::Result<void> set_collection(Ino ino, std::string_view value, bool replace) override;
  posix::Result<std::string> get_collection(Ino ino) override;
  posix::Result<void> remove_collection(Ino ino) override;
  posix::Result<Ino> graph_inode(Ino ino) override;
  posix::Result<void> set_vector(Ino ino, std::span<const std::byte> value, int flags) override;
  posix::Result<std::vector<std::byte>> get_vector(Ino ino) override;
  posix::Result<void> remove_vector(Ino ino) override;
  posix::Result<bool> has_vector(Ino ino) override;
  posix::Result<posix::CollectionAttr> collection_of(Ino directory) override;
  posix::Result<posix::CollectionAttr> collection(Ino graph) override;
  posix::Result<std::vector<std::byte>> door(Ino graph, posix::Door which,
                                             std::span<const std::byte> request) override;
  posix::Result<std::vector<std::byte>> collection_file(Ino graph,
                                                        posix::CollectionFile which) override;

 private:
  Volume(std::unique_ptr<Disk> disk, std::unique_ptr<Mounted> mounted)
      : disk_(std::move(disk)), mounted_(std::move(mounted)) {}

  std::unique_ptr<Disk> disk_;  // that mounted_ refers to
  std::unique_ptr<Mounted> mounted_;
};

}  // namespace vexfs::model

// SPDX-License-Identifier: MIT
// Lets the production engine (fuse/core) stand where the reference model stands below
// reference/posix.
#pragma once

#include "fuse/core/volume.h"
#include "reference/posix/inode_volume.h"

namespace vexfs::parity {

/// The inode-level interface on a mounted engine, which must outlive it.
class CoreVolume final : public posix::InodeVolume {
 public:
  explicit CoreVolume(core::Volume& volume) : volume_(volume) {}

  bool read_only() const override { return volume_.read_only(); }

  posix::Result<posix::Attr> lookup(posix::Ino dir, std::string_view name) override;
  posix::Result<posix::Attr> getattr(posix::Ino ino) override;
  posix::Result<posix::Attr> setattr(posix::Ino ino, const posix::SetAttr& change) override;
  posix::Result<posix::Attr> mknod(posix::Ino dir, std::string_view name,
                                   const posix::NewNode& node) override;
  posix::Result<posix::Attr> mkdir(posix::Ino dir, std::string_view name,
                                   const posix::NewNode& node) override;
  posix::Result<posix::Attr> symlink(posix::Ino dir, std::string_view name, std::string_view target,
                                     const posix::NewNode& node) override;
  posix::Result<posix::Attr> link(posix::Ino ino, posix::Ino dir, std::string_view name) override;
  posix::Result<void> unlink(posix::Ino dir, std::string_view name) override;
  posix::Result<void> rmdir(posix::Ino dir, std::string_view name) override;
  posix::Result<void> rename(posix::Ino old_dir, std::string_view old_name, posix::Ino new_dir,
                             std::string_view new_name, unsigned flags) override;
  posix::Result<std::string> readlink(posix::Ino ino) override;
  posix::Result<void> open(posix::Ino ino) override;
  void release(posix::Ino ino) override;
  posix::Result<std::vector<std::byte>> read(posix::Ino ino, std::uint64_t offset,
                                             std::uint64_t length) override;
  posix::Result<std::size_t> write(posix::Ino ino, std::uint64_t offset,
                                   std::span<const std::byte> bytes,
                                   std::uint32_t kill_setid) override;
  posix::Result<std::vector<posix::DirEntry>> readdir(posix::Ino dir, std::uint64_t position,
                                                      std::size_t most) override;
  posix::Result<void> fsync(posix::Ino ino) override;
  posix::Result<void> sync() override;
  posix::Result<void> checkpoint() override;
  posix::Result<void> set_clock(std::int64_t nanoseconds) override;
  posix::Result<posix::StatFs> statfs() override;
  posix::Result<std::vector<std::byte>> events(std::uint64_t position,
                                               std::uint64_t length) override;
  posix::Result<std::string> stats() override;
  posix::Result<void> control(std::string_view line) override;
  posix::Result<void> set_collection(posix::Ino ino, std::string_view value, bool replace) override;
  posix::Result<std::string> get_collection(posix::Ino ino) override;
  posix::Result<void> remove_collection(posix::Ino ino) override;
  posix::Result<posix::Ino> graph_inode(posix::Ino ino) override;
  posix::Result<posix::CollectionAttr> collection_of(posix::Ino directory) override;
  posix::Result<posix::CollectionAttr> collection(posix::Ino graph) override;
  posix::Result<std::vector<std::byte>> door(posix::Ino graph, posix::Door door,
                                             std::span<const std::byte> request) override;
  posix::Result<std::vector<std::byte>> collection_file(posix::Ino graph,
                                                        posix::CollectionFile file) override;
  posix::Result<void> set_vector(posix::Ino ino, std::span<const std::byte> value,
                                 int flags) override;
  posix::Result<std::vector<std::byte>> get_vector(posix::Ino ino) override;
  posix::Result<void> remove_vector(posix::Ino ino) override;
  posix::Result<bool> has_vector(posix::Ino ino) override;

 private:
  core::Volume& volume_;
};

}  // namespace vexfs::parity

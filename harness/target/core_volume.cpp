// SPDX-License-Identifier: MIT
#include "harness/target/core_volume.h"

#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>

namespace vexfs::parity {
namespace {

posix::Timestamp timestamp_of(const core::Time& time) { return {time.seconds, time.nanoseconds}; }

posix::Attr attr_of(const core::Attributes& from) {
  posix::Attr attr;
  attr.ino = from.ino;
  attr.mode = from.mode;
  attr.nlink = from.nlink;
  attr.uid = from.uid;
  attr.gid = from.gid;
  attr.rdev = from.rdev;
  attr.size = from.size;
  attr.blocks = from.blocks;
  attr.generation = from.generation;
  attr.atime = timestamp_of(from.atime);
  attr.mtime = timestamp_of(from.mtime);
  attr.ctime = timestamp_of(from.ctime);
  return attr;
}

posix::Result<posix::Attr> attr_of(const core::Expected<core::Attributes>& from) {
  if (!from) return std::unexpected(from.error());
  return attr_of(*from);
}

core::NewNode node_of(const posix::NewNode& node) {
  return {.mode = node.mode, .uid = node.uid, .gid = node.gid, .rdev = node.rdev};
}

std::optional<core::TimeChange> time_of(const std::optional<posix::SetTime>& from) {
  if (!from) return std::nullopt;
  return core::TimeChange{.now = from->now, .time = {from->value.sec, from->value.nsec}};
}

}  // namespace

posix::Result<posix::Attr> CoreVolume::lookup(posix::Ino dir, std::string_view name) {
  return attr_of(volume_.lookup(dir, name));
}

posix::Result<posix::Attr> CoreVolume::getattr(posix::Ino ino) {
  return attr_of(volume_.getattr(ino));
}

posix::Result<posix::Attr> CoreVolume::setattr(posix::Ino ino, const posix::SetAttr& change) {
  core::AttributeChange to;
  to.mode = change.mode;
  to.uid = change.uid;
  to.gid = change.gid;
  to.size = change.size;
  to.atime = time_of(change.atime);
  to.mtime = time_of(change.mtime);
  to.kill_setid = change.kill_setid != 0;
  return attr_of(volume_.setattr(ino, to));
}

posix::Result<posix::Attr> CoreVolume::mknod(posix::Ino dir, std::string_view name,
                                             const posix::NewNode& node) {
  return attr_of(volume_.mknod(dir, name, node_of(node)));
}

posix::Result<posix::Attr> CoreVolume::mkdir(posix::Ino dir, std::string_view name,
                                             const posix::NewNode& node) {
  return attr_of(volume_.mkdir(dir, name, node_of(node)));
}

posix::Result<posix::Attr> CoreVolume::symlink(posix::Ino dir, std::string_view name,
                                               std::string_view target,
                                               const posix::NewNode& node) {
  return attr_of(volume_.symlink(dir, name, target, node_of(node)));
}

posix::Result<posix::Attr> CoreVolume::link(posix::Ino ino, posix::Ino dir, std::string_view name) {
  return attr_of(volume_.link(ino, dir, name));
}

posix::Result<void> CoreVolume::unlink(posix::Ino dir, std::string_view name) {
  return volume_.unlink(dir, name);
}

posix::Result<void> CoreVolume::rmdir(posix::Ino dir, std::string_view name) {
  return volume_.rmdir(dir, name);
}

posix::Result<void> CoreVolume::rename(posix::Ino old_dir, std::string_view old_name,
                                       posix::Ino new_dir, std::string_view new_name,
                                       unsigned flags) {
  return volume_.rename(old_dir, old_name, new_dir, new_name, flags);
}

posix::Result<std::string> CoreVolume::readlink(posix::Ino ino) { return volume_.readlink(ino); }

posix::Result<void> CoreVolume::open(posix::Ino ino) {
  const auto opened = volume_.open_inode(ino);
  if (!opened) return std::unexpected(opened.error());
  return {};
}

void CoreVolume::release(posix::Ino ino) { volume_.release(ino); }

posix::Result<std::vector<std::byte>> CoreVolume::read(posix::Ino ino, std::uint64_t offset,
                                                       std::uint64_t length) {
  // A huge length is no reason for a huge buffer: a file shorter than that ends the read anyway.
  const auto attributes = volume_.getattr(ino);
  if (!attributes) return std::unexpected(attributes.error());
  const std::uint64_t left = attributes->size > offset ? attributes->size - offset : 0;
  std::vector<std::byte> bytes(std::min(length, left));
  const auto got = volume_.read(ino, offset, bytes);
  if (!got) return std::unexpected(got.error());
  bytes.resize(*got);
  return bytes;
}

posix::Result<std::size_t> CoreVolume::write(posix::Ino ino, std::uint64_t offset,
                                             std::span<const std::byte> bytes,
                                             std::uint32_t kill_setid) {
  return volume_.write(ino, offset, bytes, kill_setid != 0);
}

posix::Result<std::vector<posix::DirEntry>> CoreVolume::readdir(posix::Ino dir,
                                                                std::uint64_t position,
                                                                std::size_t most) {
  std::vector<posix::DirEntry> entries;
  const auto listed = volume_.readdir(dir, position, false, [&](const core::DirectoryEntry& entry) {
    if (entries.size() == most) return false;
    entries.push_back({std::string(entry.name), entry.ino, entry.type, entry.next_position});
    return true;
  });
  if (!listed) return std::unexpected(listed.error());
  return entries;
}

posix::Result<void> CoreVolume::fsync(posix::Ino ino) { return volume_.fsync(ino); }

posix::Result<void> CoreVolume::sync() { return volume_.sync(); }

posix::Result<void> CoreVolume::checkpoint() { return volume_.checkpoint(); }

posix::Result<void> CoreVolume::set_clock(std::int64_t nanoseconds) {
  return volume_.set_clock(nanoseconds);
}

posix::Result<posix::StatFs> CoreVolume::statfs() {
  const core::VolumeSpace space = volume_.statfs();
  return posix::StatFs{space.blocks, space.free_blocks, space.inodes, space.free_inodes};
}

posix::Result<std::vector<std::byte>> CoreVolume::events(std::uint64_t position,
                                                         std::uint64_t length) {
  const std::uint64_t head = volume_.readable_head();
  std::vector<std::byte> bytes(std::min(length, head > position ? head - position : 0));
  const auto got = volume_.read_events(position, bytes);
  if (!got) return std::unexpected(got.error());
  bytes.resize(*got);
  return bytes;
}

posix::Result<std::string> CoreVolume::stats() { return volume_.stats(); }

posix::Result<void> CoreVolume::control(std::string_view line) {
  // The engine takes what write(2) brings: a write of nothing does nothing, an empty line is
  // EINVAL.
  return volume_.control(std::string(line) + "\n");
}

posix::Result<void> CoreVolume::set_collection(posix::Ino ino, std::string_view value,
                                               bool replace) {
  return volume_.set_collection(ino, value, replace ? XATTR_REPLACE : 0);
}

posix::Result<std::string> CoreVolume::get_collection(posix::Ino ino) {
  return volume_.collection_value(ino);
}

posix::Result<void> CoreVolume::remove_collection(posix::Ino ino) {
  return volume_.remove_collection(ino);
}

posix::Result<posix::Ino> CoreVolume::graph_inode(posix::Ino ino) {
  const auto attributes = volume_.getattr(ino);
  if (!attributes) return std::unexpected(attributes.error());
  return attributes->collection;
}

posix::Result<posix::CollectionAttr> CoreVolume::collection_of(posix::Ino directory) {
  const auto attributes = volume_.getattr(directory);
  if (!attributes) return std::unexpected(attributes.error());
  if (attributes->collection == 0) return std::unexpected(ENOENT);
  return collection(attributes->collection);
}

posix::Result<posix::CollectionAttr> CoreVolume::collection(posix::Ino graph) {
  const auto view = volume_.collection(graph);
  if (!view) return std::unexpected(view.error());
  return posix::CollectionAttr{.graph = view->graph,
                               .directory = view->directory.ino,
                               .generation = view->generation,
                               .vectors_size = view->vectors_bytes,
                               .graph_size = view->graph_bytes};
}

posix::Result<std::vector<std::byte>> CoreVolume::door(posix::Ino graph, posix::Door door,
                                                       std::span<const std::byte> request) {
  return volume_.door(graph, door == posix::Door::kQuery ? core::Door::kQuery : core::Door::kUpdate,
                      request);
}

posix::Result<std::vector<std::byte>> CoreVolume::collection_file(posix::Ino graph,
                                                                  posix::CollectionFile file) {
  if (file == posix::CollectionFile::kInfo) {
    const auto text = volume_.collection_info(graph);
    if (!text) return std::unexpected(text.error());
    const auto bytes = std::as_bytes(std::span(*text));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  const auto view = volume_.collection(graph);
  if (!view) return std::unexpected(view.error());
  const bool rows = file == posix::CollectionFile::kVectors;
  std::vector<std::byte> bytes(rows ? view->vectors_bytes : view->graph_bytes);
  const auto got =
      rows ? volume_.read_vectors(graph, 0, bytes) : volume_.read_graph(graph, 0, bytes);
  if (!got) return std::unexpected(got.error());
  return bytes;
}

posix::Result<void> CoreVolume::set_vector(posix::Ino ino, std::span<const std::byte> value,
                                           int flags) {
  return volume_.set_vector(ino, value, flags);
}

posix::Result<std::vector<std::byte>> CoreVolume::get_vector(posix::Ino ino) {
  return volume_.vector(ino);
}

posix::Result<void> CoreVolume::remove_vector(posix::Ino ino) { return volume_.remove_vector(ino); }

posix::Result<bool> CoreVolume::has_vector(posix::Ino ino) { return volume_.has_vector(ino); }

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "reference/model/volume.h"

#include <cerrno>
#include <charconv>

#include "reference/model/attributes.h"
#include "reference/model/checkpoint.h"
#include "reference/model/collection_door.h"
#include "reference/model/collection_files.h"
#include "reference/model/collection_inodes.h"
#include "reference/model/directory.h"
#include "reference/model/event.h"
#include "reference/model/file.h"
#include "reference/model/file_vector.h"
#include "reference/model/inode.h"
#include "reference/model/namespace.h"
#include "reference/model/reclaim.h"
#include "reference/model/recovery.h"
#include "reference/model/seal.h"

namespace vexfs::model {
namespace {

// Decimal, perhaps negative, all of the text.
std::optional<std::int64_t> parse_nanoseconds(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<std::unique_ptr<Volume>> Volume::mount(std::unique_ptr<Disk> disk,
                                              const MountOptions& options) {
  VEXFS_TRY(mounted, mount_disk(*disk, options));
  return std::unique_ptr<Volume>(new Volume(std::move(disk), std::move(mounted)));
}

Result<std::unique_ptr<Volume>> Volume::mount(std::span<std::byte> image,
                                              const MountOptions& options) {
  return mount(std::make_unique<MemoryDisk>(image), options);
}

void Volume::unmount() {
  mounted_->handles.clear();
  if (read_only()) return;  // also if it is broken
  seal(*mounted_);
  reclaim(*mounted_);
  checkpoint_clean(*mounted_);
}

bool Volume::read_only() const { return !mounted_->takes_changes(); }

Result<Attr> Volume::lookup(Ino dir, std::string_view name) {
  return model::lookup(*mounted_, dir, name);
}

Result<Attr> Volume::getattr(Ino ino) { return get_attributes(*mounted_, ino); }

Result<Attr> Volume::setattr(Ino ino, const posix::SetAttr& change) {
  return set_attributes(*mounted_, ino, change);
}

Result<Attr> Volume::mknod(Ino dir, std::string_view name, const NewNode& node) {
  return make_node(*mounted_, dir, name, node);
}

Result<Attr> Volume::mkdir(Ino dir, std::string_view name, const NewNode& node) {
  return make_directory(*mounted_, dir, name, node);
}

Result<Attr> Volume::symlink(Ino dir, std::string_view name, std::string_view target,
                             const NewNode& node) {
  return make_symlink(*mounted_, dir, name, target, node);
}

Result<Attr> Volume::link(Ino ino, Ino dir, std::string_view name) {
  return make_link(*mounted_, ino, dir, name);
}

Result<void> Volume::unlink(Ino dir, std::string_view name) {
  return remove_file(*mounted_, dir, name);
}

Result<void> Volume::rmdir(Ino dir, std::string_view name) {
  return remove_directory(*mounted_, dir, name);
}

Result<void> Volume::rename(Ino old_dir, std::string_view old_name, Ino new_dir,
                            std::string_view new_name, unsigned flags) {
  return model::rename(*mounted_, old_dir, old_name, new_dir, new_name, flags);
}

Result<std::string> Volume::readlink(Ino ino) { return read_symlink(*mounted_, ino); }

Result<void> Volume::open(Ino ino) {
  VEXFS_TRY(inode, load_inode(*mounted_, ino));
  if (is_regular(inode)) ++mounted_->handles[ino];
  return {};
}

void Volume::release(Ino ino) {
  const auto handle = mounted_->handles.find(ino);
  if (handle != mounted_->handles.end() && --handle->second == 0) mounted_->handles.erase(handle);
}

Result<std::vector<std::byte>> Volume::read(Ino ino, std::uint64_t offset, std::uint64_t length) {
  return read_file(*mounted_, ino, offset, length);
}

Result<std::size_t> Volume::write(Ino ino, std::uint64_t offset, std::span<const std::byte> bytes,
                                  std::uint32_t kill_setid) {
  return write_file(*mounted_, ino, offset, bytes, kill_setid);
}

Result<std::vector<posix::DirEntry>> Volume::readdir(Ino dir, std::uint64_t position,
                                                     std::size_t most) {
  VEXFS_TRY(inode, load_inode(*mounted_, dir));
  if (!is_directory(inode)) return std::unexpected(ENOTDIR);
  return list_directory(*mounted_, dir, inode, position, most);
}

Result<void> Volume::fsync(Ino ino) {
  VEXFS_CHECK(load_inode(*mounted_, ino));
  return sync();
}

Result<void> Volume::sync() {
  if (mounted_->options.read_only) return {};
  return sync_point(*mounted_);
}

Result<void> Volume::checkpoint() {
  VEXFS_CHECK(sync());
  if (mounted_->options.read_only) return {};
  return model::checkpoint(*mounted_);
}

Result<void> Volume::set_clock(std::int64_t nanoseconds) {
  if (!mounted_->options.manual_clock) return std::unexpected(EPERM);
  mounted_->clock = nanoseconds;
  return {};
}

Result<posix::StatFs> Volume::statfs() {
  return posix::StatFs{mounted_->super.data.blocks, mounted_->state.free_blocks,
                       mounted_->super.inodes, mounted_->state.free_inodes};
}

Result<std::vector<std::byte>> Volume::events(std::uint64_t position, std::uint64_t length) {
  return read_events(*mounted_, position, length);
}

Result<std::string> Volume::stats() {
  const vexfs_state& state = mounted_->state;
  std::string text;
  const auto line = [&](std::string_view name, std::uint64_t value) {
    text.append(name).append(" ").append(std::to_string(value)).append("\n");
  };
  line("free_blocks", state.free_blocks);
  line("free_inodes", state.free_inodes);
  line("units", state.next_unit - 1);
  line("events", state.next_event - 1);
  line("ring_head", state.ring_head);
  line("readable_head", mounted_->readable_head);
  line("epoch", mounted_->anchor.epoch);
  line("transactions", mounted_->log.sequence - 1);
  line("log_blocks_used", mounted_->log.used);
  line("parked_blocks", mounted_->parked.count());
  return text;
}

Result<void> Volume::control(std::string_view line) {
  constexpr std::string_view kClock = "clock ";
  if (line == "sync") return sync();
  if (line == "checkpoint") return checkpoint();
  if (!line.starts_with(kClock)) return std::unexpected(EINVAL);
  const auto nanoseconds = parse_nanoseconds(line.substr(kClock.size()));
  if (!nanoseconds) return std::unexpected(EINVAL);
  return set_clock(*nanoseconds);
}

Result<void> Volume::set_collection(Ino ino, std::string_view value, bool replace) {
  return model::set_collection(*mounted_, ino, value, replace);
}

Result<std::string> Volume::get_collection(Ino ino) {
  return model::get_collection(*mounted_, ino);
}

Result<void> Volume::remove_collection(Ino ino) { return model::remove_collection(*mounted_, ino); }

Result<Ino> Volume::graph_inode(Ino ino) {
  VEXFS_TRY(inode, load_inode(*mounted_, ino));
  return has_collection(inode) ? inode.collection : Ino{0};
}

Result<void> Volume::set_vector(Ino ino, std::span<const std::byte> value, int flags) {
  return model::set_vector(*mounted_, ino, value, flags);
}

Result<std::vector<std::byte>> Volume::get_vector(Ino ino) {
  return model::get_vector(*mounted_, ino);
}

Result<void> Volume::remove_vector(Ino ino) { return model::remove_vector(*mounted_, ino); }

Result<bool> Volume::has_vector(Ino ino) { return model::has_vector(*mounted_, ino); }

Result<posix::CollectionAttr> Volume::collection_of(Ino directory) {
  VEXFS_TRY(inode, load_inode(*mounted_, directory));
  if (!has_collection(inode)) return std::unexpected(ENOENT);
  VEXFS_TRY(header, load_collection_header(*mounted_, directory, inode));
  return collection_attributes(header);
}

Result<posix::CollectionAttr> Volume::collection(Ino graph) {
  VEXFS_TRY(header, find_collection(*mounted_, graph));
  return collection_attributes(header);
}

Result<std::vector<std::byte>> Volume::door(Ino graph, posix::Door which,
                                            std::span<const std::byte> request) {
  return execute_request(*mounted_, graph, which, request);
}

Result<std::vector<std::byte>> Volume::collection_file(Ino graph, posix::CollectionFile which) {
  return read_collection_file(*mounted_, graph, which);
}

}  // namespace vexfs::model

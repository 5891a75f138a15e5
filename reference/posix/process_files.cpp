// SPDX-License-Identifier: MIT
// Contents of open files: fs/read_write.c, fs/open.c, fs/sync.c.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "reference/contract/directory.h"
#include "reference/posix/dot_tree.h"
#include "reference/posix/process.h"

namespace vexfs::posix {
namespace {

constexpr std::uint64_t kMostBytesPerCall = 0x7ffff000;  // MAX_RW_COUNT

// The text of a file below /.vexfs from `offset`.
std::vector<std::byte> part_of(const std::string& text, std::uint64_t offset,
                               std::uint64_t length) {
  if (offset >= text.size()) return {};
  const auto part = std::as_bytes(std::span(text)).subspan(offset);
  return {part.begin(),
          part.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(length, part.size()))};
}

}  // namespace

Result<std::vector<std::byte>> Process::read(const std::string& handle, std::int64_t offset,
                                             std::uint64_t length) {
  const OpenFile* file = find(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (offset < 0) return std::unexpected(EINVAL);
  if (!file->readable) return std::unexpected(EBADF);
  length = std::min(length, kMostBytesPerCall);
  if (static_cast<std::uint64_t>(offset) > INT64_MAX - length) return std::unexpected(EINVAL);
  if (file->type == S_IFDIR) return std::unexpected(EISDIR);
  const auto position = static_cast<std::uint64_t>(offset);
  switch (file->ino) {
    case VEXFS_INO_EVENTS:
      return volume_.events(position, length);
    case VEXFS_INO_CONTROL:
      return std::vector<std::byte>{};
    case VEXFS_INO_STATS: {
      const auto text = volume_.stats();
      if (!text) return std::unexpected(text.error());
      return part_of(*text, position, length);
    }
    default:
      return volume_.read(file->ino, position, length);
  }
}

Result<std::size_t> Process::write(const Credentials& who, const std::string& handle,
                                   std::optional<std::int64_t> offset,
                                   std::span<const std::byte> bytes) {
  const OpenFile* file = find(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (offset && *offset < 0) return std::unexpected(EINVAL);
  if (!file->writable) return std::unexpected(EBADF);
  if (file->ino == VEXFS_INO_CONTROL) {
    const std::string_view line(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto done = volume_.control(line);
    if (!done) return std::unexpected(done.error());
    return bytes.size();
  }
  if (offset && static_cast<std::uint64_t>(*offset) > INT64_MAX - bytes.size()) {
    return std::unexpected(EINVAL);
  }
  if (bytes.empty()) return 0;
  const auto inode = volume_.getattr(file->ino);
  if (!inode) return std::unexpected(inode.error());
  const bool at_end = file->append || !offset;
  const std::uint64_t position = at_end ? inode->size : static_cast<std::uint64_t>(*offset);
  return volume_.write(file->ino, position, bytes, set_id_lost_by_writing(who, *inode));
}

Result<void> Process::set_size(const Credentials& who, const Attr& inode, std::int64_t size) {
  if (is_dot_node(inode.ino)) {
    if (size != 0) return std::unexpected(EINVAL);
    return {};
  }
  SetAttr change;
  change.size = static_cast<std::uint64_t>(size);
  change.kill_setid = set_id_lost_by_writing(who, inode);
  const auto changed = volume_.setattr(inode.ino, change);
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Result<void> Process::truncate(const Credentials& who, std::string_view path, std::int64_t size) {
  if (size < 0) return std::unexpected(EINVAL);
  const auto inode = PathWalk(volume_, who).inode(path, true);
  if (!inode) return std::unexpected(inode.error());
  if (S_ISDIR(inode->mode)) return std::unexpected(EISDIR);
  if (!S_ISREG(inode->mode)) return std::unexpected(EINVAL);
  if (volume_.read_only()) return std::unexpected(EROFS);
  if (check_access(who, *inode, kMayWrite) != 0) return std::unexpected(EACCES);
  return set_size(who, *inode, size);
}

Result<void> Process::ftruncate(const Credentials& who, const std::string& handle,
                                std::int64_t size) {
  const OpenFile* file = find(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (size < 0 || file->type != S_IFREG || !file->writable) return std::unexpected(EINVAL);
  const auto inode = attributes(file->ino);
  if (!inode) return std::unexpected(inode.error());
  return set_size(who, *inode, size);
}

Result<void> Process::fsync(const std::string& handle) {
  const OpenFile* file = find(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (is_dot_node(file->ino)) return std::unexpected(EINVAL);
  return volume_.fsync(file->ino);
}

Result<void> Process::control(const Credentials& who, std::string_view line) {
  const Attr control = dot_attr(VEXFS_INO_CONTROL);
  if (volume_.read_only()) return std::unexpected(EROFS);
  const auto root = volume_.getattr(kRootIno);
  if (!root) return std::unexpected(root.error());
  if (check_access(who, *root, kMayExec) != 0) return std::unexpected(EACCES);
  if (check_access(who, control, kMayWrite) != 0) return std::unexpected(EACCES);
  return volume_.control(line);
}

Result<std::vector<std::byte>> Process::events(const Credentials& who, std::uint64_t position) {
  const auto root = volume_.getattr(kRootIno);
  if (!root) return std::unexpected(root.error());
  if (check_access(who, *root, kMayExec) != 0) return std::unexpected(EACCES);
  if (check_access(who, dot_attr(VEXFS_INO_EVENTS), kMayRead) != 0) return std::unexpected(EACCES);
  return volume_.events(position, UINT64_MAX / 2);
}

}  // namespace vexfs::posix

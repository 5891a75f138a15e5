// SPDX-License-Identifier: MIT
// Listing directories: fs/readdir.c.
#include <sys/stat.h>

#include <cerrno>
#include <limits>

#include "reference/posix/dot_tree.h"
#include "reference/posix/process.h"

namespace vexfs::posix {

void Process::note_removed(const Attr& directory, Ino parent) {
  const auto above = volume_.getattr(parent);
  for (auto& [handle, file] : files_) {
    if (file.ino != directory.ino || file.type != S_IFDIR || file.removed) continue;
    file.removed = directory;
    file.removed->nlink = 0;
    // The removal gave both the same time.
    if (above) file.removed->ctime = above->ctime;
  }
}

Result<std::vector<DirEntry>> Process::list(Ino dir, std::uint64_t position, std::size_t most) {
  if (is_dot_node(dir)) return dot_readdir(position, most);
  return volume_.readdir(dir, position, most);
}

Result<std::vector<DirEntry>> Process::readdir(const Credentials& who, std::string_view path) {
  const auto inode = PathWalk(volume_, who).inode(path, true);
  if (!inode) return std::unexpected(inode.error());
  if (!S_ISDIR(inode->mode)) return std::unexpected(ENOTDIR);
  if (check_access(who, *inode, kMayRead) != 0) return std::unexpected(EACCES);
  return list(inode->ino, 0, std::numeric_limits<std::size_t>::max());
}

Result<std::vector<DirEntry>> Process::readdir_piece(const std::string& handle, std::size_t count,
                                                     bool rewind) {
  OpenFile* file = find(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (rewind) file->position = 0;
  if (count == 0) return std::vector<DirEntry>{};
  if (file->type != S_IFDIR) return std::unexpected(ENOTDIR);
  if (file->removed) return std::unexpected(ENOENT);
  auto entries = list(file->ino, file->position, count);
  if (entries && !entries->empty()) file->position = entries->back().next;
  return entries;
}

}  // namespace vexfs::posix

// SPDX-License-Identifier: MIT
// System calls on extended attributes; the order of checks is that of fs/xattr.c of Linux 6.1.
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>

#include "reference/posix/dot_vexfs.h"
#include "reference/posix/process.h"
#include "reference/posix/try.h"

namespace vexfs::posix {
namespace {

constexpr std::string_view kCollection = "user.vexfs.collection";
constexpr std::string_view kVector = "user.vexfs.vector";
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestValue = 65536;

Result<void> check_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return std::unexpected(ERANGE);
  return {};
}

}  // namespace

// xattr_permission().
Result<void> Process::permit_xattr(const Credentials& who, const Attr& attr, std::string_view name,
                                   unsigned access) const {
  const int refused = access == kMayWrite ? EPERM : ENODATA;
  if (name.starts_with("security.") || name.starts_with("system.")) return {};
  if (name.starts_with("trusted.") && !who.is_root()) return std::unexpected(refused);
  if (name.starts_with("trusted.")) return {};
  if (name.starts_with("user.")) {
    if (!is_regular(attr) && !is_directory(attr)) return std::unexpected(refused);
    if (is_directory(attr) && (attr.mode & S_ISVTX) && access == kMayWrite && !who.owns(attr))
      return std::unexpected(EPERM);
  }
  return permit(who, attr, access);
}

Result<void> Process::setxattr(const Credentials& who, std::string_view path, std::string_view name,
                               std::string_view value, int flags) {
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, true));
  POSIX_CHECK(writable());
  if (flags & ~(XATTR_CREATE | XATTR_REPLACE)) return std::unexpected(EINVAL);
  POSIX_CHECK(check_name(name));
  if (value.size() > kLongestValue) return std::unexpected(E2BIG);
  POSIX_CHECK(permit_xattr(who, attr, name, kMayWrite));
  if (is_dot(attr.ino)) return std::unexpected(EOPNOTSUPP);
  if (name == kVector) return volume_.set_vector(attr.ino, std::as_bytes(std::span(value)), flags);
  if (name != kCollection) return std::unexpected(EOPNOTSUPP);
  return volume_.set_collection(attr.ino, value, flags & XATTR_REPLACE);
}

Result<std::string> Process::getxattr(const Credentials& who, std::string_view path,
                                      std::string_view name) {
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, true));
  POSIX_CHECK(check_name(name));
  POSIX_CHECK(permit_xattr(who, attr, name, kMayRead));
  if (name != kVector && name != kCollection) return std::unexpected(EOPNOTSUPP);
  if (is_dot(attr.ino)) return std::unexpected(ENODATA);
  if (name == kVector) {
    POSIX_TRY(row, volume_.get_vector(attr.ino));
    return std::string(reinterpret_cast<const char*>(row.data()), row.size());
  }
  return volume_.get_collection(attr.ino);
}

Result<std::vector<std::string>> Process::listxattr(const Credentials& who, std::string_view path) {
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, true));
  if (is_dot(attr.ino)) return std::vector<std::string>{};
  POSIX_TRY(graph, volume_.graph_inode(attr.ino));
  if (graph != 0) return std::vector<std::string>{std::string(kCollection)};
  POSIX_TRY(has_vector, volume_.has_vector(attr.ino));
  if (has_vector) return std::vector<std::string>{std::string(kVector)};
  return std::vector<std::string>{};
}

Result<void> Process::removexattr(const Credentials& who, std::string_view path,
                                  std::string_view name) {
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, true));
  POSIX_CHECK(writable());
  POSIX_CHECK(check_name(name));
  POSIX_CHECK(permit_xattr(who, attr, name, kMayWrite));
  if (is_dot(attr.ino)) return std::unexpected(EOPNOTSUPP);
  if (name == kVector) return volume_.remove_vector(attr.ino);
  if (name != kCollection) return std::unexpected(EOPNOTSUPP);
  return volume_.remove_collection(attr.ino);
}

}  // namespace vexfs::posix

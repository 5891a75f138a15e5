// SPDX-License-Identifier: MIT
// From a path to an inode, as Linux walks it (fs/namei.c of Linux 6.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/posix/credentials.h"
#include "reference/posix/inode_volume.h"

namespace vexfs::posix {

/// What the last component of a path is.
enum class LastKind { kName, kDot, kDotDot, kRoot };

/// A path whose last component has not been looked up.
struct Parent {
  Attr dir;
  LastKind kind = LastKind::kRoot;
  std::string name;             // kName only; may be too long for a name
  bool trailing_slash = false;  // something like "a/"
  std::vector<Ino> ancestors;   // from the root down to `dir`
};

/// Walks one path of a volume for one caller. Not reusable.
class PathWalk {
 public:
  PathWalk(InodeVolume& volume, const Credentials& who) : volume_(volume), who_(who) {}

  /// The directory that the last component stands in, which the caller may search.
  Result<Parent> parent(std::string_view path);

  /// Like parent(); a last component that is a symlink is replaced by where it leads, as
  /// open(O_CREAT) does.
  Result<Parent> parent_through_links(std::string_view path);

  /// The inode that a path names. ENOTDIR for a trailing slash after something that is no
  /// directory.
  Result<Attr> inode(std::string_view path, bool follow);

  /// One name, neither "." nor "..", in a directory: ENAMETOOLONG, ENOENT.
  Result<Attr> child(const Attr& dir, std::string_view name);

 private:
  Result<Parent> walk(std::string rest);
  Result<Attr> last(const Parent& parent);
  /// The text of a symlink on the way; ELOOP after 40.
  Result<std::string> target(const Attr& link);
  Result<void> enter_root();

  InodeVolume& volume_;
  const Credentials& who_;
  int links_followed_ = 0;
  std::vector<Attr> directories_;  // from the root to where the walk stands
};

}  // namespace vexfs::posix

// SPDX-License-Identifier: MIT
// From a path to an inode, as Linux's fs/namei.c walks it. A process sees the volume's root as "/".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/posix/credentials.h"
#include "reference/posix/inode_volume.h"

namespace vexfs::posix {

/// What the last component of a path is.
enum class LastType { kRoot, kDot, kDotDot, kName };

class PathWalk {
 public:
  PathWalk(InodeVolume& volume, const Credentials& who) : volume_(volume), who_(who) {}

  /// Walks all but the last component; the accessors below say what is left. ENOENT, ENOTDIR,
  /// EACCES, ELOOP, ENAMETOOLONG, and what the volume answers.
  Result<void> to_parent(std::string_view path);

  /// The inode that the whole path names. `follow`: also through a symlink at the end.
  Result<Attr> to_inode(std::string_view path, bool follow);

  /// After to_parent: what the last component names in the parent. ENOENT if nothing.
  Result<Attr> last() const;

  /// After to_parent: goes on to a last component that is "", "." or "..".
  Attr go_to_dots();

  /// After to_parent and last(): goes on to the parent of what the symlink `link` names. False if
  /// that is the root itself, which has no last component.
  Result<bool> follow(const Attr& link);

  const Attr& parent() const { return chain_.back(); }
  LastType last_type() const { return last_type_; }
  const std::string& last_name() const { return last_; }
  bool trailing_slash() const { return trailing_slash_; }
  /// Whether the parent is this directory or lies below it.
  bool parent_is_within(Ino dir) const;

 private:
  Result<void> walk(std::string text);
  Result<void> enter(const std::string& name, std::string& rest);
  Result<std::string> link_text(const Attr& link);
  Result<Attr> find(const Attr& dir, const std::string& name) const;

  InodeVolume& volume_;
  const Credentials& who_;
  std::vector<Attr> chain_;  // directories from the root to the parent
  int links_ = 0;            // symlinks followed so far
  LastType last_type_ = LastType::kRoot;
  std::string last_;
  bool trailing_slash_ = false;
};

}  // namespace vexfs::posix

// SPDX-License-Identifier: MIT
#include "reference/posix/path_walk.h"

#include <sys/stat.h>

#include <cerrno>

#include "reference/contract/directory.h"
#include "reference/contract/limits.h"
#include "reference/posix/dot_tree.h"

namespace vexfs::posix {
namespace {

constexpr int kMostLinks = 40;          // MAXSYMLINKS
constexpr std::size_t kPathMax = 4096;  // PATH_MAX, with the terminating NUL

LastKind kind_of(std::string_view name) {
  if (name == ".") return LastKind::kDot;
  if (name == "..") return LastKind::kDotDot;
  return LastKind::kName;
}

bool only_slashes(std::string_view text) {
  return text.find_first_not_of('/') == std::string_view::npos;
}

}  // namespace

Result<void> PathWalk::enter_root() {
  const auto root = volume_.getattr(kRootIno);
  if (!root) return std::unexpected(root.error());
  directories_.assign(1, *root);
  return {};
}

Result<Attr> PathWalk::child(const Attr& dir, std::string_view name) {
  if (name.size() > VEXFS_NAME_MAX) return std::unexpected(ENAMETOOLONG);
  if (is_dot_node(dir.ino)) return dot_lookup(name);
  if (dir.ino == kRootIno && name == VEXFS_DOT_NAME) return dot_attr(VEXFS_INO_DOT_DIR);
  return volume_.lookup(dir.ino, name);
}

Result<std::string> PathWalk::target(const Attr& link) {
  if (++links_followed_ > kMostLinks) return std::unexpected(ELOOP);
  return volume_.readlink(link.ino);
}

Result<Parent> PathWalk::walk(std::string rest) {
  if (rest.starts_with('/') || directories_.empty()) {
    if (const auto entered = enter_root(); !entered) return std::unexpected(entered.error());
  }
  for (;;) {
    rest.erase(0, rest.find_first_not_of('/'));
    Parent here{.dir = directories_.back(), .kind = LastKind::kRoot, .name = {}, .ancestors = {}};
    for (const Attr& directory : directories_) here.ancestors.push_back(directory.ino);
    if (rest.empty()) return here;
    if (check_access(who_, here.dir, kMayExec) != 0) return std::unexpected(EACCES);

    const std::string name = rest.substr(0, rest.find('/'));
    rest.erase(0, name.size());
    here.kind = kind_of(name);
    if (only_slashes(rest)) {
      here.trailing_slash = !rest.empty();
      if (here.kind == LastKind::kName) here.name = name;
      return here;
    }
    if (here.kind == LastKind::kDot) continue;
    if (here.kind == LastKind::kDotDot) {
      if (directories_.size() > 1) directories_.pop_back();
      continue;
    }
    const auto next = child(here.dir, name);
    if (!next) return std::unexpected(next.error());
    if (S_ISLNK(next->mode)) {
      const auto text = target(*next);
      if (!text) return std::unexpected(text.error());
      rest = *text + rest;
      if (rest.starts_with('/')) directories_.resize(1);
    } else if (S_ISDIR(next->mode)) {
      directories_.push_back(*next);
    } else {
      return std::unexpected(ENOTDIR);
    }
  }
}

Result<Parent> PathWalk::parent(std::string_view path) {
  if (path.empty()) return std::unexpected(ENOENT);
  if (path.size() >= kPathMax) return std::unexpected(ENAMETOOLONG);
  return walk(std::string(path));
}

Result<Parent> PathWalk::parent_through_links(std::string_view path) {
  auto here = parent(path);
  while (here && here->kind == LastKind::kName && !here->trailing_slash) {
    const auto inode = child(here->dir, here->name);
    if (!inode || !S_ISLNK(inode->mode)) break;
    const auto text = target(*inode);
    if (!text) return std::unexpected(text.error());
    here = walk(*text);
  }
  return here;
}

Result<Attr> PathWalk::last(const Parent& parent) {
  switch (parent.kind) {
    case LastKind::kRoot:
    case LastKind::kDot:
      return parent.dir;
    case LastKind::kDotDot:
      if (directories_.size() > 1) directories_.pop_back();
      return directories_.back();
    case LastKind::kName:
      break;
  }
  return child(parent.dir, parent.name);
}

Result<Attr> PathWalk::inode(std::string_view path, bool follow) {
  auto here = parent(path);
  for (;;) {
    if (!here) return std::unexpected(here.error());
    const auto inode = last(*here);
    if (!inode) return inode;
    if (S_ISLNK(inode->mode) && (follow || here->trailing_slash)) {
      const auto text = target(*inode);
      if (!text) return std::unexpected(text.error());
      here = walk(here->trailing_slash ? *text + "/" : *text);
      continue;
    }
    if (here->trailing_slash && !S_ISDIR(inode->mode)) return std::unexpected(ENOTDIR);
    return inode;
  }
}

}  // namespace vexfs::posix

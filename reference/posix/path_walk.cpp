// SPDX-License-Identifier: MIT
#include "reference/posix/path_walk.h"

#include <algorithm>
#include <cerrno>

#include "reference/posix/collection_dir.h"
#include "reference/posix/dot_vexfs.h"

namespace vexfs::posix {
namespace {

constexpr std::size_t kPathMax = 4096;  // with the terminating NUL
constexpr std::size_t kNameMax = 255;
constexpr int kMostLinks = 40;

void skip_slashes(std::string& text) {
  text.erase(0, std::min(text.find_first_not_of('/'), text.size()));
}

LastType type_of(std::string_view name) {
  if (name == ".") return LastType::kDot;
  return name == ".." ? LastType::kDotDot : LastType::kName;
}

}  // namespace

Result<Attr> PathWalk::find(const Attr& dir, const std::string& name) const {
  if (name.size() > kNameMax) return std::unexpected(ENAMETOOLONG);
  if (dir.ino == kDotDir) {
    auto own = dot_lookup(name);
    return own ? own : collection_lookup(volume_, kRootIno, name);
  }
  if (is_collection_ino(dir.ino)) return collection_lookup_below(volume_, dir.ino, name);
  if (name == kDotName)
    return dir.ino == kRootIno ? dot_attr(kDotDir) : collection_dir(volume_, dir.ino);
  auto found = volume_.lookup(dir.ino, name);
  // d_splice_alias(): only a damaged directory names one that it lies in.
  if (found && is_directory(*found) && parent_is_within(found->ino)) return std::unexpected(ELOOP);
  return found;
}

Result<Attr> PathWalk::last() const { return find(parent(), last_); }

bool PathWalk::parent_is_within(Ino dir) const {
  return std::ranges::any_of(chain_, [dir](const Attr& attr) { return attr.ino == dir; });
}

Result<void> PathWalk::to_parent(std::string_view path) {
  if (path.size() >= kPathMax) return std::unexpected(ENAMETOOLONG);
  if (path.empty()) return std::unexpected(ENOENT);
  auto root = volume_.getattr(kRootIno);
  if (!root) return std::unexpected(root.error());
  chain_ = {*root};
  return walk(std::string(path));
}

Attr PathWalk::go_to_dots() {
  if (last_type_ == LastType::kDotDot && chain_.size() > 1) chain_.pop_back();
  return chain_.back();
}

Result<Attr> PathWalk::to_inode(std::string_view path, bool follow_last) {
  if (auto done = to_parent(path); !done) return std::unexpected(done.error());
  bool must_be_directory = false;
  for (;;) {
    if (last_type_ != LastType::kName) return go_to_dots();
    if (trailing_slash_) follow_last = must_be_directory = true;
    auto found = last();
    if (!found) return found;
    if (!is_symlink(*found) || !follow_last) {
      if (must_be_directory && !is_directory(*found)) return std::unexpected(ENOTDIR);
      return found;
    }
    const auto has_last = follow(*found);
    if (!has_last) return std::unexpected(has_last.error());
    if (!*has_last) return chain_.back();
  }
}

Result<std::string> PathWalk::link_text(const Attr& link) {
  if (links_++ >= kMostLinks) return std::unexpected(ELOOP);
  auto text = volume_.readlink(link.ino);
  if (text && text->starts_with('/')) chain_.resize(1);
  return text;
}

Result<bool> PathWalk::follow(const Attr& link) {
  auto text = link_text(link);
  if (!text) return std::unexpected(text.error());
  if (text->find_first_not_of('/') == text->npos) return false;
  if (auto done = walk(std::move(*text)); !done) return std::unexpected(done.error());
  return true;
}

Result<void> PathWalk::walk(std::string text) {
  last_type_ = LastType::kRoot;
  trailing_slash_ = false;
  skip_slashes(text);
  while (!text.empty()) {
    if (auto allowed = check_permission(who_, parent(), kMayExec); !allowed) return allowed;
    const std::size_t end = std::min(text.find('/'), text.size());
    last_ = text.substr(0, end);
    last_type_ = type_of(last_);
    trailing_slash_ = end < text.size();
    text.erase(0, end);
    skip_slashes(text);
    if (text.empty()) return {};
    if (auto done = enter(last_, text); !done) return done;
  }
  return {};
}

// A component that is not the last. A symlink's text takes its place in front of the rest.
Result<void> PathWalk::enter(const std::string& name, std::string& rest) {
  if (last_type_ != LastType::kName) {
    go_to_dots();
    return {};
  }
  auto found = find(parent(), name);
  if (!found) return std::unexpected(found.error());
  if (is_symlink(*found)) {
    auto text = link_text(*found);
    if (!text) return std::unexpected(text.error());
    rest = *text + "/" + rest;
    skip_slashes(rest);
    return {};
  }
  if (!is_directory(*found)) return std::unexpected(ENOTDIR);
  chain_.push_back(*found);
  return {};
}

}  // namespace vexfs::posix

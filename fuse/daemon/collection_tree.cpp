// SPDX-License-Identifier: MIT
// Names and attributes of a collection's `.vexfs`.
#include "fuse/daemon/collection_tree.h"

#include <array>
#include <cerrno>
#include <optional>

#include "fuse/daemon/daemon.h"
#include "reference/contract/base.h"

namespace vexfs::daemon {

namespace {

struct Member {
  const char* name;
  CollectionNode kind;
};

// In the order of a listing.
constexpr std::array<Member, 5> kMembers = {{
    {"query", CollectionNode::kQuery},
    {"update", CollectionNode::kUpdate},
    {"vectors", CollectionNode::kVectors},
    {"graph", CollectionNode::kGraph},
    {"info", CollectionNode::kInfo},
}};

// The classes (0111) of user, group and others that have one of `bits` (of 07) in `mode`.
constexpr mode_t classes_with(mode_t mode, mode_t bits) {
  mode_t classes = 0;
  for (const unsigned shift : {6U, 3U, 0U}) {
    if ((mode >> shift & bits) != 0) {
      classes |= mode_t{1} << shift;
    }
  }
  return classes;
}

mode_t mode_of(CollectionNode kind, mode_t directory) {
  switch (kind) {
    case CollectionNode::kDirectory:
      return S_IFDIR | classes_with(directory, 06) * 05;
    case CollectionNode::kQuery:
      return S_IFREG | classes_with(directory, 04) * 06;
    case CollectionNode::kUpdate:
      return S_IFREG | classes_with(directory, 02) * 06;
    default:
      return S_IFREG | classes_with(directory, 04) * 04;
  }
}

struct stat stat_of_member(const core::CollectionView& view, CollectionNode kind) {
  struct stat result{};
  result.st_ino = node_of(view.graph, kind);
  result.st_mode = mode_of(kind, view.directory.mode);
  result.st_nlink = kind == CollectionNode::kDirectory ? 2 : 1;
  result.st_uid = view.directory.uid;
  result.st_gid = view.directory.gid;
  result.st_blksize = VEXFS_BLOCK_SIZE;
  if (kind == CollectionNode::kVectors) {
    result.st_size = static_cast<off_t>(view.vectors_bytes);
  }
  if (kind == CollectionNode::kGraph) {
    result.st_size = static_cast<off_t>(view.graph_bytes);
  }
  return result;
}

std::optional<CollectionNode> member_named(std::string_view name) {
  for (const Member& member : kMembers) {
    if (name == member.name) {
      return member.kind;
    }
  }
  return std::nullopt;
}

void reply_node(fuse_req_t req, core::InodeNumber graph, CollectionNode kind) {
  const auto view = daemon_of(req).volume.collection(graph);
  if (!view) {
    fuse_reply_err(req, view.error());
    return;
  }
  fuse_entry_param entry{};
  entry.ino = node_of(graph, kind);
  entry.generation = view->generation;
  entry.attr = stat_of_member(*view, kind);
  fuse_reply_entry(req, &entry);
}

}  // namespace

void collection_lookup(fuse_req_t req, core::InodeNumber graph, std::string_view name) {
  if (const auto kind = member_named(name)) {
    reply_node(req, graph, *kind);
  } else {
    fuse_reply_err(req, ENOENT);
  }
}

void collection_directory_lookup(fuse_req_t req, core::InodeNumber graph) {
  reply_node(req, graph, CollectionNode::kDirectory);
}

void collection_getattr(fuse_req_t req, fuse_ino_t node) {
  const auto view = daemon_of(req).volume.collection(graph_of(node));
  if (!view) {
    fuse_reply_err(req, view.error());
    return;
  }
  const struct stat result = stat_of_member(*view, kind_of(node));
  fuse_reply_attr(req, &result, 0);
}

std::vector<HiddenEntry> collection_entries(core::InodeNumber graph) {
  std::vector<HiddenEntry> entries;
  for (const Member& member : kMembers) {
    entries.push_back({member.name, node_of(graph, member.kind), S_IFREG});
  }
  return entries;
}

}  // namespace vexfs::daemon

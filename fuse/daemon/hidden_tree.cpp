// SPDX-License-Identifier: MIT
// The names and attributes of `/.vexfs`.
#include "fuse/daemon/hidden_tree.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "fuse/daemon/collection_tree.h"
#include "fuse/daemon/daemon.h"
#include "reference/contract/base.h"

namespace vexfs::daemon {

namespace {

struct HiddenFile {
  const char* name;
  fuse_ino_t node;
  mode_t mode;
};

// In the order of a listing.
constexpr std::array<HiddenFile, 3> kFiles = {{
    {"control", kControl, S_IFREG | 0600},
    {"events", kEvents, S_IFREG | 0400},
    {"stats", kStats, S_IFREG | 0444},
}};

// All zero but what is set: owner root, size and times 0.
struct stat hidden_stat(fuse_ino_t node) {
  struct stat result{};
  result.st_ino = node;
  result.st_blksize = VEXFS_BLOCK_SIZE;
  result.st_mode = S_IFDIR | 0555;
  result.st_nlink = 2;
  for (const HiddenFile& file : kFiles) {
    if (file.node == node) {
      result.st_mode = file.mode;
      result.st_nlink = 1;
    }
  }
  return result;
}

void reply_hidden_entry(fuse_req_t req, fuse_ino_t node) {
  fuse_entry_param entry{};
  entry.ino = node;
  entry.generation = 1;
  entry.attr = hidden_stat(node);
  fuse_reply_entry(req, &entry);
}

// Graph inode of the root's collection, or 0.
core::InodeNumber root_collection(fuse_req_t req) {
  const auto root = daemon_of(req).volume.getattr(FUSE_ROOT_ID);
  return root ? root->collection : 0;
}

// All of a listing, in order.
std::vector<HiddenEntry> listing_of(fuse_req_t req, fuse_ino_t node) {
  std::vector<HiddenEntry> entries = {{".", node, S_IFDIR}};
  core::InodeNumber graph = graph_of(node);
  if (graph == 0) {
    entries.push_back({"..", FUSE_ROOT_ID, S_IFDIR});
    for (const HiddenFile& file : kFiles) {
      entries.push_back({file.name, file.node, file.mode});
    }
    graph = root_collection(req);
  } else {
    const auto view = daemon_of(req).volume.collection(graph);
    entries.push_back({"..", view ? view->directory.ino : node, S_IFDIR});
  }
  if (graph != 0) {
    const auto members = collection_entries(graph);
    entries.insert(entries.end(), members.begin(), members.end());
  }
  return entries;
}

}  // namespace

fuse_ino_t hidden_directory(fuse_req_t req, fuse_ino_t parent, std::string_view name) {
  if (name != kHiddenName) {
    return 0;
  }
  if (parent == FUSE_ROOT_ID) {
    return kHiddenDirectory;
  }
  Daemon& daemon = daemon_of(req);
  const auto identity = daemon.nodes.find(parent);
  if (!identity) {
    return 0;
  }
  const auto attributes = daemon.volume.getattr(identity->ino);
  if (!attributes || attributes->collection == 0) {
    return 0;
  }
  return node_of(attributes->collection, CollectionNode::kDirectory);
}

void hidden_lookup(fuse_req_t req, fuse_ino_t parent, std::string_view name) {
  if (is_collection_node(parent)) {
    collection_lookup(req, graph_of(parent), name);
    return;
  }
  for (const HiddenFile& file : kFiles) {
    if (name == file.name) {
      reply_hidden_entry(req, file.node);
      return;
    }
  }
  if (const core::InodeNumber graph = root_collection(req); graph != 0) {
    collection_lookup(req, graph, name);
  } else {
    fuse_reply_err(req, ENOENT);
  }
}

void hidden_directory_lookup(fuse_req_t req, fuse_ino_t directory) {
  if (directory == kHiddenDirectory) {
    reply_hidden_entry(req, directory);
  } else {
    collection_directory_lookup(req, graph_of(directory));
  }
}

void hidden_getattr(fuse_req_t req, fuse_ino_t node) {
  if (is_collection_node(node)) {
    collection_getattr(req, node);
    return;
  }
  const struct stat result = hidden_stat(node);
  fuse_reply_attr(req, &result, 0);
}

void hidden_setattr(fuse_req_t req, fuse_ino_t node, const struct stat& values, int to_set) {
  if ((to_set & FUSE_SET_ATTR_SIZE) != 0) {
    if (values.st_size != 0) {
      fuse_reply_err(req, EINVAL);
      return;
    }
  } else if ((to_set & ~FUSE_SET_ATTR_KILL_SUID) != 0) {
    fuse_reply_err(req, EPERM);
    return;
  }
  hidden_getattr(req, node);
}

void hidden_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t position, bool plus) {
  const std::vector<HiddenEntry> entries = listing_of(req, node);
  std::string bytes(std::min<size_t>(size, VEXFS_BLOCK_SIZE), '\0');
  size_t used = 0;
  for (auto at = static_cast<size_t>(position); at < entries.size(); ++at) {
    fuse_entry_param entry{};  // node 0: a name and a type, not a lookup
    entry.attr.st_ino = entries[at].node;
    entry.attr.st_mode = entries[at].type;
    const auto next = static_cast<off_t>(at + 1);
    char* to = bytes.data() + used;
    const size_t left = bytes.size() - used;
    const size_t length =
        plus ? fuse_add_direntry_plus(req, to, left, entries[at].name, &entry, next)
             : fuse_add_direntry(req, to, left, entries[at].name, &entry.attr, next);
    if (length > left) {
      break;
    }
    used += length;
  }
  fuse_reply_buf(req, bytes.data(), used);
}

}  // namespace vexfs::daemon

// SPDX-License-Identifier: MIT
// `DIR/.vexfs` of a directory that is a collection: its doors and files (docs/api.md,
// "Collections"). As in the root's own `.vexfs`, nothing here is ever cached by the kernel.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "fuse/core/types.h"
#include "fuse/daemon/fuse_api.h"
#include "fuse/daemon/hidden_tree.h"

namespace vexfs::daemon {

// What a node below a collection's `.vexfs` is: its number is that of the hidden directory + 16
// times the collection's graph inode + this.
enum class CollectionNode : uint8_t { kDirectory, kQuery, kUpdate, kVectors, kGraph, kInfo };

inline constexpr fuse_ino_t kNodesPerCollection = 16;

inline fuse_ino_t node_of(core::InodeNumber graph, CollectionNode kind) {
  return kHiddenDirectory + graph * kNodesPerCollection + static_cast<fuse_ino_t>(kind);
}
inline core::InodeNumber graph_of(fuse_ino_t node) {
  return (node - kHiddenDirectory) / kNodesPerCollection;
}
inline CollectionNode kind_of(fuse_ino_t node) {
  return static_cast<CollectionNode>((node - kHiddenDirectory) % kNodesPerCollection);
}
// No graph inode has the number 0: the root's own `.vexfs` has those nodes.
inline bool is_collection_node(fuse_ino_t node) { return is_hidden(node) && graph_of(node) != 0; }

// A door as one open file description has it: the request that is being staged, then the reply that
// is being read.
struct DoorHandle {
  core::CollectionName collection;  // on which the door was opened
  std::mutex mutex;                 // held while the request is executed
  std::vector<std::byte> bytes;
  size_t read = 0;  // of the reply
  bool replying = false;
};

// Looks `name` up in the collection's `.vexfs`.
void collection_lookup(fuse_req_t req, core::InodeNumber graph, std::string_view name);
// Looks `.vexfs` up in the collection's directory.
void collection_directory_lookup(fuse_req_t req, core::InodeNumber graph);
// As the operations of their names.
void collection_getattr(fuse_req_t req, fuse_ino_t node);
void collection_open(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void collection_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset,
                     fuse_file_info* file);
void collection_write(fuse_req_t req, fuse_ino_t node, std::span<const char> bytes,
                      fuse_file_info* file);
void collection_fsync(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void collection_release(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);

// A line of a listing.
struct HiddenEntry {
  const char* name;
  fuse_ino_t node;
  mode_t type;
};
// What a collection's `.vexfs` has besides `.` and `..`.
std::vector<HiddenEntry> collection_entries(core::InodeNumber graph);

}  // namespace vexfs::daemon

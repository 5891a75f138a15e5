// SPDX-License-Identifier: MIT
// What the kernel still knows: node ids, the inodes behind them and how often each was handed out.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace vexfs::daemon {

// An inode as the kernel's node id named it: the number alone can have a new owner.
struct NodeIdentity {
  uint64_t ino;
  uint64_t generation;

  bool operator==(const NodeIdentity&) const = default;
};

// A node id is the inode number. The one exception: a number that was freed and given to a new
// inode while the kernel still refers to the old one (a process stands in a removed directory).
// Then the old node id goes on naming the old, dead inode, and the new one gets an alias above 2^40
// until the old is forgotten. Users see st_ino, which is always the inode number.
class NodeTable {
 public:
  // The node id for `identity`, handed to the kernel once more (a lookup count of +1).
  uint64_t remember(NodeIdentity identity);

  // The kernel drops `count` references of `node`. Returns the inode if that was the last one and
  // the inode lives. Unknown nodes are ignored: those of `.vexfs` are never remembered.
  std::optional<NodeIdentity> forget(uint64_t node, uint64_t count);

  // What `node` names; nothing if the kernel was never given it, has forgotten it, or if its inode
  // is gone and the number has a new owner. Then the answer to any operation is ESTALE.
  std::optional<NodeIdentity> find(uint64_t node) const;

  // Nodes that the kernel knows.
  size_t size() const;

 private:
  struct Node {
    NodeIdentity identity;
    uint64_t references;
    bool dead;  // the number belongs to another inode now
  };

  uint64_t node_of(NodeIdentity identity);
  uint64_t new_alias(NodeIdentity identity);

  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, Node> nodes_;
  // Inode number -> node id, only for living inodes whose node id is an alias.
  std::unordered_map<uint64_t, uint64_t> aliases_;
};

}  // namespace vexfs::daemon

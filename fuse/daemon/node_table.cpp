// SPDX-License-Identifier: MIT
#include "fuse/daemon/node_table.h"

namespace vexfs::daemon {

namespace {

// Inode numbers are below 2^32 and the nodes of `.vexfs` start at 2^62, so aliases lie between.
constexpr uint64_t kAliasStep = uint64_t{1} << 40;

}  // namespace

uint64_t NodeTable::remember(NodeIdentity identity) {
  const std::lock_guard lock(mutex_);
  const uint64_t node = node_of(identity);
  ++nodes_.at(node).references;
  return node;
}

uint64_t NodeTable::node_of(NodeIdentity identity) {
  if (const auto alias = aliases_.find(identity.ino); alias != aliases_.end()) {
    Node& known = nodes_.at(alias->second);
    if (known.identity == identity) {
      return alias->second;
    }
    known.dead = true;
    return new_alias(identity);
  }
  const auto [at, is_new] = nodes_.try_emplace(identity.ino, Node{identity, 0, false});
  if (is_new || at->second.identity == identity) {
    return at->first;
  }
  at->second.dead = true;
  return new_alias(identity);
}

uint64_t NodeTable::new_alias(NodeIdentity identity) {
  uint64_t alias = identity.ino + kAliasStep;
  while (nodes_.contains(alias)) {
    alias += kAliasStep;
  }
  nodes_.emplace(alias, Node{identity, 0, false});
  aliases_[identity.ino] = alias;
  return alias;
}

std::optional<NodeIdentity> NodeTable::forget(uint64_t node, uint64_t count) {
  const std::lock_guard lock(mutex_);
  const auto at = nodes_.find(node);
  if (at == nodes_.end()) {
    return std::nullopt;
  }
  const Node known = at->second;
  if (known.references > count) {
    at->second.references -= count;
    return std::nullopt;
  }
  nodes_.erase(at);
  const auto alias = aliases_.find(known.identity.ino);
  if (alias != aliases_.end() && alias->second == node) {
    aliases_.erase(alias);
  }
  return known.dead ? std::nullopt : std::optional(known.identity);
}

std::optional<NodeIdentity> NodeTable::find(uint64_t node) const {
  const std::lock_guard lock(mutex_);
  const auto at = nodes_.find(node);
  if (at == nodes_.end() || at->second.dead) {
    return std::nullopt;
  }
  return at->second.identity;
}

size_t NodeTable::size() const {
  const std::lock_guard lock(mutex_);
  return nodes_.size();
}

}  // namespace vexfs::daemon

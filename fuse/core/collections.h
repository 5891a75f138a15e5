// SPDX-License-Identifier: MIT
// The collections that are in memory.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "fuse/core/inode_table.h"
#include "fuse/core/result.h"

namespace vexfs::core {

class Collection;
class Engine;

/** By graph inode. Thread-safe. */
class Collections {
 public:
  /** Loads it if it is not there. `directory`: has the flag. Shared lock of the volume. */
  Expected<std::shared_ptr<Collection>> get(Engine& engine, const InodeRef& directory);
  /** It ended. Exclusive lock of the volume. */
  void forget(InodeNumber graph);

 private:
  std::mutex mutex_;
  std::map<InodeNumber, std::shared_ptr<Collection>> by_graph_;
};

}  // namespace vexfs::core

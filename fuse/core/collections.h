// SPDX-License-Identifier: MIT
// The collections that are in memory.
#pragma once

#include <condition_variable>
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
  /** It ended, and `compacted` is there in its place. Exclusive lock of the volume. */
  void replace(InodeNumber graph, std::shared_ptr<Collection> compacted);

  /** How many compactions have ended, well or not. */
  uint64_t compactions_ended();
  void note_compaction_end();
  /** Until that number is another one than `seen`. */
  void wait_for_compaction(uint64_t seen);

 private:
  std::mutex mutex_;
  std::map<InodeNumber, std::shared_ptr<Collection>> by_graph_;

  std::mutex ends_mutex_;
  std::condition_variable ended_;
  uint64_t ends_ = 0;
};

}  // namespace vexfs::core

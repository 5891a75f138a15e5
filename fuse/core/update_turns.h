// SPDX-License-Identifier: MIT
// Update requests of one collection, one after the other.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace vexfs::core {

class UpdateTurns {
 public:
  /** Waits for its turn; false if a compaction has it or is the next: that may take long. A
   * compaction goes before all that wait, or a stream of updates could keep it away for ever. */
  bool take(bool compaction) {
    std::unique_lock lock(mutex_);
    if (!compaction) free_.wait(lock, [this] { return !taken_ || compacting_; });
    if (compacting_) return false;
    if (compaction) {
      compacting_ = true;
      free_.notify_all();
      free_.wait(lock, [this] { return !taken_; });
    }
    taken_ = true;
    return true;
  }
  void give_back(bool compaction) {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
      if (compaction) compacting_ = false;
    }
    free_.notify_all();
  }
  /** Whether a compaction has the turn or is the next. If not, none begins anything before the
   * caller gives the volume's exclusive lock back. */
  bool compacting() const { return compacting_; }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;
  std::atomic<bool> compacting_ = false;
};

}  // namespace vexfs::core

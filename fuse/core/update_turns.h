// SPDX-License-Identifier: MIT
// Update requests of one collection, one after the other.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace vexfs::core {

class UpdateTurns {
 public:
  /** Waits for its turn; false if a compaction has it, which may keep it for long. */
  bool take(bool compaction) {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return !taken_ || compacting_; });
    if (taken_) return false;
    taken_ = true;
    compacting_ = compaction;
    return true;
  }
  void give_back() {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
      compacting_ = false;
    }
    free_.notify_all();
  }
  /** Whether a compaction has the turn. If it does not, it can begin nothing before the caller
   * gives the volume's exclusive lock back. */
  bool compacting() const { return compacting_; }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;
  std::atomic<bool> compacting_ = false;
};

}  // namespace vexfs::core

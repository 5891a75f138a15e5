// SPDX-License-Identifier: MIT
#include "fuse/daemon/long_jobs.h"

#include <utility>

namespace vexfs::daemon {

void LongJobs::run(Job job) {
  std::list<Running> ended;  // joined outside the lock
  const std::lock_guard lock(mutex_);
  for (auto at = running_.begin(); at != running_.end();) {
    const auto next = std::next(at);
    if (at->done) {
      ended.splice(ended.end(), running_, at);
    }
    at = next;
  }
  Running& mine = running_.emplace_back();
  mine.thread = std::jthread([this, &mine, job = std::move(job)]() mutable {
    job();
    job = nullptr;
    const std::lock_guard ending(mutex_);
    mine.done = true;
  });
}

void LongJobs::finish() {
  std::list<Running> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(running_);
  }
  all.clear();  // joins
}

}  // namespace vexfs::daemon

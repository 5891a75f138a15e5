// SPDX-License-Identifier: MIT
// A few threads for what would keep the reader from its next request: waits for the device and big
// reads.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace vexfs::daemon {

class WorkerPool {
 public:
  using Job = std::move_only_function<void()>;

  // Starts `threads` threads, at least 1.
  explicit WorkerPool(unsigned threads);

  ~WorkerPool();

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `job` on some thread of the pool. Jobs start in the order given; nothing is said about the
  // order in which they end. Any thread may call it.
  void run(Job job);

  // Finishes every job that was given, then ends the threads. No run() may follow.
  void finish();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::vector<std::jthread> threads_;  // last: they end before what they use is destroyed
};

}  // namespace vexfs::daemon

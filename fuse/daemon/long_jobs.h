// SPDX-License-Identifier: MIT
// Threads of their own for the few jobs that may take minutes: compactions, and what has to wait
// for one. On a worker they would keep searches and sync points waiting.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace vexfs::daemon {

class LongJobs {
 public:
  using Job = std::move_only_function<void()>;

  // Any thread may call it. There are never more threads than requests that wait for their answer.
  void run(Job job);

  // Waits for every job that was given. No run() may follow.
  void finish();

 private:
  struct Running {
    bool done = false;
    std::jthread thread;  // last: it ends before what it uses is destroyed
  };

  std::mutex mutex_;
  std::list<Running> running_;
};

}  // namespace vexfs::daemon

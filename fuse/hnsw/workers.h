// SPDX-License-Identifier: MIT
// Threads that share one loop.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace vexfs::hnsw {

/** `threads` of them, the caller's included. Loops from several callers take turns. */
class Workers {
 public:
  explicit Workers(size_t threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  size_t threads() const { return helpers_.size() + 1; }
  /** Calls body(i, worker) for each i below `count`, in any order; worker is below threads(). The
   * body does not throw. */
  void for_each(size_t count, const std::function<void(size_t i, size_t worker)>& body);

 private:
  void help(size_t worker);
  void run(size_t worker);

  std::mutex turn_;  // held for a whole loop
  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable ended_;
  const std::function<void(size_t, size_t)>* body_ = nullptr;
  size_t count_ = 0;
  size_t next_ = 0;
  size_t busy_ = 0;
  uint64_t loop_ = 0;
  bool stop_ = false;
  std::vector<std::jthread> helpers_;
};

}  // namespace vexfs::hnsw

// SPDX-License-Identifier: MIT
#include "fuse/hnsw/workers.h"

namespace vexfs::hnsw {

Workers::Workers(size_t threads) {
  for (size_t i = 1; i < threads; ++i) helpers_.emplace_back([this, i] { help(i); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  begun_.notify_all();
}

void Workers::for_each(size_t count, const std::function<void(size_t, size_t)>& body) {
  if (helpers_.empty()) {
    for (size_t i = 0; i < count; ++i) body(i, 0);
    return;
  }
  const std::lock_guard turn(turn_);
  {
    const std::lock_guard lock(mutex_);
    body_ = &body;
    count_ = count;
    next_ = 0;
    busy_ = helpers_.size();
    ++loop_;
  }
  begun_.notify_all();
  run(0);
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return busy_ == 0; });
}

void Workers::help(size_t worker) {
  for (uint64_t seen = 0;;) {
    {
      std::unique_lock lock(mutex_);
      begun_.wait(lock, [&] { return stop_ || loop_ != seen; });
      if (stop_) return;
      seen = loop_;
    }
    run(worker);
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) ended_.notify_one();
  }
}

void Workers::run(size_t worker) {
  for (;;) {
    size_t i;
    {
      const std::lock_guard lock(mutex_);
      if (next_ == count_) return;
      i = next_++;
    }
    (*body_)(i, worker);
  }
}

}  // namespace vexfs::hnsw

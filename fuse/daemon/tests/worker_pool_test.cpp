// SPDX-License-Identifier: MIT
#include "fuse/daemon/worker_pool.h"

#include <atomic>
#include <latch>

#include <gtest/gtest.h>

namespace vexfs::daemon {
namespace {

TEST(WorkerPool, RunsJobsBesideEachOther) {
  WorkerPool pool(2);
  std::latch both(2);
  // Each waits for the other: with one thread this would never end.
  pool.run([&both] { both.arrive_and_wait(); });
  pool.run([&both] { both.arrive_and_wait(); });
  pool.finish();
  EXPECT_TRUE(both.try_wait());
}

TEST(WorkerPool, FinishesWhatItWasGiven) {
  std::atomic<int> done = 0;
  {
    WorkerPool pool(1);
    for (int i = 0; i < 100; ++i) {
      pool.run([&done] { ++done; });
    }
  }
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace vexfs::daemon

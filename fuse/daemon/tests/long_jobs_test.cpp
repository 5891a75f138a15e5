// SPDX-License-Identifier: MIT
// Long jobs run beside each other, and finish() waits for all of them.
#include "fuse/daemon/long_jobs.h"

#include <atomic>
#include <latch>

#include <gtest/gtest.h>

namespace vexfs::daemon {
namespace {

TEST(LongJobs, RunBesideEachOther) {
  LongJobs jobs;
  std::latch all_here(4);
  std::atomic<int> done = 0;
  for (int i = 0; i < 4; ++i) {
    jobs.run([&] {
      all_here.arrive_and_wait();  // each waits for the others
      ++done;
    });
  }
  jobs.finish();
  EXPECT_EQ(done, 4);
}

TEST(LongJobs, ManyAfterEachOtherLeaveNothing) {
  std::atomic<int> done = 0;
  {
    LongJobs jobs;
    for (int i = 0; i < 200; ++i) {
      jobs.run([&] { ++done; });
    }
  }
  EXPECT_EQ(done, 200) << "the end waits too";
}

}  // namespace
}  // namespace vexfs::daemon

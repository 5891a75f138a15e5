// SPDX-License-Identifier: MIT
#include "harness/planted/in_child.h"

#include <csignal>
#include <stdexcept>

#include <gtest/gtest.h>
#include <unistd.h>

namespace vexfs::parity {
namespace {

using std::chrono::seconds;

TEST(InChild, ReturnsWhatTheWorkReturned) {
  const std::string large(300'000, 'x');
  EXPECT_EQ(run_in_child([&] { return large; }, seconds(20)), large);
}

TEST(InChild, TellsTheSignalThatKilledIt) {
  const auto answer = run_in_child(
      [] {
        ::raise(SIGKILL);
        return std::string("alive");
      },
      seconds(20));
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().find("signal 9"), std::string::npos) << answer.error();
}

TEST(InChild, EndsWhatHangs) {
  const auto answer = run_in_child(
      [] {
        ::pause();
        return std::string("woken");
      },
      seconds(1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), "did not end within 1 s");
}

TEST(InChild, AnExceptionIsNoAnswer) {
  EXPECT_FALSE(
      run_in_child([]() -> std::string { throw std::runtime_error("expected"); }, seconds(20)));
}

}  // namespace
}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "harness/vm/process.h"

#include <sys/wait.h>

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace vexfs::parity::vm {
namespace {

using namespace std::chrono_literals;

std::filesystem::path output_file() {
  return std::filesystem::path(testing::TempDir()) / ("process_" + std::to_string(::getpid()));
}

std::expected<std::unique_ptr<Process>, InfraError> shell(const std::string& script) {
  return Process::start({.argv = {"sh", "-c", script}, .passed = {}, .output = output_file()});
}

TEST(Process, TellsItsExitCodeAndKeepsItsOutput) {
  const auto process = shell("echo hello; exit 7");
  ASSERT_TRUE(process.has_value());
  ASSERT_TRUE((*process)->wait(5s));
  EXPECT_EQ(WEXITSTATUS(*(*process)->exit_status()), 7);
  std::string line;
  std::getline(std::ifstream(output_file()), line);
  EXPECT_EQ(line, "hello");
}

TEST(Process, AMissingProgramIsAnErrorWithItsName) {
  const auto process =
      Process::start({.argv = {"/nonexistent/qemu"}, .passed = {}, .output = output_file()});
  ASSERT_FALSE(process.has_value());
  EXPECT_NE(process.error().message.find("/nonexistent/qemu"), std::string::npos);
}

TEST(Process, IsGoneAfterKill) {
  auto process = shell("sleep 100");
  ASSERT_TRUE(process.has_value());
  const pid_t pid = (*process)->pid();
  EXPECT_FALSE((*process)->exit_status().has_value());
  (*process)->kill();
  EXPECT_EQ(WTERMSIG(*(*process)->exit_status()), SIGKILL);
  EXPECT_EQ(::kill(pid, 0), -1);
  (*process)->kill();  // twice is harmless
}

TEST(Process, PassesDescriptorsFromThreeOn) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  UniqueFd read_end(ends[0]);
  ProcessOptions options{
      .argv = {"sh", "-c", "echo passed >&3"}, .passed = {}, .output = output_file()};
  options.passed.emplace_back(ends[1]);
  const auto process = Process::start(std::move(options));
  ASSERT_TRUE(process.has_value());
  char text[16] = {};
  // Ends only because no copy of the write end stays open in this process.
  EXPECT_EQ(::read(read_end.get(), text, sizeof(text)), 7);
  EXPECT_STREQ(text, "passed\n");
  EXPECT_EQ(::read(read_end.get(), text, sizeof(text)), 0);
}

TEST(Process, TellsComputedTime) {
  const auto process = shell("while :; do :; done");
  ASSERT_TRUE(process.has_value());
  while ((*process)->times().computed < 50ms) std::this_thread::sleep_for(5ms);
  (*process)->kill();
  EXPECT_GE((*process)->times().computed, 50ms);
}

// A harness that is killed must not leave QEMUs behind.
TEST(Process, DiesWithTheHarness) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t harness = ::fork();
  if (harness == 0) {
    const auto process = shell("sleep 100");
    const pid_t pid = process ? (*process)->pid() : 0;
    if (::write(ends[1], &pid, sizeof(pid)) != sizeof(pid)) ::_exit(1);
    ::pause();
  }
  pid_t grandchild = 0;
  ASSERT_EQ(::read(ends[0], &grandchild, sizeof(grandchild)), static_cast<ssize_t>(sizeof(pid_t)));
  ASSERT_GT(grandchild, 0);
  ::kill(harness, SIGKILL);
  ::waitpid(harness, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  const auto state = "/proc/" + std::to_string(grandchild) + "/stat";
  for (int i = 0; i < 200; ++i) {
    std::string pid, name, status;
    // Gone, or a zombie that whoever adopted it has not buried yet.
    if (!(std::ifstream(state) >> pid >> name >> status) || status == "Z") return;
    std::this_thread::sleep_for(10ms);
  }
  FAIL() << "process " << grandchild << " still runs";
}

}  // namespace
}  // namespace vexfs::parity::vm

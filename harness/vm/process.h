// SPDX-License-Identifier: MIT
// A child process that cannot outlive the harness.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/device/error.h"
#include "harness/device/unique_fd.h"

namespace vexfs::parity::vm {

struct ProcessOptions {
  std::vector<std::string> argv;  // argv[0]: path of the program, or a name to be found in PATH
  // Become file descriptors 3, 4, ... of the child, in this order. Closed in this process.
  std::vector<UniqueFd> passed;
  std::filesystem::path output;  // file that gets standard output and standard error
};

// What a process has done with its time so far, over all its threads.
struct ProcessTimes {
  std::chrono::nanoseconds computed{0};  // on a CPU
  std::chrono::nanoseconds waited{0};    // runnable, but the host's CPUs were busy with others
};

// Starts at construction, is killed at destruction, and by the kernel when the harness ends in any
// way. The functions may be called from any thread.
class Process {
 public:
  static std::expected<std::unique_ptr<Process>, InfraError> start(ProcessOptions options);
  ~Process();

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  // Readable for poll() once the process has ended.
  int exit_fd() const { return pidfd_.get(); }
  // The wait status, once it has ended.
  std::optional<int> exit_status() const;

  // SIGKILL; returns when the process is gone.
  void kill();
  // False if it still runs after `patience`.
  bool wait(std::chrono::milliseconds patience) const;

  // Of the living process; the last known times once it has ended.
  ProcessTimes times() const;

 private:
  explicit Process(ProcessOptions options) : options_(std::move(options)) {}
  void supervise();

  ProcessOptions options_;
  UniqueFd pidfd_;
  pid_t pid_ = -1;

  mutable std::mutex mutex_;  // guards the rest
  mutable std::condition_variable changed_;
  bool started_ = false;
  int start_error_ = 0;
  std::optional<int> status_;
  mutable ProcessTimes last_times_;
  std::thread supervisor_;
};

}  // namespace vexfs::parity::vm

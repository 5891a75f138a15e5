// SPDX-License-Identifier: MIT
#include "harness/guest/process.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include "harness/device/unique_fd.h"

namespace vexfs::parity::guest {
namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

std::expected<Pipe, int> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void open(int to, const char* path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, to, path, flags, 0600);
  }
  std::expected<int, int> spawn(const std::vector<std::string>& argv) const {
    if (argv.empty()) return std::unexpected(EINVAL);
    std::vector<char*> pointers;
    for (const std::string& argument : argv)
      pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    std::array<char*, 2> environment{const_cast<char*>("PATH=/bin:/sbin:/usr/bin:/usr/sbin"),
                                     nullptr};
    pid_t pid = 0;
    const int error =
        posix_spawn(&pid, pointers[0], &actions_, nullptr, pointers.data(), environment.data());
    if (error != 0) return std::unexpected(error);
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_;
};

// While it exists children inherit this limit; the C library takes it for new threads, too.
class ChildStacks {
 public:
  explicit ChildStacks(std::uint64_t bytes) {
    ::getrlimit(RLIMIT_STACK, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    if (bytes != 0) ::setrlimit(RLIMIT_STACK, &limit);
  }
  ~ChildStacks() { ::setrlimit(RLIMIT_STACK, &before_); }
  ChildStacks(const ChildStacks&) = delete;
  ChildStacks& operator=(const ChildStacks&) = delete;

 private:
  rlimit before_{};
};

// Appends what a pipe holds; closes it at its end.
void drain(UniqueFd& from, std::string& to) {
  std::array<char, 64 * 1024> buffer;
  const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
  if (got > 0) {
    to.append(buffer.data(), static_cast<std::size_t>(got));
  } else if (got == 0 || errno != EINTR) {
    from.reset();
  }
}

void feed(UniqueFd& to, const std::string& input, std::size_t& fed) {
  const ssize_t put = ::write(to.get(), input.data() + fed, input.size() - fed);
  if (put > 0) fed += static_cast<std::size_t>(put);
  if (fed == input.size() || (put < 0 && errno != EAGAIN && errno != EINTR)) to.reset();
}

void exchange(UniqueFd& input_end, const std::string& input, UniqueFd& output_end,
              UniqueFd& error_end, ToolResult& result) {
  ::fcntl(input_end.get(), F_SETFL, O_NONBLOCK);
  if (input.empty()) input_end.reset();
  std::size_t fed = 0;
  while (input_end || output_end || error_end) {
    std::array<pollfd, 3> ends{{{input_end.get(), POLLOUT, 0},
                                {output_end.get(), POLLIN, 0},
                                {error_end.get(), POLLIN, 0}}};
    ::poll(ends.data(), ends.size(), -1);
    if (ends[0].revents != 0) feed(input_end, input, fed);
    if (ends[1].revents != 0) drain(output_end, result.standard_output);
    if (ends[2].revents != 0) drain(error_end, result.standard_error);
  }
}

}  // namespace

std::expected<ToolResult, int> run_tool(const std::vector<std::string>& argv,
                                        const std::string& input) {
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  if (!in || !out || !err) return std::unexpected(EMFILE);
  SpawnActions actions;
  actions.duplicate(in->read.get(), STDIN_FILENO);
  actions.duplicate(out->write.get(), STDOUT_FILENO);
  actions.duplicate(err->write.get(), STDERR_FILENO);
  const auto pid = actions.spawn(argv);
  if (!pid) return std::unexpected(pid.error());
  in->read.reset();
  out->write.reset();
  err->write.reset();
  ToolResult result;
  exchange(in->write, input, out->read, err->read, result);
  while (::waitpid(*pid, &result.status, 0) < 0 && errno == EINTR) {
  }
  return result;
}

std::expected<int, int> spawn_daemon(const std::vector<std::string>& argv,
                                     const std::string& error_log, std::uint64_t stack_bytes) {
  const ChildStacks stacks(stack_bytes);
  SpawnActions actions;
  actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  actions.open(STDOUT_FILENO, "/dev/null", O_WRONLY);
  actions.open(STDERR_FILENO, error_log.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
  return actions.spawn(argv);
}

}  // namespace vexfs::parity::guest

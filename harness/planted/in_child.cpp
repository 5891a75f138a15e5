// SPDX-License-Identifier: MIT
#include "harness/planted/in_child.h"

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace vexfs::parity {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kThrew = 97;

[[noreturn]] void be_the_child(int pipe, const std::function<std::string()>& work) {
  int code = 0;
  try {
    const std::string answer = work();
    for (std::size_t done = 0; done < answer.size();) {
      const ssize_t wrote = ::write(pipe, answer.data() + done, answer.size() - done);
      if (wrote < 0 && errno != EINTR) ::_exit(kThrew);
      if (wrote > 0) done += static_cast<std::size_t>(wrote);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    code = kThrew;
  }
  ::_exit(code);
}

// Reads to the end of the pipe; false if the deadline comes first.
bool read_all(int pipe, Clock::time_point deadline, std::string& answer) {
  char piece[65536];
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{pipe, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t got = ::read(pipe, piece, sizeof piece);
    if (got == 0) return true;
    if (got > 0) answer.append(piece, static_cast<std::size_t>(got));
  }
}

}  // namespace

std::expected<std::string, std::string> run_in_child(const std::function<std::string()>& work,
                                                     std::chrono::seconds limit) {
  int ends[2];
  if (::pipe(ends) != 0) return std::unexpected(fmt::format("no pipe: {}", std::strerror(errno)));
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) be_the_child(ends[1], work);
  ::close(ends[1]);
  std::string answer;
  const bool in_time = child > 0 && read_all(ends[0], Clock::now() + limit, answer);
  ::close(ends[0]);
  if (child < 0) return std::unexpected("a child process cannot be started");
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) return std::unexpected(fmt::format("did not end within {} s", limit.count()));
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return std::unexpected(fmt::format("killed by signal {} ({})", signal, ::strsignal(signal)));
  }
  if (WEXITSTATUS(status) != 0) {
    return std::unexpected(fmt::format("ended with code {}", WEXITSTATUS(status)));
  }
  return answer;
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "fuse/daemon/launch.h"

#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>

namespace vexfs::daemon {

namespace {

// The parent: waits for the child's byte, or for its end.
[[noreturn]] void follow(pid_t child, UniqueFd news) {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = read(news.get(), &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 1) {
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : EIO);
}

std::unexpected<core::Error> refuse(std::string_view what) {
  const int number = errno;
  return std::unexpected(core::Error{number, fmt::format("{}: {}", what, std::strerror(number))});
}

}  // namespace

std::expected<Launch, core::Error> Launch::begin(bool foreground) {
  if (foreground) {
    return Launch(UniqueFd());
  }
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return refuse("cannot make a pipe");
  }
  UniqueFd news(ends[0]);
  UniqueFd parent(ends[1]);
  const pid_t child = fork();
  if (child < 0) {
    return refuse("cannot start the background process (-f runs in the foreground)");
  }
  if (child > 0) {
    parent = UniqueFd();  // closed when the child ends, so that read() sees the end
    follow(child, std::move(news));
  }
  setsid();
  return Launch(std::move(parent));
}

void Launch::mounted() {
  if (!parent_) {
    return;
  }
  const UniqueFd parent = std::move(parent_);
  // From here on nobody reads what is printed, and nothing may keep another filesystem busy.
  if (chdir("/") != 0) {
    return;
  }
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null) {
    for (int fd = 0; fd <= 2; ++fd) {
      dup2(null.get(), fd);
    }
  }
  const char byte = 1;
  while (write(parent.get(), &byte, 1) < 0 && errno == EINTR) {
  }
}

}  // namespace vexfs::daemon

// SPDX-License-Identifier: MIT
#include "fuse/daemon/termination.h"

#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <signal.h>

namespace vexfs::daemon {

namespace {

sigset_t termination_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, number);
  }
  return set;
}

// Waits; true if a signal arrived, false if the watch is over.
bool signal_arrived(int signals, int over) {
  std::array<pollfd, 2> waits = {{{signals, POLLIN, 0}, {over, POLLIN, 0}}};
  while (poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
  }
  return (waits[0].revents & POLLIN) != 0;
}

}  // namespace

void block_termination_signals() {
  const sigset_t set = termination_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

TerminationWatch::TerminationWatch(std::function<void()> unmount) : over_(eventfd(0, EFD_CLOEXEC)) {
  const sigset_t set = termination_signals();
  UniqueFd signals(signalfd(-1, &set, SFD_CLOEXEC));
  thread_ = std::jthread(
      [signals = std::move(signals), over = over_.get(), unmount = std::move(unmount)] {
        if (signal_arrived(signals.get(), over)) {
          unmount();
        }
      });
}

TerminationWatch::~TerminationWatch() { eventfd_write(over_.get(), 1); }

}  // namespace vexfs::daemon

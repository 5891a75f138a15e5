// SPDX-License-Identifier: MIT
// PID 1 of a guest.
#include <sys/reboot.h>

#include <csignal>
#include <string>

#include <unistd.h>

#include "harness/guest/agent.h"
#include "harness/guest/boot.h"
#include "harness/guest/kernel_log.h"
#include "harness/guest/port.h"

int main() {
  using namespace vexfs::parity::guest;
  if (::getpid() != 1) {
    static constexpr char kText[] =
        "parity_guest is the init process of a test guest and runs as PID 1 only; start it with "
        "vexfs-parity\n";
    [[maybe_unused]] const ssize_t put = ::write(STDERR_FILENO, kText, sizeof(kText) - 1);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  set_up_system();
  std::string reason;
  if (auto port = Port::open()) {
    Agent agent(std::move(*port));
    reason = agent.serve();
  } else {
    reason = port.error();
  }
  log_warning("the agent ends: " + reason);
  // With -no-reboot QEMU ends, which the host notices at once.
  ::reboot(RB_AUTOBOOT);
  return 1;
}

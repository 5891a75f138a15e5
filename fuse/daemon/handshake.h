// SPDX-License-Identifier: MIT
// The one thing that libfuse 3.14 cannot agree on with the kernel: who clears set-id bits.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace vexfs::daemon {

// FUSE_HANDLE_KILLPRIV_V2 lets the kernel write without asking for the attribute
// `security.capability` first, and tells the daemon with each request whether set-id bits have to
// go. libfuse learnt it in 3.17, so it is asked for here, by completing libfuse's reply to INIT on
// its way out. INIT is the first request and is answered before any worker has work.
class Handshake {
 public:
  // Looks for the kernel's INIT.
  void see_request(std::span<const std::byte> request);

  // Completes the reply to that INIT; every other message stays as it is.
  void complete_reply(std::span<iovec> reply);

 private:
  uint64_t unique_ = 0;  // of an INIT that waits for its reply and offers the capability
};

}  // namespace vexfs::daemon

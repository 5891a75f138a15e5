// SPDX-License-Identifier: MIT
// libfuse's session on a connection of our own, and the loop that serves it.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <string>

#include "fuse/daemon/daemon.h"
#include "fuse/daemon/fuse_api.h"
#include "fuse/daemon/unique_fd.h"

namespace vexfs::daemon {

class Session {
 public:
  // `daemon` must outlive the session. The error says what libfuse refused.
  static std::expected<std::unique_ptr<Session>, core::Error> open(Daemon& daemon,
                                                                   UniqueFd connection);

  // Reads requests in arrival order and executes them on the calling thread, until the filesystem
  // is unmounted or stop() is called. Returns when every reply is sent.
  void serve();

  // Ends serve() although the filesystem is still in use somewhere. Any thread; returns when the
  // loop has ended.
  void stop();

 private:
  struct Destroy {
    void operator()(fuse_session* session) const { fuse_session_destroy(session); }
  };

  Session(Daemon& daemon, fuse_session* session) : daemon_(daemon), session_(session) {}

  Daemon& daemon_;
  std::unique_ptr<fuse_session, Destroy> session_;
  std::atomic<pthread_t> reader_{};
  std::atomic<bool> serving_ = false;
};

}  // namespace vexfs::daemon

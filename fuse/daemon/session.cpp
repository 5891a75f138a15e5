// SPDX-License-Identifier: MIT
#include "fuse/daemon/session.h"

#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <span>
#include <thread>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "fuse/daemon/operations.h"

namespace vexfs::daemon {

namespace {

// Interrupts the reader's read(2); nothing else uses it.
constexpr int kWakeSignal = SIGUSR1;

ssize_t read_request(int fd, void* into, size_t size, void* /*daemon*/) {
  return read(fd, into, size);
}

ssize_t write_reply(int fd, iovec* parts, int count, void* daemon) {
  static_cast<Daemon*>(daemon)->handshake.complete_reply({parts, static_cast<size_t>(count)});
  return writev(fd, parts, count);
}

constexpr fuse_custom_io kConnectionIo = {
    .writev = write_reply, .read = read_request, .splice_receive = nullptr, .splice_send = nullptr};

void let_wake_signal_interrupt() {
  struct sigaction action{};
  action.sa_handler = [](int) {};
  sigaction(kWakeSignal, &action, nullptr);  // no SA_RESTART: read(2) returns EINTR
}

struct FreeBuffer {
  fuse_buf buffer{};
  ~FreeBuffer() { free(buffer.mem); }  // libfuse allocates it
};

}  // namespace

std::expected<std::unique_ptr<Session>, core::Error> Session::open(Daemon& daemon,
                                                                   UniqueFd connection) {
  std::array<char, 11> name{"vexfs-fuse"};
  std::array<char*, 2> words{name.data(), nullptr};
  fuse_args arguments = FUSE_ARGS_INIT(1, words.data());
  const fuse_lowlevel_ops table = operations();
  fuse_session* made = fuse_session_new(&arguments, &table, sizeof(table), &daemon);
  if (made == nullptr) {
    return std::unexpected(core::Error{ENOMEM, "libfuse cannot make a session"});
  }
  auto session = std::unique_ptr<Session>(new Session(daemon, made));
  if (const int error = fuse_session_custom_io(made, &kConnectionIo, connection.get());
      error != 0) {
    return std::unexpected(core::Error{-error, "libfuse refuses the connection to /dev/fuse"});
  }
  connection.release();  // the session closes it
  return session;
}

void Session::serve() {
  let_wake_signal_interrupt();
  reader_ = pthread_self();
  serving_ = true;
  FreeBuffer owned;
  fuse_buf& buffer = owned.buffer;
  while (fuse_session_exited(session_.get()) == 0) {
    const int got = fuse_session_receive_buf(session_.get(), &buffer);
    if (got == -EINTR) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    const std::span request(static_cast<std::byte*>(buffer.mem), buffer.size);
    daemon_.handshake.see_request(request);
    daemon_.requests.count(request);
    carry_clear_set_id(request);
    fuse_session_process_buf(session_.get(), &buffer);
  }
  serving_ = false;
  daemon_.volume.stop_compactions();
  daemon_.workers.finish();
  daemon_.long_jobs.finish();
}

void Session::stop() {
  fuse_session_exit(session_.get());
  while (serving_) {
    // Again and again: the reader may be just before its read(2).
    pthread_kill(reader_, kWakeSignal);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace vexfs::daemon

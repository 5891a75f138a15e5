// SPDX-License-Identifier: MIT
#include "harness/vm/console.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace vexfs::parity::vm {
namespace {
constexpr std::size_t kKeptBytes = 256 * 1024;
}

bool Console::drain(int socket) {
  std::array<char, 16 * 1024> buffer;
  while (true) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got == 0) return false;
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN;
    }
    append({buffer.data(), static_cast<std::size_t>(got)});
  }
}

void Console::append(std::string_view text) {
  file_ << text << std::flush;
  text_.append(text);
  if (text_.size() > 2 * kKeptBytes) text_.erase(0, text_.size() - kKeptBytes);
  // Looked at anew with every piece: its headline may only now be complete.
  sign_ = find_sign(text_);
}

}  // namespace vexfs::parity::vm

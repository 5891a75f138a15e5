// SPDX-License-Identifier: MIT
#include "harness/guest/port.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "harness/guest/port_name.h"

namespace vexfs::parity::guest {
namespace {

namespace fs = std::filesystem;

// The device node of the port with our name, or an empty path.
fs::path find_port() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/sys/class/virtio-ports", error)) {
    std::string name;
    std::getline(std::ifstream(entry.path() / "name"), name);
    if (name == kPortName) return fs::path("/dev") / entry.path().filename();
  }
  return {};
}

}  // namespace

std::expected<Port, std::string> Port::open() {
  for (int attempt = 0; attempt < 200; ++attempt) {
    const fs::path path = find_port();
    if (!path.empty()) {
      UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
      if (fd) return Port(std::move(fd));
      if (errno != ENOENT) return std::unexpected("open " + path.string() + ": " + strerror(errno));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return std::unexpected(std::string("no virtio-serial port is named ") + kPortName +
                         "; is virtio_console in /modules.list?");
}

bool Port::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

std::size_t Port::read(std::span<std::byte> into) {
  while (true) {
    const ssize_t got = ::read(fd_.get(), into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
}

}  // namespace vexfs::parity::guest

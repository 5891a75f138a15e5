// SPDX-License-Identifier: MIT
// The guest's end of the virtio-serial port to the host.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "harness/device/unique_fd.h"

namespace vexfs::parity::guest {

// Blocking. A port and not a console: a console passes 16 bytes at a time through the tty layer,
// and a port hands each write over whole, so that a saved guest never holds half a heartbeat.
class Port {
 public:
  // Finds the port by its name, waiting a second for the kernel to make its device node.
  static std::expected<Port, std::string> open();

  // Writes all bytes; false if the port is gone.
  bool write(std::span<const std::byte> bytes);
  // Reads what is there, at least a byte; 0 if the port is gone.
  std::size_t read(std::span<std::byte> into);

 private:
  explicit Port(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace vexfs::parity::guest

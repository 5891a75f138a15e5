// SPDX-License-Identifier: MIT
// A failure of the harness or of the machine it runs on: never a verdict about a filesystem.
#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <string_view>

namespace vexfs::parity {

// Says what happened, to which object, and what to do about it.
struct InfraError {
  std::string message;
};

// The error of the system call that has just failed: "<action> <object>: <errno text>".
inline std::unexpected<InfraError> last_system_error(std::string_view action,
                                                     std::string_view object) {
  const int error = errno;
  std::string message(action);
  message.append(" ").append(object).append(": ").append(std::strerror(error));
  return std::unexpected(InfraError{std::move(message)});
}

inline std::unexpected<InfraError> infra_error(std::string message) {
  return std::unexpected(InfraError{std::move(message)});
}

}  // namespace vexfs::parity

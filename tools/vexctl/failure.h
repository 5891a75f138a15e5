// SPDX-License-Identifier: MIT
// Why a command did not do what it was asked for, and how the program ends then.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace vexfs::ctl {

// docs/man/vexctl.1, "EXIT STATUS".
enum class Exit : std::uint8_t {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kPartly = 3,  // an import ended early: what it did stays
};

struct Failure {
  std::string message;  // what happened, with which object, what to do; no newline at the end
  Exit exit = Exit::kFailed;
};

template <typename T>
using Result = std::expected<T, Failure>;

// "<what>: <strerror> (<ERRNO>)".
Failure system_failure(const std::string& what, int error);

// "ENOSPC" of ENOSPC; the number of an errno without a name.
std::string errno_name(int error);

}  // namespace vexfs::ctl

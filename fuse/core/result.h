// SPDX-License-Identifier: MIT
// How everything in fuse/core answers: a value, or a positive errno.
#pragma once

#include <expected>
#include <string>

namespace vexfs::core {

/** A value or a positive errno (EIO, ENOSPC, EUCLEAN...). */
template <typename T>
using Expected = std::expected<T, int>;

/** Why a volume or device could not be opened: a positive errno and what a person should know. */
struct Error {
  int number = 0;
  std::string message;
};

/** Shorthand for `return std::unexpected(errno)`. */
inline std::unexpected<int> fail(int number) { return std::unexpected<int>(number); }

}  // namespace vexfs::core

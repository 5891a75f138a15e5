// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vexfs::parity {

/// "ok" for 0, else the symbolic name such as "ENOENT"; "E<number>" where Linux has no name for it.
std::string error_name(int error);

/// The inverse of `error_name`; no value for a name that Linux does not have.
std::optional<int> error_number(std::string_view name);

}  // namespace vexfs::parity

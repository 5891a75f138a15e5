// SPDX-License-Identifier: MIT
// The two shapes of a reply.
#pragma once

#include <cstring>
#include <string>

#include <nlohmann/json.hpp>

namespace vexfs::parity::guest {

inline nlohmann::json success() { return {{"ok", true}}; }

// "<what>: <text of the errno>".
inline nlohmann::json failure(int error, const std::string& what) {
  return {{"ok", false}, {"errno", error}, {"error", what + ": " + std::strerror(error)}};
}

}  // namespace vexfs::parity::guest

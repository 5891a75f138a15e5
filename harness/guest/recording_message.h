// SPDX-License-Identifier: MIT
// A recording as the agent sends it.
#pragma once

#include <expected>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/device/recorder.h"

namespace vexfs::parity::guest {

// The marks of a recorded segment.
inline std::string text_of_pause(std::size_t steps_done) {
  return steps_done == 0 ? "mounted" : "step " + std::to_string(steps_done);
}
inline constexpr const char* kUnmounted = "unmounted";

// Without its base, which the host has, and without reads, which say nothing about crash states.
nlohmann::json message_of(const device::Recording& recording);

// The recording with an empty base, or what is wrong with the message.
std::expected<device::Recording, std::string> recording_in(const nlohmann::json& message);

}  // namespace vexfs::parity::guest

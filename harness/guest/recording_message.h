// SPDX-License-Identifier: MIT
// A recording as the agent sends it.
#pragma once

#include <expected>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/device/recorder.h"

namespace vexfs::parity::guest {

// Without its base, which the host has, and without reads, which say nothing about crash states.
nlohmann::json message_of(const device::Recording& recording);

// The recording with an empty base, or what is wrong with the message.
std::expected<device::Recording, std::string> recording_in(const nlohmann::json& message);

}  // namespace vexfs::parity::guest

// SPDX-License-Identifier: MIT
// The crash that a scenario asks to be explored, with everything before and behind it.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"
#include "harness/target/target.h"

namespace vexfs::parity::crash {

struct AuthoredCrash {
  /// The steps of the mount that the crash ends, how it is mounted, and nothing else of the file.
  Scenario mount;
  std::size_t first_step = 0;  // the index of mount.steps[0] in the file
  /// The volume that the mount begins with, cleanly unmounted.
  Image base;
  bool has_place = false;  // the file says where; else anywhere
  Crash crash;
  /// What is done on each recovered volume, up to the next step on the volume.
  std::vector<Step> after;
  std::size_t first_after = 0;  // the index of after[0] in the file
};

/// The scenario's first crash with a place; without one its first mount, with power failing
/// anywhere and nothing done afterwards. What comes before that mount is executed by the reference.
/// The error says for a person why there is no such mount.
std::expected<AuthoredCrash, std::string> authored_crash(const Scenario& scenario);

}  // namespace vexfs::parity::crash

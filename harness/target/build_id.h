// SPDX-License-Identifier: MIT
// Which binary answers.
#pragma once

#include <string>

namespace vexfs::parity {

/// The GNU build id of this program, as hex; "unknown" if the linker gave it none.
std::string own_build_id();

}  // namespace vexfs::parity

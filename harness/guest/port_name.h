// SPDX-License-Identifier: MIT
#pragma once

namespace vexfs::parity::guest {

// The name under which the host offers the virtio-serial port and the agent looks for it.
inline constexpr const char* kPortName = "vexfs-parity";

}  // namespace vexfs::parity::guest

// SPDX-License-Identifier: MIT
// How vexfs-fuse ends.
#pragma once

namespace vexfs::daemon {

inline constexpr int kExitOk = 0;
// The volume could not be unmounted cleanly: what was not durable is lost.
inline constexpr int kExitUnmountFailed = 1;
inline constexpr int kExitUsage = 2;
// As mount(8) says for a mount that failed.
inline constexpr int kExitNotMounted = 32;

}  // namespace vexfs::daemon

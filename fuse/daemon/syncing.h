// SPDX-License-Identifier: MIT
// A sync point in two steps, so that the reader never waits for the device.
#pragma once

#include <functional>

#include "fuse/core/result.h"
#include "fuse/daemon/daemon.h"

namespace vexfs::daemon {

// Answers the request that asked for the sync point. Runs on a worker, or at once if sealing fails.
using SyncReply = std::move_only_function<void(const core::Expected<void>& done)>;

// Seals now, so that the sync point covers exactly the requests before this one, and calls `reply`
// when all of it is durable.
void sync_then(Daemon& daemon, SyncReply reply);

}  // namespace vexfs::daemon

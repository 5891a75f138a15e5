// SPDX-License-Identifier: MIT
// What every operation can reach: the volume and what the adapter itself remembers.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "fuse/core/volume.h"
#include "fuse/daemon/event_watchers.h"
#include "fuse/daemon/fuse_api.h"
#include "fuse/daemon/handshake.h"
#include "fuse/daemon/long_jobs.h"
#include "fuse/daemon/node_table.h"
#include "fuse/daemon/planted.h"
#include "fuse/daemon/requests.h"
#include "fuse/daemon/stats_handles.h"
#include "fuse/daemon/worker_pool.h"

namespace vexfs::daemon {

// Bytes that one READ or WRITE carries, at most (256 pages: what the kernel allows).
inline constexpr size_t kMaxTransfer = size_t{1} << 20;

// One mounted filesystem. Operations run on the reader's thread, in arrival order; what they give
// to `workers` may use only what is safe in any thread (the volume, the node table, replies).
struct Daemon {
  explicit Daemon(core::Volume& mounted, Fault planted_fault = Fault::kNone)
      : volume(mounted), fault(planted_fault) {}

  core::Volume& volume;
  Fault fault;
  Handshake handshake;
  NodeTable nodes;
  RequestCounters requests;
  EventWatchers watchers;
  StatsHandles stats;
  // For replies that the reader makes itself.
  std::unique_ptr<std::byte[]> scratch = std::make_unique_for_overwrite<std::byte[]>(kMaxTransfer);
  // Last: their jobs end before what they use goes. Workers give some of theirs to threads of their
  // own.
  LongJobs long_jobs;
  WorkerPool workers{2};
};

inline Daemon& daemon_of(fuse_req_t req) { return *static_cast<Daemon*>(fuse_req_userdata(req)); }

// The inode that `node` names. Nothing after ESTALE was answered: the inode is gone, and its number
// may belong to another one.
std::optional<core::InodeNumber> resolve(fuse_req_t req, fuse_ino_t node);

}  // namespace vexfs::daemon

// SPDX-License-Identifier: MIT
// Answers to the kernel. Each sends exactly one reply and so ends its request.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <span>

#include "fuse/core/result.h"
#include "fuse/core/types.h"
#include "fuse/daemon/fuse_api.h"

namespace vexfs::daemon {

// Seconds for which the kernel need not ask again. The daemon is the only one that changes the
// volume, and every change comes through the kernel, which drops what it makes stale.
inline constexpr double kCacheSeconds = 365.0 * 24 * 3600;

// stat(2) of an inode, as docs/api.md says.
struct stat stat_of(const core::Attributes& attributes);

// How long `attributes` may be cached. Not at all once the last link is gone: the inode disappears
// at a sync point, and its operations then answer ESTALE.
double seconds_of(fuse_req_t req, const core::Attributes& attributes);

// What LOOKUP and READDIRPLUS tell of an inode. The node is remembered: the kernel has one
// reference more, which it gives back with FORGET.
fuse_entry_param entry_of(fuse_req_t req, const core::Attributes& attributes);

void reply_entry(fuse_req_t req, const core::Attributes& attributes);

// The name does not exist; the kernel may remember that.
void reply_negative_entry(fuse_req_t req);

void reply_attributes(fuse_req_t req, const core::Attributes& attributes);

void reply_bytes(fuse_req_t req, std::span<const std::byte> bytes);

// Success without a value, or the errno.
void reply_done(fuse_req_t req, const core::Expected<void>& done);

}  // namespace vexfs::daemon

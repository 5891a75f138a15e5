// SPDX-License-Identifier: MIT
#include "fuse/daemon/reply.h"

#include <cerrno>

#include "fuse/daemon/daemon.h"
#include "reference/contract/base.h"

namespace vexfs::daemon {

namespace {

timespec timespec_of(core::Time time) {
  return {.tv_sec = time.seconds, .tv_nsec = static_cast<long>(time.nanoseconds)};
}

}  // namespace

struct stat stat_of(const core::Attributes& attributes) {
  struct stat result{};
  result.st_ino = attributes.ino;
  result.st_mode = attributes.mode;
  result.st_nlink = attributes.nlink;
  result.st_uid = attributes.uid;
  result.st_gid = attributes.gid;
  // The kernel's encoding of 32 bits on both sides; libfuse hands it through unchanged.
  result.st_rdev = attributes.rdev;
  result.st_size = static_cast<off_t>(attributes.size);
  result.st_blksize = VEXFS_BLOCK_SIZE;
  result.st_blocks = static_cast<blkcnt_t>(attributes.blocks * (VEXFS_BLOCK_SIZE / 512));
  result.st_atim = timespec_of(attributes.atime);
  result.st_mtim = timespec_of(attributes.mtime);
  result.st_ctim = timespec_of(attributes.ctime);
  return result;
}

double seconds_of(fuse_req_t req, const core::Attributes& attributes) {
  const bool dead =
      attributes.nlink == 0 && !planted(daemon_of(req).fault, Fault::kDeadAttributesCached);
  return dead ? 0.0 : kCacheSeconds;
}

fuse_entry_param entry_of(fuse_req_t req, const core::Attributes& attributes) {
  fuse_entry_param entry{};
  entry.ino =
      daemon_of(req).nodes.remember({.ino = attributes.ino, .generation = attributes.generation});
  entry.generation = attributes.generation;
  entry.attr = stat_of(attributes);
  entry.attr_timeout = seconds_of(req, attributes);
  entry.entry_timeout = kCacheSeconds;
  return entry;
}

void reply_entry(fuse_req_t req, const core::Attributes& attributes) {
  Daemon& daemon = daemon_of(req);
  const fuse_entry_param entry = entry_of(req, attributes);
  if (fuse_reply_entry(req, &entry) != 0) {
    // The caller was interrupted: the kernel did not take the reference.
    daemon.nodes.forget(entry.ino, 1);
  }
}

void reply_negative_entry(fuse_req_t req) {
  fuse_entry_param entry{};
  entry.entry_timeout = kCacheSeconds;
  fuse_reply_entry(req, &entry);
}

void reply_attributes(fuse_req_t req, const core::Attributes& attributes) {
  const struct stat result = stat_of(attributes);
  fuse_reply_attr(req, &result, seconds_of(req, attributes));
}

void reply_bytes(fuse_req_t req, std::span<const std::byte> bytes) {
  fuse_reply_buf(req, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void reply_done(fuse_req_t req, const core::Expected<void>& done) {
  fuse_reply_err(req, done ? 0 : done.error());
}

}  // namespace vexfs::daemon

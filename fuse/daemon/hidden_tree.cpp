// SPDX-License-Identifier: MIT
// The names and attributes of `/.vexfs`.
#include "fuse/daemon/hidden_tree.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "fuse/daemon/daemon.h"
#include "reference/contract/base.h"

namespace vexfs::daemon {

namespace {

struct HiddenFile {
  const char* name;
  fuse_ino_t node;
  mode_t mode;
};

// In the order of a listing.
constexpr std::array<HiddenFile, 3> kFiles = {{
    {"control", kControl, S_IFREG | 0600},
    {"events", kEvents, S_IFREG | 0400},
    {"stats", kStats, S_IFREG | 0444},
}};

constexpr std::array<HiddenFile, 5> kListing = {{
    {".", kHiddenDirectory, S_IFDIR},
    {"..", FUSE_ROOT_ID, S_IFDIR},
    kFiles[0],
    kFiles[1],
    kFiles[2],
}};

// All zero but what is set: owner root, size and times 0.
struct stat hidden_stat(fuse_ino_t node) {
  struct stat result{};
  result.st_ino = node;
  result.st_blksize = VEXFS_BLOCK_SIZE;
  result.st_mode = S_IFDIR | 0555;
  result.st_nlink = 2;
  for (const HiddenFile& file : kFiles) {
    if (file.node == node) {
      result.st_mode = file.mode;
      result.st_nlink = 1;
    }
  }
  return result;
}

void reply_hidden_entry(fuse_req_t req, fuse_ino_t node) {
  fuse_entry_param entry{};
  entry.ino = node;
  entry.generation = 1;
  entry.attr = hidden_stat(node);
  fuse_reply_entry(req, &entry);
}

}  // namespace

void hidden_lookup(fuse_req_t req, fuse_ino_t parent, std::string_view name) {
  if (parent == FUSE_ROOT_ID) {
    reply_hidden_entry(req, kHiddenDirectory);
    return;
  }
  for (const HiddenFile& file : kFiles) {
    if (parent == kHiddenDirectory && name == file.name) {
      reply_hidden_entry(req, file.node);
      return;
    }
  }
  fuse_reply_err(req, ENOENT);
}

void hidden_getattr(fuse_req_t req, fuse_ino_t node) {
  const struct stat result = hidden_stat(node);
  fuse_reply_attr(req, &result, 0);
}

void hidden_setattr(fuse_req_t req, fuse_ino_t node, const struct stat& values, int to_set) {
  if ((to_set & FUSE_SET_ATTR_SIZE) != 0) {
    if (values.st_size != 0) {
      fuse_reply_err(req, EINVAL);
      return;
    }
  } else if ((to_set & ~FUSE_SET_ATTR_KILL_SUID) != 0) {
    fuse_reply_err(req, EPERM);
    return;
  }
  hidden_getattr(req, node);
}

void hidden_readdir(fuse_req_t req, size_t size, off_t position, bool plus) {
  std::string bytes(std::min<size_t>(size, VEXFS_BLOCK_SIZE), '\0');
  size_t used = 0;
  for (auto at = static_cast<size_t>(position); at < kListing.size(); ++at) {
    fuse_entry_param entry{};  // node 0: a name and a type, not a lookup
    entry.attr.st_ino = kListing[at].node;
    entry.attr.st_mode = kListing[at].mode;
    const auto next = static_cast<off_t>(at + 1);
    char* to = bytes.data() + used;
    const size_t left = bytes.size() - used;
    const size_t length =
        plus ? fuse_add_direntry_plus(req, to, left, kListing[at].name, &entry, next)
             : fuse_add_direntry(req, to, left, kListing[at].name, &entry.attr, next);
    if (length > left) {
      break;
    }
    used += length;
  }
  fuse_reply_buf(req, bytes.data(), used);
}

}  // namespace vexfs::daemon

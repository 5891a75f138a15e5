// SPDX-License-Identifier: MIT
// `/.vexfs`: the directory that no listing shows, and its files (docs/api.md). Nothing here is ever
// cached by the kernel.
#pragma once

#include <sys/stat.h>

#include <span>
#include <string_view>

#include "fuse/daemon/fuse_api.h"

namespace vexfs::daemon {

inline constexpr std::string_view kHiddenName = ".vexfs";

// Node ids, which are the inode numbers of docs/api.md.
inline constexpr fuse_ino_t kHiddenDirectory = fuse_ino_t{1} << 62;
inline constexpr fuse_ino_t kEvents = kHiddenDirectory + 1;
inline constexpr fuse_ino_t kStats = kHiddenDirectory + 3;
inline constexpr fuse_ino_t kControl = kHiddenDirectory + 4;

inline bool is_hidden(fuse_ino_t node) { return node >= kHiddenDirectory; }

// Whether `name` in `parent` is the hidden directory.
inline bool is_hidden_name(fuse_ino_t parent, std::string_view name) {
  return parent == FUSE_ROOT_ID && name == kHiddenName;
}

// Each answers the request, as the operation of its name in operations.h.
void hidden_lookup(fuse_req_t req, fuse_ino_t parent, std::string_view name);
void hidden_getattr(fuse_req_t req, fuse_ino_t node);
void hidden_setattr(fuse_req_t req, fuse_ino_t node, const struct stat& values, int to_set);
void hidden_open(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void hidden_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, fuse_file_info* file);
void hidden_write(fuse_req_t req, fuse_ino_t node, std::span<const char> bytes);
void hidden_release(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void hidden_poll(fuse_req_t req, fuse_ino_t node, fuse_file_info* file, fuse_pollhandle* handle);
void hidden_readdir(fuse_req_t req, size_t size, off_t position, bool plus);

}  // namespace vexfs::daemon

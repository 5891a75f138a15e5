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

// The hidden directory that `name` in `parent`, an inode of the volume, is; 0 if it is none. The
// root has one, and each collection (collection_tree.h).
fuse_ino_t hidden_directory(fuse_req_t req, fuse_ino_t parent, std::string_view name);

// Each answers the request, as the operation of its name in operations.h.
void hidden_lookup(fuse_req_t req, fuse_ino_t parent, std::string_view name);
// LOOKUP of what hidden_directory() found.
void hidden_directory_lookup(fuse_req_t req, fuse_ino_t directory);
void hidden_getattr(fuse_req_t req, fuse_ino_t node);
void hidden_setattr(fuse_req_t req, fuse_ino_t node, const struct stat& values, int to_set);
void hidden_open(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void hidden_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, fuse_file_info* file);
void hidden_write(fuse_req_t req, fuse_ino_t node, std::span<const char> bytes,
                  fuse_file_info* file);
void hidden_release(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void hidden_poll(fuse_req_t req, fuse_ino_t node, fuse_file_info* file, fuse_pollhandle* handle);
void hidden_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t position, bool plus);

}  // namespace vexfs::daemon

// SPDX-License-Identifier: MIT
// What the kernel can ask for: one function for each request of libfuse's low-level interface,
// grouped by file. Each answers its request exactly once, here or on a worker.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "fuse/daemon/fuse_api.h"

namespace vexfs::daemon {

// The table for fuse_session_new(). What is missing on purpose is answered ENOSYS by libfuse, and
// the kernel then does it itself or refuses it (docs/tuning.md): flush, access, locks,
// fallocate, copy_file_range, SEEK_HOLE, FIBMAP.
fuse_lowlevel_ops operations();

// connection.cpp
void on_init(void* daemon, fuse_conn_info* connection);

// names.cpp
void on_lookup(fuse_req_t req, fuse_ino_t parent, const char* name);
void on_mknod(fuse_req_t req, fuse_ino_t parent, const char* name, mode_t mode, dev_t rdev);
void on_mkdir(fuse_req_t req, fuse_ino_t parent, const char* name, mode_t mode);
void on_symlink(fuse_req_t req, const char* target, fuse_ino_t parent, const char* name);
void on_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t parent, const char* name);
void on_unlink(fuse_req_t req, fuse_ino_t parent, const char* name);
void on_rmdir(fuse_req_t req, fuse_ino_t parent, const char* name);
void on_rename(fuse_req_t req, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
               const char* new_name, unsigned flags);

// inodes.cpp
void on_forget(fuse_req_t req, fuse_ino_t node, uint64_t count);
void on_forget_multi(fuse_req_t req, size_t count, fuse_forget_data* forgets);
void on_getattr(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void on_setattr(fuse_req_t req, fuse_ino_t node, struct stat* values, int to_set,
                fuse_file_info* file);
void on_readlink(fuse_req_t req, fuse_ino_t node);
void on_statfs(fuse_req_t req, fuse_ino_t node);
void on_ioctl(fuse_req_t req, fuse_ino_t node, unsigned command, void* argument,
              fuse_file_info* file, unsigned flags, const void* in, size_t in_size,
              size_t out_size);

// files.cpp
void on_create(fuse_req_t req, fuse_ino_t parent, const char* name, mode_t mode,
               fuse_file_info* file);
void on_open(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void on_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, fuse_file_info* file);
void on_write(fuse_req_t req, fuse_ino_t node, const char* bytes, size_t size, off_t offset,
              fuse_file_info* file);
void on_release(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void on_poll(fuse_req_t req, fuse_ino_t node, fuse_file_info* file, fuse_pollhandle* handle);

// directories.cpp
void on_opendir(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);
void on_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t position, fuse_file_info* file);
void on_readdirplus(fuse_req_t req, fuse_ino_t node, size_t size, off_t position,
                    fuse_file_info* file);
void on_releasedir(fuse_req_t req, fuse_ino_t node, fuse_file_info* file);

// xattrs.cpp
void on_setxattr(fuse_req_t req, fuse_ino_t node, const char* name, const char* value, size_t size,
                 int flags);
void on_getxattr(fuse_req_t req, fuse_ino_t node, const char* name, size_t size);
void on_listxattr(fuse_req_t req, fuse_ino_t node, size_t size);
void on_removexattr(fuse_req_t req, fuse_ino_t node, const char* name);

// syncing.cpp
void on_fsync(fuse_req_t req, fuse_ino_t node, int data_only, fuse_file_info* file);

}  // namespace vexfs::daemon

// SPDX-License-Identifier: MIT
#include "fuse/daemon/operations.h"

namespace vexfs::daemon {

fuse_lowlevel_ops operations() {
  fuse_lowlevel_ops table{};
  table.init = on_init;
  table.lookup = on_lookup;
  table.forget = on_forget;
  table.forget_multi = on_forget_multi;
  table.getattr = on_getattr;
  table.setattr = on_setattr;
  table.readlink = on_readlink;
  table.mknod = on_mknod;
  table.mkdir = on_mkdir;
  table.unlink = on_unlink;
  table.rmdir = on_rmdir;
  table.symlink = on_symlink;
  table.rename = on_rename;
  table.link = on_link;
  table.open = on_open;
  table.read = on_read;
  table.write = on_write;
  table.release = on_release;
  table.fsync = on_fsync;
  table.opendir = on_opendir;
  table.readdir = on_readdir;
  table.releasedir = on_releasedir;
  table.fsyncdir = on_fsync;
  table.statfs = on_statfs;
  table.setxattr = on_setxattr;
  table.getxattr = on_getxattr;
  table.listxattr = on_listxattr;
  table.removexattr = on_removexattr;
  table.create = on_create;
  table.ioctl = on_ioctl;
  table.poll = on_poll;
  table.readdirplus = on_readdirplus;
  return table;
}

}  // namespace vexfs::daemon

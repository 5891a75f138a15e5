// SPDX-License-Identifier: MIT
#include "harness/guest/execute_as.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace vexfs::parity::guest {
namespace {

// glibc's wrappers change all threads of the process; the raw calls change this one.
long set_groups(const std::vector<gid_t>& groups) {
  return ::syscall(SYS_setgroups, groups.size(), groups.data());
}
long set_effective_gid(gid_t gid) { return ::syscall(SYS_setresgid, -1, gid, -1); }
long set_effective_uid(uid_t uid) { return ::syscall(SYS_setresuid, -1, uid, -1); }

}  // namespace

InsideMount::InsideMount(const std::string& mount_dir) { enter(mount_dir); }

void InsideMount::enter(const std::string& mount_dir) {
  // Root, working directory and umask belong to this thread alone from here on.
  if (::unshare(CLONE_FS) < 0) return fail("unshare", mount_dir);
  old_root_ = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  old_directory_ = ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (old_root_ < 0 || old_directory_ < 0) return fail("open", "the old root directory");
  const int count = ::getgroups(0, nullptr);
  if (count > 0) old_groups_.resize(static_cast<std::size_t>(count));
  if (count < 0 || ::getgroups(count, old_groups_.data()) < 0) return fail("getgroups", mount_dir);
  if (::chdir(mount_dir.c_str()) < 0) return fail("chdir", mount_dir);
  if (::chroot(".") < 0) return fail("chroot", mount_dir);
  inside_ = true;
  old_umask_ = ::umask(0);
  if (set_groups({}) < 0) fail("setgroups", mount_dir);
}

InsideMount::~InsideMount() {
  if (inside_) {
    ::umask(old_umask_);
    set_groups(old_groups_);
    // The old root is outside the present one, so entering it again leaves the volume.
    if (::fchdir(old_root_) < 0 || ::chroot(".") < 0) ::_exit(120);
  }
  if (old_directory_ >= 0 && ::fchdir(old_directory_) < 0) ::_exit(120);
  if (old_root_ >= 0) ::close(old_root_);
  if (old_directory_ >= 0) ::close(old_directory_);
}

void InsideMount::fail(const char* call, const std::string& what) {
  error_ = std::string(call) + " for " + what + ": " + std::strerror(errno) +
           "; the session needs a mounted volume and root";
}

void switch_off_link_policies() {
  for (const char* policy : {"hardlinks", "symlinks", "fifos", "regular"}) {
    std::ofstream(std::string("/proc/sys/fs/protected_") + policy) << "0";
  }
}

ActingAs::ActingAs(const Credentials& who) {
  const std::vector<gid_t> groups(who.groups.begin(), who.groups.end());
  if (set_groups(groups) < 0 || set_effective_gid(who.gid) < 0 || set_effective_uid(who.uid) < 0) {
    error_ = errno;
  }
}

ActingAs::~ActingAs() {
  // A step executed with a stranger's identity would be a silent lie: stop instead.
  if (set_effective_uid(0) < 0 || set_effective_gid(0) < 0 || set_groups({}) < 0) ::_exit(121);
}

}  // namespace vexfs::parity::guest

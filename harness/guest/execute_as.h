// SPDX-License-Identifier: MIT
// Where and as whom a step executes.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "harness/scenario/operation.h"

namespace vexfs::parity::guest {

/// While it lives, the calling thread's root and working directory are the volume's root, its umask
/// is 0 and it has no supplementary groups. Absolute symlinks and ".." then stay within the volume,
/// as they do in the model. Needs root. Only the thread that made it may end it.
class InsideMount {
 public:
  explicit InsideMount(const std::string& mount_dir);
  ~InsideMount();
  InsideMount(const InsideMount&) = delete;
  InsideMount& operator=(const InsideMount&) = delete;

  /// Empty, or why it could not be entered.
  const std::string& error() const { return error_; }

 private:
  void enter(const std::string& mount_dir);
  void fail(const char* call, const std::string& what);

  int old_root_ = -1;
  int old_directory_ = -1;
  mode_t old_umask_ = 0;
  std::vector<gid_t> old_groups_;
  bool inside_ = false;
  std::string error_;
};

/// While it lives, the calling thread has the effective ids and groups of `who`, without root's
/// capabilities unless uid is 0. The thread has root's ids before and after.
class ActingAs {
 public:
  explicit ActingAs(const Credentials& who);
  ~ActingAs();
  ActingAs(const ActingAs&) = delete;
  ActingAs& operator=(const ActingAs&) = delete;

  /// 0 or the errno of the call that failed; then nothing may be executed.
  int error() const { return error_; }

 private:
  int error_ = 0;
};

/// Switches off the kernel's protected_hardlinks, _symlinks, _fifos and _regular: policies of a
/// distribution, not of a filesystem, that scenarios must not meet. Changes the whole machine; for
/// guests only.
void switch_off_link_policies();

}  // namespace vexfs::parity::guest

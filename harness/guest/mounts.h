// SPDX-License-Identifier: MIT
// Mounting a volume as one of the targets, and everything that must be tidy after its unmount.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/guest/session.h"

namespace vexfs::parity::guest {

struct MountRequest {
  std::string target;           // "kmod", "fuse" or "ext4"
  std::string device;           // e.g. "/dev/vda"
  std::string dir;              // made if missing
  std::string options;          // as after mount -o
  std::uint64_t stack_kib = 0;  // of each thread of the daemon; 0: as the system gives
};

// Options of mount(8) split into flags of mount(2) and what the filesystem gets as its data.
struct MountFlags {
  unsigned long flags = 0;
  std::string data;
};
MountFlags split_options(const std::string& options);

// The mounts of this guest. Replies are those of agent.h, complete with "ok".
class Mounts {
 public:
  nlohmann::json mount(const MountRequest& request);
  nlohmann::json umount(const std::string& dir);

  // The session of the mount at `dir`, made on first use; null if nothing is mounted there.
  Session* session(const std::string& dir);

 private:
  struct Mounted {
    int daemon = 0;  // process id of the FUSE daemon, or 0
    std::unique_ptr<Session> session;
  };

  nlohmann::json mount_kernel(const MountRequest& request, const char* type);
  nlohmann::json mount_fuse(const MountRequest& request);

  std::map<std::string, Mounted> mounted_;
};

}  // namespace vexfs::parity::guest

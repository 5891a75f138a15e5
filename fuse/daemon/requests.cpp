// SPDX-License-Identifier: MIT
#include "fuse/daemon/requests.h"

#include <linux/fuse.h>

#include <cstring>
#include <string_view>

#include <fmt/format.h>

namespace vexfs::daemon {

namespace {

// The kernel's own names; an opcode that is missing here is printed as its number.
constexpr std::array<std::string_view, 54> kNames = {
    "",
    "lookup",
    "forget",
    "getattr",
    "setattr",
    "readlink",
    "symlink",
    "",
    "mknod",
    "mkdir",
    "unlink",
    "rmdir",
    "rename",
    "link",
    "open",
    "read",
    "write",
    "statfs",
    "release",
    "",
    "fsync",
    "setxattr",
    "getxattr",
    "listxattr",
    "removexattr",
    "flush",
    "init",
    "opendir",
    "readdir",
    "releasedir",
    "fsyncdir",
    "getlk",
    "setlk",
    "setlkw",
    "access",
    "create",
    "interrupt",
    "bmap",
    "destroy",
    "ioctl",
    "poll",
    "notify_reply",
    "batch_forget",
    "fallocate",
    "readdirplus",
    "rename2",
    "lseek",
    "copy_file_range",
    "setupmapping",
    "removemapping",
    "syncfs",
    "tmpfile",
    "statx",
    "copy_file_range_64",
};

// The body of a request that has one, or null. `request` is aligned as the reader's buffer is.
template <typename Body>
Body* body_of(std::span<std::byte> request) {
  if (request.size() < sizeof(fuse_in_header) + sizeof(Body)) {
    return nullptr;
  }
  return reinterpret_cast<Body*>(request.data() + sizeof(fuse_in_header));
}

uint32_t opcode_of(std::span<const std::byte> request) {
  fuse_in_header header{};
  if (request.size() >= sizeof(header)) {
    std::memcpy(&header, request.data(), sizeof(header));
  }
  return header.opcode;
}

}  // namespace

void carry_clear_set_id(std::span<std::byte> request) {
  switch (opcode_of(request)) {
    case FUSE_WRITE:
      if (auto* in = body_of<fuse_write_in>(request);
          in != nullptr && (in->write_flags & FUSE_WRITE_KILL_SUIDGID) != 0) {
        in->flags |= kClearSetIdFlag;
      }
      break;
    case FUSE_OPEN:
      if (auto* in = body_of<fuse_open_in>(request);
          in != nullptr && (in->open_flags & FUSE_OPEN_KILL_SUIDGID) != 0) {
        in->flags |= kClearSetIdFlag;
      }
      break;
    case FUSE_CREATE:
      if (auto* in = body_of<fuse_create_in>(request);
          in != nullptr && (in->open_flags & FUSE_OPEN_KILL_SUIDGID) != 0) {
        in->flags |= kClearSetIdFlag;
      }
      break;
    default:
      break;
  }
}

void RequestCounters::count(std::span<const std::byte> request) {
  const uint32_t opcode = opcode_of(request);
  if (opcode < kOpcodes) {
    // One thread writes: no locked instruction is needed.
    auto& counter = counts_[opcode];
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
}

std::string RequestCounters::text() const {
  std::string lines;
  for (size_t opcode = 0; opcode < kOpcodes; ++opcode) {
    const uint64_t value = counts_[opcode].load(std::memory_order_relaxed);
    if (value == 0) {
      continue;
    }
    const std::string name = opcode < kNames.size() && !kNames[opcode].empty()
                                 ? std::string(kNames[opcode])
                                 : fmt::format("opcode_{}", opcode);
    lines += fmt::format("requests.{} {}\n", name, value);
  }
  return lines;
}

}  // namespace vexfs::daemon

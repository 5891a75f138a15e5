// SPDX-License-Identifier: MIT
// The requests as they come off /dev/fuse: what libfuse does not hand on, and how many of each kind
// there were.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace vexfs::daemon {

// Set in fuse_file_info::flags of OPEN, CREATE and WRITE when the caller lacks CAP_FSETID, so that
// the operation has to clear set-id bits. No open(2) flag has this value.
inline constexpr int kClearSetIdFlag = 1 << 30;

// libfuse 3.14 ignores the word in which the kernel asks for set-id bits to be cleared
// (FUSE_WRITE_KILL_SUIDGID, FUSE_OPEN_KILL_SUIDGID), but it does hand on the open flags: this
// writes kClearSetIdFlag into them. `request` is one whole request; others stay as they are.
void carry_clear_set_id(std::span<std::byte> request);

// How many requests of each opcode arrived: the round trips that users' system calls cost.
class RequestCounters {
 public:
  // Counts `request`. Only the reader calls it.
  void count(std::span<const std::byte> request);

  // `name value` lines, one for each opcode that was seen, ascending by opcode. Any thread.
  std::string text() const;

 private:
  static constexpr size_t kOpcodes = 64;
  std::array<std::atomic<uint64_t>, kOpcodes> counts_{};
};

}  // namespace vexfs::daemon

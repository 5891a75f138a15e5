// SPDX-License-Identifier: MIT
// The text that each open file description of `/.vexfs/stats` reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace vexfs::daemon {

// A description sees one consistent text from its first byte to its last; reading from the start
// again sees a new one. Only the reader uses it.
class StatsHandles {
 public:
  uint64_t open() {
    texts_.try_emplace(next_);
    return next_++;
  }
  void close(uint64_t handle) { texts_.erase(handle); }
  void set(uint64_t handle, std::string text) { texts_[handle] = std::move(text); }
  std::string_view text(uint64_t handle) { return texts_[handle]; }

 private:
  uint64_t next_ = 1;
  std::unordered_map<uint64_t, std::string> texts_;
};

}  // namespace vexfs::daemon

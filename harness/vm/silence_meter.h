// SPDX-License-Identifier: MIT
// When silence means death. Time that the host did not give to the guest is not the guest's fault.
#pragma once

#include <chrono>

#include "harness/vm/process.h"

namespace vexfs::parity::vm {

// What a machine has had so far: a reading of the wall clock and of QEMU's times, taken together.
struct MachineTime {
  std::chrono::steady_clock::time_point wall;
  ProcessTimes process;
};

// Time between two readings without what QEMU spent waiting for a CPU of the host: how long the
// guest would have taken on an idle host, at least.
std::chrono::nanoseconds guest_time(const MachineTime& from, const MachineTime& to);

struct SilenceLimits {
  std::chrono::nanoseconds suspect = std::chrono::seconds(2);   // wall time since the last sign
  std::chrono::nanoseconds computed = std::chrono::seconds(5);  // of CPU time used since
  // An idle CPU that nothing wakes uses no CPU time; guest_time() since the last sign.
  std::chrono::nanoseconds idle = std::chrono::seconds(12);
  // The same until the first sign: a boot is silent. A cold boot takes 2 to 4 s.
  std::chrono::nanoseconds boot_computed = std::chrono::seconds(60);
  std::chrono::nanoseconds boot_idle = std::chrono::seconds(60);
};

class SilenceMeter {
 public:
  SilenceMeter(SilenceLimits limits, const MachineTime& now) : limits_(limits), last_(now) {}

  // A sign of life came.
  void heard(const MachineTime& now) {
    last_ = now;
    booted_ = true;
  }

  bool booted() const { return booted_; }
  bool suspected(const MachineTime& now) const {
    return booted_ && now.wall - last_.wall >= limits_.suspect;
  }
  bool dead(const MachineTime& now) const;
  // Of the wall clock, and of CPU time that the machine used: what the limits speak of.
  std::chrono::milliseconds unheard(const MachineTime& now) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now.wall - last_.wall);
  }
  std::chrono::milliseconds computed(const MachineTime& now) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now.process.computed -
                                                                 last_.process.computed);
  }

 private:
  SilenceLimits limits_;
  MachineTime last_;
  bool booted_ = false;
};

}  // namespace vexfs::parity::vm

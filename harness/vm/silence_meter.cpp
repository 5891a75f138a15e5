// SPDX-License-Identifier: MIT
#include "harness/vm/silence_meter.h"

#include <algorithm>

namespace vexfs::parity::vm {

std::chrono::nanoseconds guest_time(const MachineTime& from, const MachineTime& to) {
  const std::chrono::nanoseconds wall = to.wall - from.wall;
  const std::chrono::nanoseconds waited = to.process.waited - from.process.waited;
  const std::chrono::nanoseconds computed = to.process.computed - from.process.computed;
  // Several threads may wait at once; what was computed cannot have been waiting.
  return std::max(std::min(computed, wall), wall - waited);
}

bool SilenceMeter::dead(const MachineTime& now) const {
  const auto computed = now.process.computed - last_.process.computed;
  if (!booted_) {
    return computed >= limits_.boot_computed || guest_time(last_, now) >= limits_.boot_idle;
  }
  if (!suspected(now)) return false;
  return computed >= limits_.computed || guest_time(last_, now) >= limits_.idle;
}

}  // namespace vexfs::parity::vm

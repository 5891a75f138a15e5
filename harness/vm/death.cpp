// SPDX-License-Identifier: MIT
#include "harness/vm/death.h"

namespace vexfs::parity::vm {

const char* name_of(DeathKind kind) {
  switch (kind) {
    case DeathKind::kExit:
      return "exit";
    case DeathKind::kPanic:
      return "panic";
    case DeathKind::kOops:
      return "oops";
    case DeathKind::kSilence:
      return "silence";
  }
  return "unknown";
}

std::string describe(const DeathReport& report) {
  std::string text =
      "the guest died (" + std::string(name_of(report.kind)) + "): " + report.headline + "\n";
  if (!report.in_flight.empty()) text += "in flight: " + report.in_flight + "\n";
  text += "noticed " + std::to_string(report.unheard.count()) +
          " ms after its last sign of life, " + std::to_string(report.computed.count()) +
          " ms of CPU time\n";
  if (!report.console_tail.empty()) text += "console:\n" + report.console_tail + "\n";
  if (!report.qemu_output.empty()) text += "qemu:\n" + report.qemu_output + "\n";
  return text;
}

}  // namespace vexfs::parity::vm

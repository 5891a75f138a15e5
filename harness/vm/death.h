// SPDX-License-Identifier: MIT
// How a guest died, told so that the finding can be judged without the guest.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vexfs::parity::vm {

enum class DeathKind : std::uint8_t {
  kExit,     // QEMU ended with nothing wrong on the console: powered off, or killed
  kPanic,    // the kernel gave up
  kOops,     // the kernel complained: oops, BUG, WARNING, lockdep
  kSilence,  // no sign of life while it had time to give one; or tasks that hang
};

// "exit", "panic", "oops", "silence".
const char* name_of(DeathKind kind);

struct DeathReport {
  DeathKind kind = DeathKind::kExit;
  std::string headline;      // one line
  std::string in_flight;     // the request being executed, or empty
  std::string console_tail;  // the last lines of the serial console
  std::string qemu_output;   // what QEMU itself had to say, mostly nothing
  // From the last sign of life until it was declared dead: of the wall clock, and of CPU time that
  // the machine used.
  std::chrono::milliseconds unheard{0};
  std::chrono::milliseconds computed{0};
};

// Several lines for a person.
std::string describe(const DeathReport& report);

}  // namespace vexfs::parity::vm

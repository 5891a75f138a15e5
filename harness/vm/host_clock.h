// SPDX-License-Identifier: MIT
// How fast the host's time-stamp counter ticks, for guests that cannot measure it themselves.
#pragma once

#include <cstdint>

namespace vexfs::parity::vm {

// Ticks of the TSC in a millisecond, measured once in some 20 ms and remembered.
//
// Under TCG the guest's TSC ticks as the host's, but its kernel measures it against an emulated
// timer. On a busy host that measurement fails and the kernel hangs before its first module, so the
// answer is given on the kernel's command line.
std::uint64_t host_tsc_khz();

}  // namespace vexfs::parity::vm

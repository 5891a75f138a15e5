// SPDX-License-Identifier: MIT
// From the kernel's hand to a system in which the agent can work.
#pragma once

namespace vexfs::parity::guest {

// Mounts proc, sys, devtmpfs and tmpfs, loads the modules of /modules.list in order, and sets the
// kernel up for scenarios: to say soon what is wrong with it, and without a distribution's
// policies. What fails is logged; only the host can judge it.
void set_up_system();

}  // namespace vexfs::parity::guest

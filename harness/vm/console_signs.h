// SPDX-License-Identifier: MIT
// What a kernel writes on its console when something is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vexfs::parity::vm {

enum class SignKind : std::uint8_t {
  kComplaint,  // oops, BUG, WARNING, lockdep, use of freed memory: the kernel may go on, wrongly
  kHang,       // hung task, soft lockup, RCU stall
  kPanic,      // the end
};

struct ConsoleSign {
  SignKind kind = SignKind::kComplaint;
  // One line: what, and in which function, e.g. "BUG: kernel NULL pointer dereference, address:
  // 0000000000000000 in vexfs_lookup+0x1f/0x80 [vexfs]".
  std::string headline;
};

// Looks for the first complaint or panic in a console's text, or else for the first hang: a guest
// whose host starves it believes that it hangs. A panic that only follows from an earlier complaint
// (oops=panic) is reported as that complaint.
std::optional<ConsoleSign> find_sign(std::string_view console);

// The last `lines` lines of a text.
std::string tail(std::string_view text, std::size_t lines);

}  // namespace vexfs::parity::vm

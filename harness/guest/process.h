// SPDX-License-Identifier: MIT
// Child processes of the agent: tools that run to their end.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace vexfs::parity::guest {

struct ToolResult {
  int status = 0;  // as waitpid() gives it
  std::string standard_output;
  std::string standard_error;
};

// Runs a program (absolute path first in `argv`) with `input` on its standard input and waits for
// its end. Fails with an errno if it cannot be started.
std::expected<ToolResult, int> run_tool(const std::vector<std::string>& argv,
                                        const std::string& input);

// Starts a program with standard input and output from and to /dev/null and standard error to the
// file `error_log`. Its stacks, that of each thread too, have at most `stack_bytes`; 0: as the
// caller's. Returns its process id, or an errno. From one thread.
std::expected<int, int> spawn_daemon(const std::vector<std::string>& argv,
                                     const std::string& error_log, std::uint64_t stack_bytes = 0);

}  // namespace vexfs::parity::guest

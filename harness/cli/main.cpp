// SPDX-License-Identifier: MIT
// vexfs-parity: proves that the reference, the FUSE filesystem and the kernel module are the same.
#include <iostream>

#include <malloc.h>

#include "harness/cli/command.h"

namespace vexfs::parity::cli {

ExitCode harness_failed(const std::string& message) {
  std::cerr << "vexfs-parity: " << message << '\n';
  return static_cast<ExitCode>(Verdict::kHarnessFailed);
}

}  // namespace vexfs::parity::cli

int main(int argc, char** argv) {
  using namespace vexfs::parity;
  // Images and logs come and go all the time: memory that goes back to the kernel is faulted in
  // again at once.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  CLI::App program(
      "Runs the same scenarios through every implementation of VexFS and compares them to the "
      "byte.",
      "vexfs-parity");
  program.require_subcommand(1);
  program.footer(
      "Exit codes: 0 parity, 1 divergence, 2 usage, 3 the harness or the machine failed, 4 the "
      "budget ended before a "
      "verdict,\n5 a target or its kernel died.");
  cli::ExitCode exit_code = 0;
  cli::add_run(program, exit_code);
  cli::add_replay(program, exit_code);
  cli::add_shrink(program, exit_code);
  cli::add_crash(program, exit_code);
  cli::add_diff(program, exit_code);
  cli::add_doctor(program, exit_code);
  cli::add_selftest(program, exit_code);
  cli::add_bench(program, exit_code);
  cli::add_stack(program, exit_code);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = program.exit(error);
    return code == 0 ? 0 : static_cast<int>(Verdict::kUsage);
  } catch (const std::exception& error) {
    return cli::harness_failed(error.what());
  }
  return exit_code;
}

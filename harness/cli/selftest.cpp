// SPDX-License-Identifier: MIT
// vexfs-parity selftest: whether the checks notice planted faults. The engine with faults is
// another program, so that this one cannot contain any.
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/cli/command.h"

namespace vexfs::parity::cli {
namespace {

// <build>/harness/cli/<this program> -> <build>/harness/planted/vexfs-parity-planted
std::filesystem::path planted_program() {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return self.parent_path().parent_path() / "planted" / "vexfs-parity-planted";
}

ExitCode become_planted(const std::vector<std::string>& arguments) {
  const std::string program = planted_program().string();
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(program.c_str(), argv.data());
  return harness_failed(fmt::format("cannot run {}: {}; build the target vexfs-parity-planted",
                                    program, std::strerror(errno)));
}

}  // namespace

void add_selftest(CLI::App& program, ExitCode& exit_code) {
  CLI::App& command = *program.add_subcommand(
      "selftest",
      "plant one fault at a time into the engine and say which check notices it; takes the options "
      "of vexfs-parity-planted, such as --fault NAME, --scenarios N, --seed S, --json FILE");
  command.prefix_command();
  command.callback([&command, &exit_code] { exit_code = become_planted(command.remaining()); });
}

}  // namespace vexfs::parity::cli

// SPDX-License-Identifier: MIT
// vexctl: see docs/man/vexctl.1.
#include <cerrno>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "tools/vexctl/commands.h"

namespace vexfs::ctl {
namespace {

void add_commands(CLI::App& app, Action& chosen) {
  for (auto* add : {add_create, add_drop, add_info, add_list, add_import, add_export, add_put,
                    add_get, add_delete, add_count, add_search, add_attach, add_detach, add_compact,
                    add_events, add_stats, add_sync, add_checkpoint}) {
    add(app, chosen);
  }
  app.require_subcommand(1);
}

// fmt throws if standard output cannot be written, the library if memory is short.
Result<void> carry_out(const Action& action) try {
  return action();
} catch (const std::exception& error) {
  return std::unexpected(Failure{error.what()});
}

int run(int argc, char** argv) {
  Action chosen;
  CLI::App app{"Collections of vectors, events and statistics of a mounted VexFS.", "vexctl"};
  add_commands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::kUsage);
  }
  const auto done = carry_out(chosen);
  if (done && std::fflush(stdout) == 0) return static_cast<int>(Exit::kDone);
  const Failure failure = done ? system_failure("writing to standard output", errno) : done.error();
  fmt::print(stderr, "vexctl: {}\n", failure.message);
  return static_cast<int>(failure.exit);
}

}  // namespace
}  // namespace vexfs::ctl

int main(int argc, char** argv) { return vexfs::ctl::run(argc, argv); }

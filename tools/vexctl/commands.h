// SPDX-License-Identifier: MIT
// The subcommands: each function adds its own to the program. The one that was given puts what is
// to be done into `chosen`.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "tools/vexctl/failure.h"

namespace vexfs::ctl {

using Action = std::function<Result<void>()>;

void add_create(CLI::App& app, Action& chosen);
void add_drop(CLI::App& app, Action& chosen);
void add_info(CLI::App& app, Action& chosen);
void add_list(CLI::App& app, Action& chosen);
void add_import(CLI::App& app, Action& chosen);
void add_export(CLI::App& app, Action& chosen);
void add_put(CLI::App& app, Action& chosen);
void add_get(CLI::App& app, Action& chosen);
void add_delete(CLI::App& app, Action& chosen);
void add_count(CLI::App& app, Action& chosen);
void add_search(CLI::App& app, Action& chosen);
void add_attach(CLI::App& app, Action& chosen);
void add_detach(CLI::App& app, Action& chosen);
void add_compact(CLI::App& app, Action& chosen);
void add_events(CLI::App& app, Action& chosen);
void add_stats(CLI::App& app, Action& chosen);
void add_sync(CLI::App& app, Action& chosen);
void add_checkpoint(CLI::App& app, Action& chosen);

// A subcommand whose options live as long as the program's; `run` gets them once they are parsed.
template <typename Options, typename AddOptions>
void add_command(CLI::App& app, Action& chosen, const char* name, const char* purpose,
                 AddOptions add_options, Result<void> (*run)(const Options&)) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(name, purpose);
  add_options(*command, *options);
  command->callback([options, run, &chosen] { chosen = [options, run] { return run(*options); }; });
}

}  // namespace vexfs::ctl

// SPDX-License-Identifier: MIT
#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include "tools/vexctl/commands.h"
#include "tools/vexctl/event_stream.h"
#include "tools/vexctl/event_text.h"
#include "tools/vexctl/volume.h"

namespace vexfs::ctl {
namespace {

struct Options {
  std::string path;
  std::optional<std::uint64_t> from;
  bool follow = false;
  bool json = false;
};

Result<void> events(const Options& options) {
  const auto files = volume_files(options.path);
  if (!files) return std::unexpected(files.error());
  auto stream = EventStream::open(*files + "/events");
  if (!stream) return std::unexpected(stream.error());
  const auto start = options.from ? Result<std::uint64_t>(*options.from) : stream->oldest();
  if (!start) return std::unexpected(start.error());
  if (auto sought = stream->seek(*start); !sought) return sought;
  for (;;) {
    const auto more = stream->visit_next([&](const tools::EventRecord& record) {
      fmt::print("{}\n", options.json ? event_json(record) : event_text(record));
    });
    if (!more) return std::unexpected(more.error());
    if (*more) continue;
    if (!options.follow) return {};
    if (std::fflush(stdout) != 0) {
      return std::unexpected(system_failure("writing to standard output", errno));
    }
    if (auto waited = stream->wait(); !waited) return waited;
  }
}

void add_options(CLI::App& command, Options& options) {
  command.add_option("PATH", options.path, "Any path on the mounted volume")->required();
  command.add_option("--from", options.from,
                     "Position of the first event to print (default: the oldest that is kept)");
  command.add_flag("-f,--follow", options.follow, "Go on with events as they become durable");
  command.add_flag("--json", options.json, "Print a line of JSON for each event");
}

}  // namespace

void add_events(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "events", "Print what happened on a volume (root)", add_options, events);
}

}  // namespace vexfs::ctl

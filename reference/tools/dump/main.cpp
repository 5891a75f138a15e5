// SPDX-License-Identifier: MIT
// vexfs-dump: see docs/man/vexfs-dump.8.
#include <cstdio>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "reference/tools/dump/dump_json.h"
#include "reference/tools/inspect/mapped_file.h"

namespace vexfs::tools {
namespace {

struct DumpOptions {
  std::string image;
  std::string what = "super";
  std::optional<std::uint64_t> number;
  bool json = false;
};

std::expected<Json, std::string> dump_numbered(const VolumeView& view, const DumpOptions& options) {
  if (!options.number) {
    return std::unexpected(
        fmt::format("{0} wants a number: vexfs-dump IMAGE {0} NUMBER", options.what));
  }
  if (options.what == "inode") return dump_inode(view, *options.number);
  if (options.what == "dir") return dump_directory(view, *options.number);
  if (options.what == "extents") return dump_extents(view, *options.number);
  if (options.what == "collection") return dump_collection(view, *options.number);
  return dump_block(view, *options.number);
}

std::expected<Json, std::string> dump(const VolumeView& view, const DumpOptions& options) {
  if (options.what == "super") return dump_superblock(view);
  if (options.what == "anchors") return dump_anchors(view);
  if (options.what == "state") return dump_state(view);
  if (options.what == "log") return dump_log(view);
  if (options.what == "events") return dump_events(view);
  if (options.what == "all") return dump_all(view);
  return dump_numbered(view, options);
}

std::expected<std::string, std::string> run(const DumpOptions& options) {
  auto file = MappedFile::open(options.image);
  if (!file) return std::unexpected(file.error());
  auto view = VolumeView::open(file->bytes());
  if (!view) return std::unexpected(fmt::format("{}: {}", options.image, view.error()));
  auto json = dump(*view, options);
  if (!json) return std::unexpected(json.error());
  if (!options.json) return human_text(*json);
  return json->dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace
}  // namespace vexfs::tools

int main(int argc, char** argv) {
  vexfs::tools::DumpOptions options;
  CLI::App app{"Prints the structures of a VexFS volume.", "vexfs-dump"};
  app.add_option("IMAGE", options.image, "Image file or block device")->required();
  app.add_option(
         "WHAT", options.what,
         "super, anchors, state, log, events, inode, dir, extents, collection, block or all")
      ->check(CLI::IsMember({"super", "anchors", "state", "log", "events", "inode", "dir",
                             "extents", "collection", "block", "all"}));
  app.add_option("NUMBER", options.number, "Of the inode or block");
  app.add_flag("--json", options.json, "Print JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "vexfs-dump: {}; --help lists the options\n", error.what());
    return 2;
  }
  auto text = vexfs::tools::run(options);
  if (!text) {
    fmt::print(stderr, "vexfs-dump: {}\n", text.error());
    return 1;
  }
  std::fputs(text->c_str(), stdout);
  return 0;
}

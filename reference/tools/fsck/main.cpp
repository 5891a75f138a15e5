// SPDX-License-Identifier: MIT
// fsck.vexfs: see docs/man/fsck.vexfs.8.
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "reference/tools/fsck/check_volume.h"
#include "reference/tools/fsck/report.h"
#include "reference/tools/inspect/mapped_file.h"

namespace {

// Exit codes of fsck(8).
constexpr int kClean = 0;
constexpr int kErrorsLeft = 4;
constexpr int kOperational = 8;
constexpr int kUsage = 16;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Checks a VexFS volume. It never changes it.", "fsck.vexfs"};
  std::string device;
  bool json = false;
  bool ignored = false;
  bool repair = false;
  app.add_option("DEVICE", device, "Image file or block device")->required();
  app.add_flag("--json", json, "Print the findings as JSON");
  app.add_flag("-n", ignored, "Check only; this is what is always done");
  app.add_flag("-f", ignored, "Check even if the volume is marked clean; this is always done");
  app.add_flag("-a,-p,-y,-r,--repair", repair, "Not in this version: fsck.vexfs only checks");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success&) {
    fmt::print("{}", app.help());
    return kClean;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "fsck.vexfs: {}; --help lists the options\n", error.what());
    return kUsage;
  }
  if (repair) {
    fmt::print(stderr,
               "fsck.vexfs: this version cannot repair: run it without -a, -p, -y, -r and --repair "
               "to see what is wrong with {}\n",
               device);
    return kUsage;
  }
  auto file = vexfs::tools::MappedFile::open(device);
  if (!file) {
    fmt::print(stderr, "fsck.vexfs: {}\n", file.error());
    return kOperational;
  }
  const auto findings = vexfs::tools::check_volume(file->bytes());
  const auto text = json ? vexfs::tools::findings_json(device, findings)
                         : vexfs::tools::findings_text(device, findings);
  std::fputs(text.c_str(), stdout);
  return findings.clean() ? kClean : kErrorsLeft;
}

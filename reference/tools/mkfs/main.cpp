// SPDX-License-Identifier: MIT
// mkfs.vexfs: see docs/man/mkfs.vexfs.8.
#include <cstdio>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "reference/tools/inspect/layout.h"
#include "reference/tools/mkfs/format_volume.h"
#include "reference/tools/mkfs/options.h"
#include "reference/tools/mkfs/signatures.h"
#include "reference/tools/mkfs/target_device.h"

namespace vexfs::tools {
namespace {

using Result = std::expected<void, std::string>;

Result refuse_overwriting(const TargetDevice& target, const MkfsOptions& options) {
  if (options.force) return {};
  std::vector<std::byte> start(kSignatureBytes);
  auto length = target.read_start(start);
  if (!length) return std::unexpected(length.error());
  const std::string_view found = find_signature(Bytes(start).first(*length));
  if (found.empty()) return {};
  return std::unexpected(
      fmt::format("{} already holds {}: give --force to overwrite it", options.device, found));
}

Result write_to(TargetDevice& target, const MkfsOptions& options, const vexfs_superblock& super) {
  if (auto extended = target.extend_to(super.blocks * kBlockSize); !extended) return extended;
  FileSink sink(target.fd());
  if (options.zero_data) sink.zero(super.data.start * kBlockSize, super.data.blocks * kBlockSize);
  write_volume(sink, super, options.geometry);
  if (sink.error() != 0) {
    return std::unexpected(fmt::format("writing to {} failed: {}; it holds no volume now",
                                       options.device, std::strerror(sink.error())));
  }
  return target.sync();
}

void print_summary(const MkfsOptions& options, const vexfs_superblock& super) {
  fmt::print("{}: {} blocks, {} for data, {} inodes, log {}, event ring {}\nuuid {}\n",
             options.device, super.blocks, super.data.blocks, super.inodes, super.log.blocks,
             super.ring.blocks, format_uuid(options.geometry.uuid));
}

Result run(MkfsOptions options) {
  if (options.blocks_given) {
    // Checked before a file is created for a geometry that cannot be.
    if (auto super = make_superblock(options.geometry); !super) {
      return std::unexpected(super.error().message);
    }
  }
  auto target = TargetDevice::open(options.device, options.blocks_given);
  if (!target) return std::unexpected(target.error());
  if (!options.blocks_given) options.geometry.blocks = target->size() / kBlockSize;
  auto super = make_superblock(options.geometry);
  if (!super) return std::unexpected(super.error().message);
  if (auto checked = refuse_overwriting(*target, options); !checked) return checked;
  if (auto written = write_to(*target, options, *super); !written) return written;
  if (!options.quiet) print_summary(options, *super);
  return {};
}

}  // namespace
}  // namespace vexfs::tools

int main(int argc, char** argv) {
  auto options = vexfs::tools::parse_mkfs_options(argc, argv);
  if (!options) {
    std::fputs(options.error().message.c_str(), options.error().code == 0 ? stdout : stderr);
    return options.error().code;
  }
  if (auto done = vexfs::tools::run(*options); !done) {
    fmt::print(stderr, "mkfs.vexfs: {}\n", done.error());
    return 1;
  }
  return 0;
}

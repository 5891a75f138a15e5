// SPDX-License-Identifier: MIT
#include "reference/tools/mkfs/options.h"

#include <random>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace vexfs::tools {
namespace {

Uuid random_uuid() {
  std::random_device source;
  Uuid uuid;
  for (auto& byte : uuid) byte = static_cast<std::uint8_t>(source());
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);  // version 4, RFC 4122
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

void add_geometry_options(CLI::App& app, Geometry& geometry) {
  app.add_option("--inodes", geometry.inodes, "Inode numbers (default: blocks / 4)");
  app.add_option("--log-blocks", geometry.log_blocks, "Blocks of the metadata log");
  app.add_option("--ring-blocks", geometry.ring_blocks, "Blocks of the event ring (at least 4)");
  app.add_option("--tx-units", geometry.tx_units, "Units of work that close a transaction");
  app.add_option("--tx-blocks", geometry.tx_blocks, "Dirty blocks that close a transaction");
  app.add_option("--unit-extents", geometry.unit_extents, "Extents that one unit frees, at most");
  app.add_option("--unit-blocks", geometry.unit_blocks, "Blocks that one unit frees, at most");
  app.add_option("--extent-fanout", geometry.extent_fanout, "Entries of an extent node, 4 to 254");
  app.add_option("--max-links", geometry.max_links, "Links of an inode, at most");
  app.add_option("--checkpoint-blocks", geometry.checkpoint_blocks,
                 "Distinct logged blocks that trigger a checkpoint");
  app.add_option("--checkpoint-freed", geometry.checkpoint_freed,
                 "Freed blocks that trigger a checkpoint");
  app.add_option("--label", geometry.label, "Name of the volume, at most 32 bytes of UTF-8");
  app.add_option("--uid", geometry.uid, "Owner of the root directory (default 0)");
  app.add_option("--gid", geometry.gid, "Group of the root directory (default 0)");
  app.add_option("--level-seed", geometry.level_seed,
                 "Default seed of the levels of collections (default 0)");
  app.add_option("--time", geometry.time, "Times of the root directory, in seconds (default 0)");
}

}  // namespace

std::expected<Uuid, std::string> parse_uuid(const std::string& text) {
  Uuid uuid{};
  std::size_t digits = 0;
  for (char character : text) {
    if (character == '-' && digits % 2 == 0) continue;
    const char lower = static_cast<char>(character | 0x20);
    const bool is_letter = lower >= 'a' && lower <= 'f';
    if ((!is_letter && (character < '0' || character > '9')) || digits == 32) {
      return std::unexpected(fmt::format("'{}' is not a uuid: give 32 hexadecimal digits", text));
    }
    const int value = is_letter ? lower - 'a' + 10 : character - '0';
    uuid[digits / 2] = static_cast<std::uint8_t>(uuid[digits / 2] << 4 | value);
    ++digits;
  }
  if (digits != 32) {
    return std::unexpected(fmt::format("'{}' has {} digits, but a uuid has 32", text, digits));
  }
  return uuid;
}

std::string format_uuid(const Uuid& uuid) {
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", uuid[i]);
  }
  return text;
}

std::expected<MkfsOptions, MkfsExit> parse_mkfs_options(int argc, const char* const* argv) {
  MkfsOptions options;
  std::string uuid;
  CLI::App app{"Makes a VexFS volume in an image file or on a block device.", "mkfs.vexfs"};
  app.add_option("DEVICE", options.device, "Image file or block device")->required();
  auto* blocks = app.add_option("--blocks", options.geometry.blocks,
                                "Blocks of 4096 bytes; creates or extends an image file (default: "
                                "the size of DEVICE)");
  add_geometry_options(app, options.geometry);
  app.add_option("--uuid", uuid, "Identity and checksum seed (default: random)");
  app.add_flag("--zero-data", options.zero_data, "Also zero the data region");
  app.add_flag("--force", options.force, "Overwrite an existing filesystem");
  app.add_flag("-q,--quiet", options.quiet, "Print nothing on success");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success&) {
    return std::unexpected(MkfsExit{app.help(), 0});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(
        MkfsExit{fmt::format("mkfs.vexfs: {}; --help lists the options\n", error.what()), 1});
  }
  options.blocks_given = blocks->count() > 0;
  if (uuid.empty()) {
    options.geometry.uuid = random_uuid();
    return options;
  }
  auto parsed = parse_uuid(uuid);
  if (!parsed) return std::unexpected(MkfsExit{"mkfs.vexfs: --uuid: " + parsed.error() + "\n", 1});
  options.geometry.uuid = *parsed;
  return options;
}

}  // namespace vexfs::tools

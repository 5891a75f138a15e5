// SPDX-License-Identifier: MIT
#include "fuse/daemon/options.h"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <limits>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "fuse/core/planted.h"

namespace vexfs::daemon {

namespace {

using Outcome = std::expected<void, std::string>;

constexpr std::string_view kKnown =
    "data=ordered|writeback|journal, commit=SECONDS, clock=system|manual, strict, cache=MIB, ro, "
    "rw";

// Options of mount(8) that every filesystem knows and the VFS carries out.
struct VfsOption {
  std::string_view name;
  unsigned long set;
  unsigned long clear;
};

constexpr std::array<VfsOption, 22> kVfsOptions = {{
    {"suid", 0, MS_NOSUID},
    {"nosuid", MS_NOSUID, 0},
    {"dev", 0, MS_NODEV},
    {"nodev", MS_NODEV, 0},
    {"exec", 0, MS_NOEXEC},
    {"noexec", MS_NOEXEC, 0},
    {"async", 0, MS_SYNCHRONOUS},
    {"sync", MS_SYNCHRONOUS, 0},
    {"dirsync", MS_DIRSYNC, 0},
    {"atime", 0, MS_NOATIME},
    {"noatime", MS_NOATIME, 0},
    {"relatime", MS_RELATIME, 0},
    {"norelatime", 0, MS_RELATIME},
    {"strictatime", MS_STRICTATIME, 0},
    {"diratime", 0, MS_NODIRATIME},
    {"nodiratime", MS_NODIRATIME, 0},
    {"lazytime", MS_LAZYTIME, 0},
    {"nolazytime", 0, MS_LAZYTIME},
    // What this daemon does in any case; mount(8) and fstab like to say it.
    {"defaults", 0, 0},
    {"default_permissions", 0, 0},
    {"allow_other", 0, 0},
    {"silent", MS_SILENT, 0},
}};

std::unexpected<std::string> bad_value(std::string_view name, std::string_view value,
                                       std::string_view right) {
  return std::unexpected(
      fmt::format("mount option {}={}: the value must be {}", name, value, right));
}

std::expected<uint64_t, std::string> number_of(std::string_view name, std::string_view value,
                                               uint64_t low, uint64_t high) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number < low || number > high) {
    return bad_value(name, value, fmt::format("a number from {} to {}", low, high));
  }
  return number;
}

Outcome apply_data(std::string_view value, Options& options) {
  if (value == "ordered") {
    options.volume.data = core::DataMode::kOrdered;
  } else if (value == "writeback") {
    options.volume.data = core::DataMode::kWriteback;
  } else if (value == "journal") {
    options.volume.data = core::DataMode::kJournal;
  } else {
    return bad_value("data", value, "ordered, writeback or journal");
  }
  return {};
}

Outcome apply_clock(std::string_view value, Options& options) {
  if (value != "system" && value != "manual") {
    return bad_value("clock", value, "system or manual");
  }
  options.volume.manual_clock = value == "manual";
  return {};
}

Outcome apply_commit(std::string_view value, Options& options) {
  const auto seconds = number_of("commit", value, 0, std::numeric_limits<int32_t>::max());
  if (!seconds) {
    return std::unexpected(seconds.error());
  }
  options.volume.commit_seconds = static_cast<uint32_t>(*seconds);
  return {};
}

Outcome apply_cache(std::string_view value, Options& options) {
  const auto mebibytes = number_of("cache", value, 1, uint64_t{1} << 40);
  if (!mebibytes) {
    return std::unexpected(mebibytes.error());
  }
  options.volume.cache_bytes = *mebibytes << 20;
  return {};
}

// Only builds that can plant a fault know this option.
Outcome apply_fault(std::string_view value, Options& options) {
  options.volume.fault = core::fault_of(value);
  options.fault = fault_of(value);
  if (options.volume.fault == core::Fault::kNone && options.fault == Fault::kNone &&
      value != "none") {
    return bad_value("fault", value,
                     "the name of a fault of fuse/core/planted.h or fuse/daemon/planted.h");
  }
  return {};
}

Outcome apply_with_value(std::string_view name, std::string_view value, Options& options) {
  if (name == "data") {
    return apply_data(value, options);
  }
  if (name == "clock") {
    return apply_clock(value, options);
  }
  if (name == "commit") {
    return apply_commit(value, options);
  }
  if (name == "cache") {
    return apply_cache(value, options);
  }
  if (core::kCanPlant && name == "fault") {
    return apply_fault(value, options);
  }
  return std::unexpected(
      fmt::format("mount option {}={} is not known; there are: {}", name, value, kKnown));
}

Outcome apply_plain(std::string_view name, Options& options) {
  if (name == "strict") {
    options.volume.strict = true;
    return {};
  }
  if (name == "ro" || name == "rw") {
    options.volume.read_only = name == "ro";
    options.mount_flags &= ~static_cast<unsigned long>(MS_RDONLY);
    options.mount_flags |= name == "ro" ? MS_RDONLY : 0;
    return {};
  }
  for (const VfsOption& known : kVfsOptions) {
    if (known.name == name) {
      options.mount_flags = (options.mount_flags & ~known.clear) | known.set;
      return {};
    }
  }
  return std::unexpected(fmt::format("mount option {} is not known; there are: {}", name, kKnown));
}

}  // namespace

Outcome apply_option_list(std::string_view list, Options& options) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const std::string_view option = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (option.empty()) {
      continue;
    }
    const size_t equals = option.find('=');
    const Outcome done =
        equals == std::string_view::npos
            ? apply_plain(option, options)
            : apply_with_value(option.substr(0, equals), option.substr(equals + 1), options);
    if (!done) {
      return done;
    }
  }
  return {};
}

std::expected<Options, core::Error> parse_command_line(int argc, char** argv) {
  Options options;
  std::vector<std::string> lists;
  CLI::App app("Mounts a VexFS volume through FUSE.", "vexfs-fuse");
  app.add_option("DEVICE", options.device, "Block device or image file made by mkfs.vexfs")
      ->required();
  app.add_option("DIR", options.directory, "Directory to mount on")->required();
  app.add_flag("-f", options.foreground, "Stay in the foreground");
  app.add_option("-o", lists, fmt::format("Mount options, separated by commas: {}", kKnown))
      ->allow_extra_args(false);
  app.footer(
      "The exit code is 0 or the errno of what failed. Without -f, 0 says that the volume is "
      "mounted; with -f, that it was cleanly unmounted.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(core::Error{0, app.help()});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(core::Error{
        EINVAL, fmt::format("{}; 'vexfs-fuse --help' says how it is used", error.what())});
  }
  for (const std::string& list : lists) {
    if (const Outcome done = apply_option_list(list, options); !done) {
      return std::unexpected(core::Error{EINVAL, done.error()});
    }
  }
  return options;
}

}  // namespace vexfs::daemon

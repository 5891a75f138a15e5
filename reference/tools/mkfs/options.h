// SPDX-License-Identifier: MIT
// The command line of mkfs.vexfs.
#pragma once

#include <expected>
#include <string>

#include "reference/tools/mkfs/geometry.h"

namespace vexfs::tools {

struct MkfsOptions {
  std::string device;
  Geometry geometry;
  bool blocks_given = false;
  bool force = false;      // overwrite what is there
  bool zero_data = false;  // also zero the data region
  bool quiet = false;
};

// Why the program ends at once: a message and its exit code. --help is such an end, with code 0.
struct MkfsExit {
  std::string message;
  int code;
};

// Reads the arguments. A uuid that is not given is random.
std::expected<MkfsOptions, MkfsExit> parse_mkfs_options(int argc, const char* const* argv);

// "0f0e…": 32 hexadecimal digits with optional hyphens between them.
std::expected<Uuid, std::string> parse_uuid(const std::string& text);
std::string format_uuid(const Uuid& uuid);

}  // namespace vexfs::tools

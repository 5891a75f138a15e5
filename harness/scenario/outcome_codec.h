// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "harness/scenario/json_reader.h"
#include "harness/scenario/outcome.h"

namespace vexfs::parity {

Json write_value(const Outcome& outcome);
void read_value(const JsonReader& reader, Outcome& outcome);

/// Every place in which two objects differ, by its path with dots: "stat.nlink".
std::vector<FieldDifference> differences(const Json& left, const Json& right);

/// Name of a DT_* value in scenario files: "reg", "dir", "lnk", "fifo", "chr", "blk", "sock", else
/// "unknown".
std::string_view entry_type_name(std::uint8_t type);

}  // namespace vexfs::parity

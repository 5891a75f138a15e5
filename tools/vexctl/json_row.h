// SPDX-License-Identifier: MIT
// A vector in JSON: a list of numbers, or {"vector": list} with or without an "id".
#pragma once

#include <string>

#include "tools/vexctl/row_reader.h"

namespace vexfs::ctl {

// A failure does not name the place: the caller knows it.
Result<Row> parse_json_row(const std::string& text);

}  // namespace vexfs::ctl

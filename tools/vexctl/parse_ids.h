// SPDX-License-Identifier: MIT
// Ids as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/vexctl/failure.h"

namespace vexfs::ctl {

// Decimal, 0 to 2^64 - 1.
Result<std::uint64_t> parse_id(const std::string& text);

// "1,5,10-20": single ids and ranges with both ends in them, at most 2,000,000 ids in all.
Result<std::vector<std::uint64_t>> parse_id_list(const std::string& text);

}  // namespace vexfs::ctl

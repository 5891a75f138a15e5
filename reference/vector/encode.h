// SPDX-License-Identifier: MIT
// Well-formed requests of the doors: what a caller sends.
#pragma once

#include <span>
#include <string_view>

#include "reference/vector/request.h"

namespace vexfs::vectors {

using Ids = std::span<const std::uint64_t>;

/// `body` with a header in front of it; tag 0.
Message encode_request(std::uint16_t opcode, std::span<const std::byte> body,
                       std::uint32_t flags = 0);

/// `rows`: without padding, one for each id.
Message encode_put(Ids ids, std::span<const std::byte> rows);
/// Get and delete.
Message encode_ids(std::uint16_t opcode, Ids ids);
/// Search and resume. `filter` of `search` is set to the number of ids.
Message encode_search(std::uint16_t opcode, vexfs_search search, std::span<const std::byte> rows,
                      Ids filter, bool exact);
Message encode_list(std::uint32_t cursor, std::uint32_t max);
Message encode_count();
Message encode_compact();
Message encode_event(std::uint16_t type, std::uint64_t cause, std::string_view text);

}  // namespace vexfs::vectors

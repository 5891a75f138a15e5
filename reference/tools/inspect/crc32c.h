// SPDX-License-Identifier: MIT
// The checksum of the format (docs/format.md, "Conventions").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "reference/tools/inspect/bytes.h"

namespace vexfs::tools {

using Uuid = std::array<std::uint8_t, 16>;

// CRC-32C of `bytes` as one message: crc32c("123456789") is 0xe3069283.
std::uint32_t crc32c(Bytes bytes);

// The checksum of a structure: over uuid, `location` and `structure`, whose own checksum at
// `crc_offset` counts as zero. The caller guarantees crc_offset + 4 <= structure.size().
std::uint32_t structure_crc(const Uuid& uuid, std::uint64_t location, Bytes structure,
                            std::size_t crc_offset);

}  // namespace vexfs::tools

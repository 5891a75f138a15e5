// SPDX-License-Identifier: MIT
// Recognises what mkfs would overwrite.
#pragma once

#include <string_view>

#include "reference/tools/inspect/bytes.h"

namespace vexfs::tools {

// Bytes from the start of a device that find_signature wants to see.
inline constexpr std::size_t kSignatureBytes = 72 * 1024;

// The name of the filesystem or container whose signature `start` (the first bytes of a device)
// holds; empty if none is known.
std::string_view find_signature(Bytes start);

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
// The opcode compact: docs/vectors.md, "Compaction".
#pragma once

#include "reference/model/mounted.h"

namespace vexfs::model {

/// Builds the collection anew without its dead slots and changes over. Answers its sequence
/// afterwards. If a slot was dead, `collection` is gone then. ENOSPC, EFBIG, EUCLEAN: it is as it
/// was.
Result<std::uint64_t> compact(Mounted& volume, Collection& collection);

}  // namespace vexfs::model

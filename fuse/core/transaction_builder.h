// SPDX-License-Identifier: MIT
// The bytes of a transaction (docs/format.md, "Transactions").
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuse/core/layout.h"
#include "fuse/core/planted.h"
#include "fuse/core/running.h"

namespace vexfs::core {

/** What a transaction says about itself. */
struct TransactionName {
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  uint32_t prev_crc = 0;
};

/** A transaction ready for the log. */
struct BuiltTransaction {
  /** Padded with zeros to whole blocks. */
  std::vector<std::byte> bytes;
  uint32_t crc = 0;
  /** The blocks it holds, ascending. Valid while the running transaction keeps them. */
  std::vector<Block*> blocks;
};

/** Completes the checksums of the blocks that `running` changed and builds its transaction. */
BuiltTransaction build_transaction(const Layout& layout, PlantedFault faults, Running& running,
                                   const TransactionName& name);

}  // namespace vexfs::core

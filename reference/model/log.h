// SPDX-License-Identifier: MIT
// Transactions as bytes: how they are built, written to the log, found there and applied.
// docs/format.md, "Transactions".
#pragma once

#include <vector>

#include "reference/contract/log.h"
#include "reference/model/mounted.h"

namespace vexfs::model {

/// A transaction as the log holds it, padded to whole blocks.
struct LogTransaction {
  std::vector<std::byte> bytes;
  std::uint32_t crc = 0;
  std::uint64_t blocks() const { return bytes.size() / kBlockSize; }
};

/// The running transaction: what its changed blocks hold now against what they held before it.
LogTransaction build_transaction(const Mounted& volume);

/// Writes it at the log's head and moves the head.
void append_to_log(Mounted& volume, const LogTransaction& transaction);

/// The transactions that a recovery would apply, from the anchor's tail on.
std::vector<LogTransaction> valid_transactions(const Mounted& volume);

/// Changes the blocks that the transaction names. EUCLEAN if it names what no volume has.
Result<void> apply(Mounted& volume, const LogTransaction& transaction);

}  // namespace vexfs::model

// SPDX-License-Identifier: MIT
// Transactions of the metadata log (docs/format.md, "Transactions", "Recovery").
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reference/contract/log.h"
#include "reference/tools/inspect/anchor.h"
#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

// A logged block of a transaction.
struct TxBlock {
  std::uint64_t block;
  std::uint64_t mask;
  std::uint32_t flags;
  std::uint32_t reserved;
  std::uint64_t offset;  // of the record in the transaction's stream, bytes

  std::uint64_t units_offset() const { return offset + sizeof(vexfs_tx_block); }
};

struct Transaction {
  std::uint64_t index;       // log block of its header, from the start of the log region
  std::uint64_t log_blocks;  // how many blocks of the log it takes
  vexfs_tx_header header;
  vexfs_tx_commit commit;
  std::vector<std::byte> stream;  // padding included
  std::vector<TxBlock> blocks;
  // False if the records do not fill the space between header and commit exactly; `blocks` then
  // has those before the fault.
  bool records_fit;

  std::uint64_t commit_offset() const { return header.bytes - sizeof(vexfs_tx_commit); }
  Bytes units(const TxBlock& block) const;
};

// The transaction whose header is in log block `index`, if its magics, length, sequence and
// checksum agree with each other. `index` < log blocks.
std::optional<Transaction> read_transaction(const VolumeView& view, std::uint64_t index);

// The transactions that recovery would apply after this anchor.
std::vector<Transaction> read_chain(const VolumeView& view, const vexfs_anchor& anchor);

// Every readable transaction of the log region, also those that a checkpoint has left behind, by
// log block.
std::vector<Transaction> scan_log(const VolumeView& view);

// True if a transaction may log this block.
inline bool is_loggable(const vexfs_superblock& super, std::uint64_t block) {
  return block >= super.state.start && block < end_of(super.data);
}

// Applies the transaction to the view's blocks in memory. Records of blocks that no transaction
// may log are skipped.
void apply_transaction(VolumeView& view, const Transaction& transaction);

}  // namespace vexfs::tools

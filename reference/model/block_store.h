// SPDX-License-Identifier: MIT
// What the volume's blocks hold now, as against what the disk holds: changed blocks stay here
// until a checkpoint brings them home, with what they held before the unit of work (to take it
// back) and before the transaction (to log the difference).
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "reference/model/disk.h"

namespace vexfs::model {

/// A block that the running transaction has changed.
struct ChangedBlock {
  enum class Kind {
    kOld,   // was metadata at the end of the previous transaction
    kNew,   // became metadata in this one: logged from zeros
    kData,  // a file's data under data=journal: logged whole
  };
  Kind kind = Kind::kOld;
  Block before{};  // at the end of the previous transaction; kNew: zeros; kData: unused
};

class BlockStore {
 public:
  explicit BlockStore(Disk& disk) : disk_(disk) {}

  /// What the block holds now. Valid until the next non-const call.
  BlockView read(BlockNumber number) const;

  /// A metadata block, to be changed in place within the running unit.
  BlockEdit edit(BlockNumber number);
  /// A block that becomes metadata: all zeros.
  BlockEdit create(BlockNumber number);
  /// A file's data block under data=journal.
  BlockEdit edit_data(BlockNumber number);
  /// A file's data block in the other modes: straight onto the disk.
  BlockEdit in_place(BlockNumber number);

  /// Blocks that the running unit has touched so far, ascending.
  std::vector<BlockNumber> touched_in_unit() const;
  /// Ends the unit: its changes stay.
  void keep_unit();
  /// Takes back all that the unit has changed.
  void undo_unit();

  /// The running transaction's changes by block number.
  const std::map<BlockNumber, ChangedBlock>& changed() const { return changed_; }
  /// The transaction is sealed: what it changed is what the next one differs from.
  void end_transaction() { changed_.clear(); }

  /// Replay: sets a block's content without a unit or transaction.
  void replace(BlockNumber number, BlockView content);
  /// Writes every held block to the disk and, if it has taken them, holds none any more.
  void bring_home();
  /// A free block's bytes on the disk become zeros.
  void zero_on_disk(BlockNumber number);

 private:
  struct Undo {
    bool held = false;     // was in held_
    bool changed = false;  // was in changed_
    Block bytes{};         // if held
  };

  Block& touch(BlockNumber number, ChangedBlock::Kind kind);

  Disk& disk_;
  std::unordered_map<BlockNumber, Block> held_;
  std::map<BlockNumber, ChangedBlock> changed_;
  std::map<BlockNumber, Undo> undo_;
};

}  // namespace vexfs::model

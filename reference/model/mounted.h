// SPDX-License-Identifier: MIT
// Everything that a mounted volume knows, beyond its bytes. The files beside this one are functions
// over it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <unordered_set>
#include <vector>

#include "reference/contract/superblock.h"
#include "reference/model/block_store.h"
#include "reference/model/collection.h"
#include "reference/posix/inode_volume.h"

namespace vexfs::model {

using posix::Ino;
using posix::Timestamp;

enum class DataMode { kOrdered, kWriteback, kJournal };

/// The mount options that reach bytes or answers (docs/api.md).
struct MountOptions {
  DataMode data = DataMode::kOrdered;
  bool strict = false;
  bool read_only = false;
  bool manual_clock = true;
};

/// The bytes of an inode that the running transaction has written: [first, after).
struct WriteRange {
  std::uint64_t first = 0;
  std::uint64_t after = 0;
};

/// The running transaction (docs/determinism.md, "Transactions").
struct Transaction {
  std::uint64_t first_unit = 0;
  std::uint32_t units = 0;                // U
  std::unordered_set<BlockNumber> dirty;  // D is its size
  std::uint64_t ring_start = 0;           // ring_head at its start; E = ring_head - ring_start
  std::map<Ino, WriteRange> written;      // P is its size
};

/// Where the log stands.
struct Log {
  std::uint64_t head = 0;                  // index at which the next transaction goes
  std::uint64_t used = 0;                  // blocks from the tail to the head
  std::uint64_t sequence = 1;              // of the running transaction
  std::uint32_t prev_crc = 0;              // of the last sealed one
  std::unordered_set<BlockNumber> logged;  // distinct block numbers since the tail
};

/// Blocks freed since the last checkpoint: not allocatable until the next.
class ParkedBlocks {
 public:
  explicit ParkedBlocks(std::uint64_t blocks) : words_((blocks + 63) / 64) {}

  void add(BlockNumber number) {
    words_[number / 64] |= bit(number);
    ++count_;
  }
  void remove(BlockNumber number) {
    words_[number / 64] &= ~bit(number);
    --count_;
  }
  bool contains(BlockNumber number) const { return words_[number / 64] & bit(number); }
  /// Bits of the blocks 64 `index` to 64 `index` + 63.
  std::uint64_t word(std::uint64_t index) const { return words_[index]; }
  std::uint64_t words() const { return words_.size(); }
  std::uint64_t count() const { return count_; }
  void clear() {
    words_.assign(words_.size(), 0);
    count_ = 0;
  }

 private:
  static std::uint64_t bit(BlockNumber number) { return std::uint64_t{1} << (number % 64); }

  std::vector<std::uint64_t> words_;
  std::uint64_t count_ = 0;
};

struct Mounted {
  Mounted(Disk& mounted_disk, const vexfs_superblock& superblock, MountOptions mount_options)
      : disk(mounted_disk),
        super(superblock),
        options(mount_options),
        store(disk),
        parked(superblock.blocks) {}

  bool takes_changes() const { return !options.read_only && !broken; }

  Disk& disk;
  vexfs_superblock super;
  MountOptions options;
  BlockStore store;
  vexfs_state state{};    // put into its block at the end of each unit
  vexfs_anchor anchor{};  // the durable one
  Log log;
  Transaction running;
  ParkedBlocks parked;
  std::vector<BlockNumber> parked_in_unit;  // to take back if the unit fails
  std::map<Ino, std::uint64_t> handles;     // open handles of regular files
  std::set<Ino> orphans;                    // made since the mount and not reclaimed
  std::int64_t clock = 0;                   // nanoseconds, under clock=manual
  std::uint64_t readable_head = 0;          // events are readable up to here
  bool reclaiming = false;
  bool broken = false;  // a sync point or checkpoint has met a failed write: nothing more is taken
  std::map<Ino, Collection> collections;  // read so far, by their graph inode
};

/// The volume's clock in nanoseconds since 1970.
std::int64_t clock_now(const Mounted& volume);
/// The same as a time for inodes.
Timestamp timestamp_now(const Mounted& volume);

}  // namespace vexfs::model

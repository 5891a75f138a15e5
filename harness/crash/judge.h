// SPDX-License-Identifier: MIT
// Whether a crash state is recovered as docs/crash-model.md demands.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/crash/hashed_image.h"
#include "harness/crash/history.h"
#include "harness/crash/recover.h"
#include "harness/device/flat_copy.h"
#include "harness/lockstep/failure.h"
#include "harness/target/target.h"
#include "reference/contract/superblock.h"

namespace vexfs::parity::crash {

/// A sector of a file whose content is not that of the recovered transaction, and the versions that
/// it may be.
struct OtherVersion {
  FileBlock where;
  std::uint64_t sector = 0;  // of the volume
  std::vector<VersionNumber> matches;
};

/// What recovery makes of one crash state, whenever power failed.
struct Facts {
  std::optional<Failure> failure;
  std::uint64_t transaction = 0;  // the last one that survived
  std::vector<OtherVersion> others;
  /// Not empty: a machine failed, and the rest says nothing.
  std::string machine_fault;
};

/// What a scenario does on every recovered volume; what its steps expect must hold.
struct Afterwards {
  std::vector<Step> steps;     // none of them a volume step
  std::size_t first_step = 0;  // the index of steps[0] in the scenario
};

/// What is known of recovered volumes, for all judges of one history. Safe to use from many
/// threads.
class Memory {
 public:
  using Key = std::pair<std::uint64_t, ImageHash>;  // transaction, what else fsck reads

  /// True for the first one who asks; whoever does must look.
  bool is_new(const Key& key);

 private:
  std::mutex mutex_;
  std::set<Key> known_;
};

/// Judges the crash states of one history. Not thread-safe; several of them share a memory.
class Judge {
 public:
  /// `recoverers` recover each state, too; they and `afterwards` must outlive this.
  Judge(const History& history, Memory& memory, core::Fault fault,
        std::span<Target* const> recoverers, const Afterwards& afterwards);

  /// Recovers the state with all implementations, and looks at everything that does not depend on
  /// when power failed: they succeed and give the same bytes, which are those of the model after
  /// one transaction; fsck is content; another recovery changes nothing; the volume can be used,
  /// and answers what the scenario expects afterwards.
  ///
  /// `transaction`: which one that must be, if the state is that of a crash in a recovery; the
  /// recovery's own transactions, which reclaim orphans, have no state of their own.
  Facts examine(const Image& crashed, std::optional<std::uint64_t> transaction = {});

  /// Whether the transaction and the file data that survived are legal within the window.
  std::optional<Failure> hold_against(const Facts& facts, const Window& window) const;

 private:
  std::optional<Failure> compare_with_model(const Image& recovered, Facts& facts);
  void note_versions(const Image& recovered, const FileBlock& where, Facts& facts) const;
  std::optional<Failure> wrong_block(const Image& recovered, std::uint64_t block,
                                     std::uint64_t transaction) const;
  void recover_elsewhere(const Image& crashed, const Image& recovered, Facts& facts) const;
  std::optional<Failure> check_again(const Image& recovered);
  std::optional<Failure> check_use(const Image& recovered);
  std::optional<Failure> check_afterwards(const Image& recovered) const;
  Memory::Key key_of(const Image& recovered, std::uint64_t transaction) const;
  VersionNumber oldest_legal(const FileBlock& where, std::uint64_t transaction,
                             const Window& window) const;

  const History* history_;
  Memory* memory_;
  core::Fault fault_;
  std::span<Target* const> recoverers_;
  const Afterwards* afterwards_;
  vexfs_superblock super_;
  device::FlatCopy flat_;
};

}  // namespace vexfs::parity::crash

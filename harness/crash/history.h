// SPDX-License-Identifier: MIT
// What the reference model says about the crashes of a scenario: the volume that recovery must give
// after each transaction, what is durable when, and what the blocks of files may hold.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/crash/block_versions.h"
#include "harness/crash/operation_marks.h"
#include "harness/scenario/scenario.h"
#include "harness/target/target.h"

namespace vexfs::parity::crash {

/// A block of a regular file whose bytes are not in the log.
struct FileBlock {
  std::uint64_t block = 0;
  std::uint64_t ino = 0;
  std::uint64_t lblk = 0;
  std::uint64_t since = 0;  // the transaction that gave the block to this place of the file
};

/// The volume when recovery has applied everything up to one transaction.
struct PrefixState {
  Image volume;                        // recovered and cleanly unmounted by the reference
  std::vector<FileBlock> file_blocks;  // ascending by block; none under data=journal
};

/// What a crash at one moment may leave.
struct Window {
  std::uint64_t durable = 0;  // transactions up to this one are there
  std::uint64_t begun = 0;    // none after this one is
  VersionNumber synced = 0;   // file data up to this version is on the disk
  VersionNumber issued = 0;   // none after this one exists
};

/// Several crashes of one recording share it; const access from many threads is safe.
class History {
 public:
  /// Runs the steps of one mount on the model, from `base`, a volume that is cleanly unmounted. The
  /// error is the model's refusal, for a person.
  static std::expected<History, std::string> of(std::span<const Step> steps, const Image& base,
                                                const MountOptions& options);

  /// The model's answers.
  const std::vector<Outcome>& outcomes() const { return outcomes_; }

  /// The transactions that there are. first() is the one before the scenario's own: it stands for
  /// the volume that the scenario began with.
  std::uint64_t first() const { return first_; }
  std::uint64_t last() const { return first_ + states_.size() - 1; }
  /// `transaction` is first() to last().
  const PrefixState& after(std::uint64_t transaction) const {
    return states_[transaction - first_];
  }

  /// What is legal when so many operations have begun, and so many of them have returned.
  Window window(std::size_t begun, std::size_t returned) const;

  const BlockVersions& versions() const { return *versions_; }
  const MountOptions& options() const { return options_; }

 private:
  friend class HistoryWriter;

  History() = default;

  MountOptions options_;
  std::vector<Outcome> outcomes_;
  std::uint64_t first_ = 0;
  std::vector<PrefixState> states_;
  std::vector<Window> progress_;  // [n]: after n operations; `begun` and `issued` are what was done
  std::shared_ptr<BlockVersions> versions_;
};

}  // namespace vexfs::parity::crash

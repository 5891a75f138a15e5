// SPDX-License-Identifier: MIT
#include "harness/crash/judge.h"

#include <algorithm>
#include <cstring>
#include <ranges>

#include <fmt/format.h>
#include <xxhash.h>

#include "harness/lockstep/compare.h"
#include "harness/target/core_target.h"
#include "harness/target/reference_target.h"
#include "reference/contract/log.h"
#include "reference/tools/inspect/block_roles.h"
#include "reference/tools/inspect/layout.h"

namespace vexfs::parity::crash {
namespace {

using Chunk = std::span<const std::byte, Image::kChunkBytes>;

Failure failure_of(FailureKind kind, const std::string& signature, std::string line) {
  Failure failure;
  failure.kind = kind;
  failure.target = "core";
  failure.signature = fmt::format("{} {}", name_of(kind), signature);
  failure.lines.push_back(std::move(line));
  return failure;
}

bool same_sector(Chunk left, Chunk right, std::size_t sector) {
  const std::size_t at = sector * kSectorBytes;
  return std::memcmp(&left[at], &right[at], kSectorBytes) == 0;
}

// The last version of those that `counts` says yes to; 0 if there is none.
template <class Counts>
VersionNumber last_version(std::span<const BlockVersion> versions, Counts counts) {
  for (const BlockVersion& version : versions | std::views::reverse) {
    if (counts(version)) return version.number;
  }
  return 0;
}

const vexfs_anchor& later(const vexfs_anchor& left, const vexfs_anchor& right) {
  return left.number > right.number ? left : right;
}

// What somebody does first with a volume that came back: makes something, and takes it away again.
std::vector<Step> first_use() {
  const std::string dir = "/after the crash";
  const Path file{dir + "/file"};
  const OpenFlags flags{std::uint32_t{OpenFlags::kWriteOnly} | OpenFlags::kCreate};
  std::vector<Operation> operations{
      Readdir{{"/"}},        Mkdir{{dir}, {0755}}, Open{"f", file, flags, {0644}},
      Write{"f", 0, Data{}}, Fsync{"f"},           Close{"f"},
      Unlink{file},          Rmdir{{dir}},         Events{}};
  std::vector<Step> steps;
  for (Operation& operation : operations) steps.push_back({std::move(operation), {}, {}});
  return steps;
}

}  // namespace

bool Memory::is_new(const Key& key) {
  const std::scoped_lock lock(mutex_);
  return known_.insert(key).second;
}

Judge::Judge(const History& history, Memory& memory, core::Fault fault,
             std::span<Target* const> recoverers, const Afterwards& afterwards)
    : history_(&history),
      memory_(&memory),
      fault_(fault),
      recoverers_(recoverers),
      afterwards_(&afterwards),
      super_(tools::load<vexfs_superblock>(
          history.after(history.first()).volume.chunk(VEXFS_SUPER_BLOCK))) {}

// What fsck, the next mount and the operations after it look at, beyond what the model's volume
// has as well: the anchors, and the transactions that follow them.
Memory::Key Judge::key_of(const Image& recovered, std::uint64_t transaction) const {
  std::vector<std::byte> seen;
  const auto see = [&](std::uint64_t block) {
    const Chunk chunk = recovered.chunk(block);
    seen.insert(seen.end(), chunk.begin(), chunk.end());
  };
  see(VEXFS_ANCHOR_BLOCK);
  see(VEXFS_ANCHOR_BLOCK + 1);
  const auto first = tools::load<vexfs_anchor>(recovered.chunk(VEXFS_ANCHOR_BLOCK));
  const auto second = tools::load<vexfs_anchor>(recovered.chunk(VEXFS_ANCHOR_BLOCK + 1));
  const vexfs_anchor& anchor = later(first, second);
  const std::uint64_t tail = super_.log.start + anchor.tail % super_.log.blocks;
  const auto header = tools::load<vexfs_tx_header>(recovered.chunk(tail));
  if (header.epoch == anchor.epoch && header.sequence == anchor.sequence) {
    for (std::uint64_t i = 0; i < super_.log.blocks; ++i) see(super_.log.start + i);
  }
  const XXH128_hash_t hash = XXH3_128bits(seen.data(), seen.size());
  return {transaction, {hash.low64, hash.high64}};
}

void Judge::note_versions(const Image& recovered, const FileBlock& where, Facts& facts) const {
  const Chunk found = recovered.chunk(where.block);
  const Chunk expected = history_->after(facts.transaction).volume.chunk(where.block);
  const BlockVersions& versions = history_->versions();
  constexpr std::size_t kSectors = Image::kChunkBytes / kSectorBytes;
  for (std::size_t sector = 0; sector < kSectors; ++sector) {
    if (same_sector(found, expected, sector)) continue;
    OtherVersion other{where, where.block * kSectors + sector, {}};
    if (same_sector(found, versions.first(where.block), sector)) other.matches.push_back(0);
    for (const BlockVersion& version : versions.of(where.block)) {
      if (same_sector(found, version.content, sector)) other.matches.push_back(version.number);
    }
    facts.others.push_back(std::move(other));
  }
}

// A difference outside of log, anchors and file data, by the name of the structure.
std::optional<Failure> Judge::wrong_block(const Image& recovered, std::uint64_t block,
                                          std::uint64_t transaction) const {
  const PrefixState& state = history_->after(transaction);
  Image expected = state.volume;
  const auto take = [&](std::uint64_t taken) {
    expected.write(taken * Image::kChunkBytes, recovered.chunk(taken));
  };
  take(VEXFS_ANCHOR_BLOCK);
  take(VEXFS_ANCHOR_BLOCK + 1);
  for (std::uint64_t i = 0; i < super_.log.blocks; ++i) take(super_.log.start + i);
  for (const FileBlock& file : state.file_blocks) take(file.block);
  const FailureKind kind =
      tools::contains(super_.ring, block) ? FailureKind::kLostEvents : FailureKind::kWrongState;
  auto failure = compare_images(expected, recovered, false, "core", kind);
  if (!failure) failure = failure_of(kind, "bytes", fmt::format("block {} differs", block));
  failure->lines.insert(failure->lines.begin(),
                        fmt::format("recovered up to transaction {}, but not as the model is "
                                    "after it (reference: the model)",
                                    transaction));
  return failure;
}

std::optional<Failure> Judge::compare_with_model(const Image& recovered, Facts& facts) {
  const PrefixState& state = history_->after(facts.transaction);
  for (const std::uint64_t block : Image::differing_chunks(recovered, state.volume)) {
    const bool anchor = block == VEXFS_ANCHOR_BLOCK || block == VEXFS_ANCHOR_BLOCK + 1;
    if (anchor || tools::contains(super_.log, block)) continue;
    const auto file = std::ranges::lower_bound(state.file_blocks, block, {}, &FileBlock::block);
    if (file != state.file_blocks.end() && file->block == block) {
      note_versions(recovered, *file, facts);
      continue;
    }
    const std::uint64_t bitmap = super_.block_bitmap.start + block / VEXFS_BITS_PER_BLOCK;
    const bool in_use = tools::bit_is_set(state.volume.chunk(bitmap), block % VEXFS_BITS_PER_BLOCK);
    if (tools::contains(super_.data, block) && !in_use) continue;
    return wrong_block(recovered, block, facts.transaction);
  }
  return std::nullopt;
}

void Judge::recover_elsewhere(const Image& crashed, const Image& recovered, Facts& facts) const {
  for (Target* target : recoverers_) {
    const auto got = target->run({crashed, history_->options(), {}, Ending::kUnmount});
    if (!got && got.error().kind == TargetFailure::Kind::kMachine) {
      facts.machine_fault = target->name() + ": " + got.error().what + "\n" + got.error().evidence;
      return;
    }
    facts.failure = compare_failures(nullptr, got ? nullptr : &got.error(), target->name());
    if (!facts.failure) {
      facts.failure =
          compare_images(recovered, got->volume, false, target->name(), FailureKind::kRecovery);
    }
    if (facts.failure) return;
  }
}

std::optional<Failure> Judge::check_again(const Image& recovered) {
  const MountOptions& options = history_->options();
  const auto by_reference = recover_by_reference(recovered, options);
  const auto by_core = recover_by_core(recovered, options, fault_);
  if (by_reference && by_core && by_reference->volume == recovered && *by_core == recovered) {
    return std::nullopt;
  }
  return failure_of(FailureKind::kRecovery, "again", "another recovery changes the volume again");
}

std::optional<Failure> Judge::check_use(const Image& recovered) {
  static const std::vector<Step> kSteps = first_use();
  const Segment segment{recovered, history_->options(), kSteps, Ending::kUnmount};
  CoreTarget engine(fault_);
  const auto expected = ReferenceTarget().run(segment);
  const auto got = engine.run(segment);
  auto failure = compare_failures(expected ? nullptr : &expected.error(),
                                  got ? nullptr : &got.error(), "core");
  if (!failure && !expected) failure = compare_failures(nullptr, &expected.error(), "reference");
  if (!failure) {
    failure = compare_outcomes(kSteps, 0, expected->outcomes, got->outcomes, "core");
  }
  if (!failure) {
    failure = compare_images(expected->volume, got->volume, false, "core", FailureKind::kVolume);
  }
  if (!failure) failure = check_volume(flat_.of(got->volume), "core");
  if (failure) failure->lines.insert(failure->lines.begin(), "using the recovered volume");
  return failure;
}

// Both implementations have recovered the same bytes: one of them answers for both.
std::optional<Failure> Judge::check_afterwards(const Image& recovered) const {
  if (afterwards_->steps.empty()) return std::nullopt;
  const auto ran =
      ReferenceTarget().run({recovered, history_->options(), afterwards_->steps, Ending::kUnmount});
  if (!ran) return compare_failures(nullptr, &ran.error(), "reference");
  return check_expectations(afterwards_->steps, afterwards_->first_step, ran->outcomes);
}

Facts Judge::examine(const Image& crashed, std::optional<std::uint64_t> transaction) {
  Facts facts;
  const MountOptions& options = history_->options();
  const auto expected = recover_by_reference(crashed, options);
  const auto got = recover_by_core(crashed, options, fault_);
  facts.failure = compare_failures(expected ? nullptr : &expected.error(),
                                   got ? nullptr : &got.error(), "core");
  if (!facts.failure && !expected) {
    facts.failure = compare_failures(nullptr, &expected.error(), "reference");
  }
  if (facts.failure) return facts;
  const Image& recovered = expected->volume;
  facts.transaction = transaction.value_or(expected->transaction);
  facts.failure = compare_images(recovered, *got, false, "core", FailureKind::kRecovery);
  if (facts.failure) return facts;
  recover_elsewhere(crashed, recovered, facts);
  if (facts.failure || !facts.machine_fault.empty()) return facts;
  if (facts.transaction < history_->first() || facts.transaction > history_->last()) {
    facts.failure = failure_of(FailureKind::kDurability, "unknown transaction",
                               fmt::format("recovered up to transaction {}, of which the model "
                                           "knows nothing ({} to {})",
                                           facts.transaction, history_->first(), history_->last()));
    return facts;
  }
  facts.failure = compare_with_model(recovered, facts);
  if (!facts.failure) facts.failure = check_afterwards(recovered);
  if (facts.failure || !memory_->is_new(key_of(recovered, facts.transaction))) return facts;
  facts.failure = check_volume(flat_.of(recovered), "the recovered volume");
  if (!facts.failure) facts.failure = check_again(recovered);
  if (!facts.failure) facts.failure = check_use(recovered);
  return facts;
}

VersionNumber Judge::oldest_legal(const FileBlock& where, std::uint64_t transaction,
                                  const Window& window) const {
  const auto versions = history_->versions().of(where.block);
  const VersionNumber synced =
      last_version(versions, [&](const auto& v) { return v.number <= window.synced; });
  if (history_->options().data == DataMode::kWriteback) return synced;
  const VersionNumber allocated =
      last_version(versions, [&](const auto& v) { return v.transaction <= where.since; });
  const VersionNumber cut = last_version(
      versions, [&](const auto& v) { return v.zeroed_tail && v.transaction <= transaction; });
  return std::max({synced, allocated, cut});
}

std::optional<Failure> Judge::hold_against(const Facts& facts, const Window& window) const {
  if (facts.failure) return facts.failure;
  if (facts.transaction < window.durable) {
    return failure_of(FailureKind::kDurability, "lost",
                      fmt::format("transactions up to {} were durable, those after {} are gone",
                                  window.durable, facts.transaction));
  }
  if (facts.transaction > window.begun) {
    return failure_of(FailureKind::kDurability, "unborn",
                      fmt::format("transaction {} is there, but none after {} had begun",
                                  facts.transaction, window.begun));
  }
  for (const OtherVersion& other : facts.others) {
    const VersionNumber oldest = oldest_legal(other.where, facts.transaction, window);
    const bool legal = std::ranges::any_of(other.matches, [&](VersionNumber version) {
      return version >= oldest && version <= window.issued;
    });
    if (legal) continue;
    return failure_of(
        FailureKind::kWrongData, other.matches.empty() ? "unknown" : "old",
        fmt::format("inode {}, block {} of the file, sector {}: {}; legal are versions {} to {}",
                    other.where.ino, other.where.lblk, other.sector,
                    other.matches.empty()
                        ? std::string("no version that was ever written")
                        : fmt::format("version {}", fmt::join(other.matches, ", ")),
                    oldest, window.issued));
  }
  return std::nullopt;
}

}  // namespace vexfs::parity::crash

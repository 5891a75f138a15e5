// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/log.h"

#include <algorithm>
#include <bit>

#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

constexpr std::uint64_t kSmallest = sizeof(vexfs_tx_header) + sizeof(vexfs_tx_commit);

std::vector<std::byte> read_stream(const VolumeView& view, std::uint64_t index,
                                   std::uint64_t blocks) {
  const vexfs_region& log = view.super().log;
  std::vector<std::byte> stream(blocks * kBlockSize);
  for (std::uint64_t i = 0; i < blocks; ++i) {
    std::ranges::copy(view.block(log.start + (index + i) % log.blocks),
                      stream.begin() + static_cast<std::ptrdiff_t>(i * kBlockSize));
  }
  return stream;
}

void parse_records(Transaction& transaction) {
  std::uint64_t at = sizeof(vexfs_tx_header);
  const std::uint64_t end = transaction.commit_offset();
  transaction.records_fit = false;
  for (std::uint32_t i = 0; i < transaction.header.blocks; ++i) {
    if (end - at < sizeof(vexfs_tx_block)) return;
    const auto record = load<vexfs_tx_block>(transaction.stream, at);
    const auto bytes = static_cast<std::uint64_t>(std::popcount(record.mask)) * VEXFS_UNIT_SIZE;
    if (end - at - sizeof(vexfs_tx_block) < bytes) return;
    transaction.blocks.push_back({record.block, record.mask, record.flags, record.reserved, at});
    at += sizeof(vexfs_tx_block) + bytes;
  }
  transaction.records_fit = at == end;
}

}  // namespace

Bytes Transaction::units(const TxBlock& block) const {
  return Bytes(stream).subspan(
      block.units_offset(), static_cast<std::size_t>(std::popcount(block.mask)) * VEXFS_UNIT_SIZE);
}

std::optional<Transaction> read_transaction(const VolumeView& view, std::uint64_t index) {
  const vexfs_superblock& super = view.super();
  const auto header = load<vexfs_tx_header>(view.block(super.log.start + index));
  const std::uint64_t most = largest_transaction(super.tx_blocks, super.unit_extents);
  if (header.magic != VEXFS_TX_MAGIC || header.bytes < kSmallest ||
      header.bytes > most * kBlockSize) {
    return std::nullopt;
  }
  Transaction transaction{};
  transaction.index = index;
  transaction.header = header;
  transaction.log_blocks = (header.bytes + kBlockSize - 1) / kBlockSize;
  transaction.stream = read_stream(view, index, transaction.log_blocks);
  const std::uint64_t commit_at = transaction.commit_offset();
  transaction.commit = load<vexfs_tx_commit>(transaction.stream, commit_at);
  if (transaction.commit.magic != VEXFS_COMMIT_MAGIC ||
      transaction.commit.sequence != header.sequence) {
    return std::nullopt;
  }
  const auto crc = view.crc(header.epoch, Bytes(transaction.stream).first(header.bytes),
                            commit_at + kTxCommitType.crc_offset);
  if (transaction.commit.crc != crc) return std::nullopt;
  parse_records(transaction);
  return transaction;
}

std::vector<Transaction> read_chain(const VolumeView& view, const vexfs_anchor& anchor) {
  std::vector<Transaction> chain;
  const std::uint64_t log_blocks = view.super().log.blocks;
  if (anchor.tail >= log_blocks) return chain;
  std::uint64_t used = 0;
  std::uint64_t sequence = anchor.sequence;
  std::uint32_t prev_crc = anchor.prev_crc;
  while (used < log_blocks) {
    auto next = read_transaction(view, (anchor.tail + used) % log_blocks);
    if (!next || next->header.epoch != anchor.epoch || next->header.sequence != sequence ||
        next->header.prev_crc != prev_crc || next->log_blocks > log_blocks - used) {
      break;
    }
    used += next->log_blocks;
    ++sequence;
    prev_crc = next->commit.crc;
    chain.push_back(std::move(*next));
  }
  return chain;
}

std::vector<Transaction> scan_log(const VolumeView& view) {
  std::vector<Transaction> found;
  for (std::uint64_t index = 0; index < view.super().log.blocks;) {
    auto transaction = read_transaction(view, index);
    if (!transaction) {
      ++index;
      continue;
    }
    index += transaction->log_blocks;
    found.push_back(std::move(*transaction));
  }
  return found;
}

void apply_transaction(VolumeView& view, const Transaction& transaction) {
  for (const TxBlock& record : transaction.blocks) {
    if (!is_loggable(view.super(), record.block)) continue;
    const MutableBytes block = view.replace(record.block);
    if ((record.flags & VEXFS_TX_BLOCK_INIT) != 0) std::ranges::fill(block, std::byte{0});
    Bytes units = transaction.units(record);
    for (std::size_t unit = 0; unit < VEXFS_UNITS_PER_BLOCK; ++unit) {
      if ((record.mask >> unit & 1) == 0) continue;
      std::ranges::copy(units.first(VEXFS_UNIT_SIZE),
                        block.subspan(unit * VEXFS_UNIT_SIZE).begin());
      units = units.subspan(VEXFS_UNIT_SIZE);
    }
  }
}

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
#include "reference/model/log.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>

#include "reference/model/allocator.h"
#include "reference/model/checksum.h"
#include "reference/model/geometry.h"

namespace vexfs::model {
namespace {

constexpr std::size_t kHeader = sizeof(vexfs_tx_header);
constexpr std::size_t kCommit = sizeof(vexfs_tx_commit);
constexpr std::size_t kCommitCrc = offsetof(vexfs_tx_commit, crc);

template <typename T>
void append(std::vector<std::byte>& bytes, const T& value) {
  const auto raw = bytes_of(value);
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

// Bit i: the i-th 64 bytes differ.
std::uint64_t difference_mask(BlockView now, BlockView before) {
  std::uint64_t mask = 0;
  for (std::size_t unit = 0; unit < VEXFS_UNITS_PER_BLOCK; ++unit) {
    const std::size_t at = unit * VEXFS_UNIT_SIZE;
    if (std::memcmp(&now[at], &before[at], VEXFS_UNIT_SIZE) != 0) mask |= std::uint64_t{1} << unit;
  }
  return mask;
}

// The record of one block; nothing if there is nothing to log.
bool append_block(std::vector<std::byte>& bytes, const Mounted& volume, BlockNumber number,
                  const ChangedBlock& changed) {
  if (!is_allocated(volume, number)) return false;
  const BlockView now = volume.store.read(number);
  vexfs_tx_block record{};
  record.block = number;
  if (changed.kind == ChangedBlock::Kind::kData) {
    record.mask = ~std::uint64_t{0};
    record.flags = VEXFS_TX_BLOCK_DATA;
  } else {
    record.mask = difference_mask(now, changed.before);
    record.flags = changed.kind == ChangedBlock::Kind::kNew ? VEXFS_TX_BLOCK_INIT : 0;
  }
  if (record.mask == 0 && changed.kind != ChangedBlock::Kind::kNew) return false;
  append(bytes, record);
  for (std::size_t unit = 0; unit < VEXFS_UNITS_PER_BLOCK; ++unit) {
    if ((record.mask >> unit & 1) == 0) continue;
    const auto changed_unit = now.subspan(unit * VEXFS_UNIT_SIZE, VEXFS_UNIT_SIZE);
    bytes.insert(bytes.end(), changed_unit.begin(), changed_unit.end());
  }
  return true;
}

BlockNumber log_block(const Mounted& volume, std::uint64_t index) {
  return volume.super.log.start + index % volume.super.log.blocks;
}

std::uint32_t checksum(const Mounted& volume, std::uint64_t epoch,
                       std::span<const std::byte> content) {
  return structure_checksum(volume.super.uuid, epoch, content,
                            content.size() - kCommit + kCommitCrc);
}

// The transaction at `index`, if it is the valid one that the arguments expect.
std::optional<LogTransaction> valid_at(const Mounted& volume, std::uint64_t index,
                                       std::uint64_t sequence, std::uint32_t prev_crc) {
  const auto header = get<vexfs_tx_header>(volume.disk.read(log_block(volume, index)));
  if (header.magic != VEXFS_TX_MAGIC || header.epoch != volume.anchor.epoch ||
      header.sequence != sequence || header.prev_crc != prev_crc ||
      header.bytes < kHeader + kCommit ||
      header.bytes > largest_transaction(volume.super) * kBlockSize)
    return std::nullopt;
  LogTransaction transaction;
  for (std::uint64_t read = 0; read < header.bytes; read += kBlockSize) {
    const BlockView block = volume.disk.read(log_block(volume, index + read / kBlockSize));
    transaction.bytes.insert(transaction.bytes.end(), block.begin(), block.end());
  }
  const auto content = std::span(transaction.bytes).first(header.bytes);
  const auto commit = get<vexfs_tx_commit>(content, header.bytes - kCommit);
  if (commit.magic != VEXFS_COMMIT_MAGIC || commit.sequence != sequence ||
      commit.crc != checksum(volume, volume.anchor.epoch, content))
    return std::nullopt;
  transaction.crc = commit.crc;
  return transaction;
}

}  // namespace

LogTransaction build_transaction(const Mounted& volume) {
  LogTransaction transaction;
  std::vector<std::byte>& bytes = transaction.bytes;
  vexfs_tx_header header{};
  header.magic = VEXFS_TX_MAGIC;
  header.epoch = volume.anchor.epoch;
  header.sequence = volume.log.sequence;
  header.first_unit = volume.running.first_unit;
  header.units = volume.running.units;
  header.prev_crc = volume.log.prev_crc;
  append(bytes, header);
  for (const auto& [number, changed] : volume.store.changed())
    header.blocks += append_block(bytes, volume, number, changed);
  header.bytes = bytes.size() + kCommit;
  put(bytes, 0, header);
  append(bytes, vexfs_tx_commit{VEXFS_COMMIT_MAGIC, 0, header.sequence});
  transaction.crc = checksum(volume, header.epoch, bytes);
  put(bytes, bytes.size() - kCommit + kCommitCrc, transaction.crc);
  bytes.resize((bytes.size() + kBlockSize - 1) / kBlockSize * kBlockSize);
  return transaction;
}

void append_to_log(Mounted& volume, const LogTransaction& transaction) {
  Log& log = volume.log;
  for (std::uint64_t i = 0; i < transaction.blocks(); ++i) {
    const BlockNumber number = log_block(volume, log.head + i);
    std::ranges::copy(std::span(transaction.bytes).subspan(i * kBlockSize, kBlockSize),
                      volume.disk.write(number).begin());
  }
  const auto header = get<vexfs_tx_header>(transaction.bytes);
  std::size_t at = kHeader;
  for (std::uint32_t i = 0; i < header.blocks; ++i) {
    const auto record = get<vexfs_tx_block>(transaction.bytes, at);
    log.logged.insert(record.block);
    at += sizeof(record) + std::popcount(record.mask) * std::size_t{VEXFS_UNIT_SIZE};
  }
  log.head = (log.head + transaction.blocks()) % volume.super.log.blocks;
  log.used += transaction.blocks();
  log.prev_crc = transaction.crc;
  ++log.sequence;
}

std::vector<LogTransaction> valid_transactions(const Mounted& volume) {
  std::vector<LogTransaction> transactions;
  std::uint64_t used = 0;
  std::uint64_t sequence = volume.anchor.sequence;
  std::uint32_t prev_crc = volume.anchor.prev_crc;
  while (auto transaction = valid_at(volume, volume.anchor.tail + used, sequence, prev_crc)) {
    used += transaction->blocks();
    if (used > volume.super.log.blocks) break;
    prev_crc = transaction->crc;
    ++sequence;
    transactions.push_back(std::move(*transaction));
  }
  return transactions;
}

Result<void> apply(Mounted& volume, const LogTransaction& transaction) {
  const auto header = get<vexfs_tx_header>(transaction.bytes);
  const std::span<const std::byte> records =
      std::span(transaction.bytes).subspan(kHeader, header.bytes - kHeader - kCommit);
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < header.blocks; ++i) {
    if (records.size() - at < sizeof(vexfs_tx_block)) return std::unexpected(EUCLEAN);
    const auto record = get<vexfs_tx_block>(records, at);
    at += sizeof(record);
    const std::size_t units = static_cast<std::size_t>(std::popcount(record.mask));
    const vexfs_region& data = volume.super.data;
    const bool loggable =
        record.block >= volume.super.state.start && record.block < data.start + data.blocks;
    if (!loggable || units * VEXFS_UNIT_SIZE > records.size() - at) return std::unexpected(EUCLEAN);
    Block content{};
    if ((record.flags & VEXFS_TX_BLOCK_INIT) == 0)
      std::ranges::copy(volume.store.read(record.block), content.begin());
    for (std::size_t unit = 0; unit < VEXFS_UNITS_PER_BLOCK; ++unit) {
      if ((record.mask >> unit & 1) == 0) continue;
      std::ranges::copy(records.subspan(at, VEXFS_UNIT_SIZE),
                        content.begin() + static_cast<std::ptrdiff_t>(unit * VEXFS_UNIT_SIZE));
      at += VEXFS_UNIT_SIZE;
    }
    volume.store.replace(record.block, content);
  }
  if (at != records.size()) return std::unexpected(EUCLEAN);
  return {};
}

}  // namespace vexfs::model

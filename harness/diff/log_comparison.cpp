// SPDX-License-Identifier: MIT
// The log regions: transactions at the same place are compared record by record.
#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/diff/comparison.h"
#include "reference/tools/inspect/collection_structure.h"
#include "reference/tools/inspect/log.h"

namespace vexfs::parity {
namespace {

using tools::Transaction;
using tools::TxBlock;

// The transactions of one volume's log, and which one holds a given log block.
class LogMap {
 public:
  explicit LogMap(const tools::VolumeView& view)
      : transactions_(tools::scan_log(view)), holder_(view.super().log.blocks) {
    for (const Transaction& transaction : transactions_) {
      for (std::uint64_t i = 0; i < transaction.log_blocks; ++i) {
        holder_[(transaction.index + i) % holder_.size()] = &transaction;
      }
    }
  }
  const Transaction* at(std::uint64_t index) const { return holder_[index]; }

 private:
  std::vector<Transaction> transactions_;
  std::vector<const Transaction*> holder_;
};

// The place in the image of a byte of a transaction's stream.
std::uint64_t place_of(const tools::VolumeView& view, const Transaction& transaction,
                       std::uint64_t at) {
  const vexfs_region& log = view.super().log;
  return (log.start * kBlockSize) +
         (transaction.index * kBlockSize + at) % (log.blocks * kBlockSize);
}

class TransactionComparison {
 public:
  TransactionComparison(Comparison& comparison, const Transaction& left, const Transaction& right)
      : comparison_(comparison),
        left_(left),
        right_(right),
        path_(fmt::format("log{}tx {}", kPathStep, left.header.sequence)) {}

  void run() {
    compare_table(tools::kTxHeaderType, "header", 0, 0);
    compare_records();
    if (!found_) {
      compare_table(tools::kTxCommitType, "commit", left_.commit_offset(), right_.commit_offset());
    }
    compare_padding();
  }

 private:
  void add(std::string path, std::string left_value, std::string right_value, std::uint64_t left_at,
           std::uint64_t left_size, std::uint64_t right_at, std::uint64_t right_size) {
    found_ = true;
    comparison_.add({std::move(path), std::move(left_value), std::move(right_value),
                     range(comparison_.left(), left_, left_at, left_size),
                     range(comparison_.right(), right_, right_at, right_size)});
  }

  static ByteRange range(const tools::VolumeView& view, const Transaction& transaction,
                         std::uint64_t at, std::uint64_t size) {
    if (size == 0) return {};
    const Bytes shown = Bytes(transaction.stream)
                            .subspan(at, std::min<std::uint64_t>(size, ByteRange::kShownBytes));
    return {place_of(view, transaction, at), size, {shown.begin(), shown.end()}};
  }

  void compare_table(const tools::StructureType& type, std::string_view part, std::uint64_t left_at,
                     std::uint64_t right_at) {
    for (const tools::Field& field : type.fields) {
      const auto value = [&](const Transaction& transaction, std::uint64_t at) {
        return Bytes(transaction.stream).subspan(at + field.offset, field.size);
      };
      const Bytes left_value = value(left_, left_at);
      const Bytes right_value = value(right_, right_at);
      if (tools::same_bytes(left_value, right_value)) continue;
      add(fmt::format("{}{}{}{}{}", path_, kPathStep, part, kPathStep, field.name),
          tools::field_text(field.kind, left_value), tools::field_text(field.kind, right_value),
          left_at + field.offset, field.size, right_at + field.offset, field.size);
    }
  }

  void compare_records() {
    std::map<std::uint64_t, std::pair<const TxBlock*, const TxBlock*>> pairs;
    for (const TxBlock& record : left_.blocks) pairs[record.block].first = &record;
    for (const TxBlock& record : right_.blocks) pairs[record.block].second = &record;
    for (const auto& [block, pair] : pairs) {
      if (comparison_.full()) return;
      const BlockRole role = comparison_.logged_role(block);
      const std::string path =
          fmt::format("{}{}block {} ({})", path_, kPathStep, block, tools::role_text(role));
      if (pair.first == nullptr || pair.second == nullptr) {
        add_one_sided(path, pair.first, pair.second);
      } else {
        compare_record(path, role, *pair.first, *pair.second);
      }
    }
  }

  void add_one_sided(const std::string& path, const TxBlock* left, const TxBlock* right) {
    const auto text = [](const TxBlock* record) {
      return record == nullptr
                 ? "not logged"
                 : fmt::format("logged, mask {:#x}, flags {:#x}", record->mask, record->flags);
    };
    const auto at = [](const TxBlock* record) { return record == nullptr ? 0 : record->offset; };
    const auto size = [](const TxBlock* record) {
      return record == nullptr ? 0
                               : sizeof(vexfs_tx_block) +
                                     64 * static_cast<std::uint64_t>(std::popcount(record->mask));
    };
    add(path, text(left), text(right), at(left), size(left), at(right), size(right));
  }

  void compare_record(const std::string& path, const BlockRole& role, const TxBlock& left,
                      const TxBlock& right) {
    const auto compare = [&](std::string_view name, std::uint64_t left_value,
                             std::uint64_t right_value, std::uint64_t offset, std::uint64_t size) {
      if (left_value == right_value) return;
      add(fmt::format("{}{}{}", path, kPathStep, name), fmt::format("{:#x}", left_value),
          fmt::format("{:#x}", right_value), left.offset + offset, size, right.offset + offset,
          size);
    };
    compare("mask", left.mask, right.mask, offsetof(vexfs_tx_block, mask), 8);
    compare("flags", left.flags, right.flags, offsetof(vexfs_tx_block, flags), 4);
    compare("reserved", left.reserved, right.reserved, offsetof(vexfs_tx_block, reserved), 4);
    for (unsigned unit = 0; unit < VEXFS_UNITS_PER_BLOCK; ++unit) {
      if ((left.mask & right.mask) >> unit & 1) compare_unit(path, role, left, right, unit);
    }
  }

  static std::uint64_t unit_offset(const TxBlock& record, unsigned unit) {
    const auto before =
        static_cast<std::uint64_t>(std::popcount(record.mask & ((std::uint64_t{1} << unit) - 1)));
    return record.units_offset() + before * VEXFS_UNIT_SIZE;
  }

  void compare_unit(const std::string& path, const BlockRole& role, const TxBlock& left,
                    const TxBlock& right, unsigned unit) {
    const std::uint64_t left_at = unit_offset(left, unit);
    const std::uint64_t right_at = unit_offset(right, unit);
    const Bytes left_unit = Bytes(left_.stream).subspan(left_at, VEXFS_UNIT_SIZE);
    const Bytes right_unit = Bytes(right_.stream).subspan(right_at, VEXFS_UNIT_SIZE);
    if (tools::same_bytes(left_unit, right_unit)) return;
    const std::string unit_path = fmt::format("{}{}unit {}", path, kPathStep, unit);
    if (compare_unit_fields(unit_path, role, left, unit, left_at, right_at)) return;
    const auto [first, unused] = std::ranges::mismatch(left_unit, right_unit);
    const auto start = static_cast<std::size_t>(first - left_unit.begin());
    add(unit_path, tools::hex_text(left_unit.subspan(start), 16),
        tools::hex_text(right_unit.subspan(start), 16), left_at + start, VEXFS_UNIT_SIZE - start,
        right_at + start, VEXFS_UNIT_SIZE - start);
  }

  // Of a logged block, as far as its fields lie in fixed places.
  std::vector<Structure> structures_of(const BlockRole& role, std::uint64_t block) const {
    if (role.kind == BlockKind::kInodeTable || role.kind == BlockKind::kState) {
      return tools::block_structures(comparison_.left(), block, role);
    }
    if (role.kind != BlockKind::kFileData) return {};
    auto structure = tools::collection_structure(comparison_.left(), block, role);
    return structure ? std::vector{std::move(*structure)} : std::vector<Structure>{};
  }

  // Names the fields of the logged block that differ within the unit. False if there are none that
  // lie wholly in it, checksums aside.
  bool compare_unit_fields(const std::string& unit_path, const BlockRole& role,
                           const TxBlock& record, unsigned unit, std::uint64_t left_at,
                           std::uint64_t right_at) {
    bool named = false;
    for (const Structure& structure : structures_of(role, record.block)) {
      const std::uint64_t start = structure.offset - record.block * kBlockSize;
      for (const NamedField& field : structure.fields) {
        const std::uint64_t at = start + field.offset;
        const std::uint64_t unit_start = std::uint64_t{unit} * VEXFS_UNIT_SIZE;
        if (at < unit_start || at + field.size > unit_start + VEXFS_UNIT_SIZE) continue;
        if (structure.checksum && field.offset == structure.checksum->crc_offset) continue;
        const std::uint64_t within = at - unit_start;
        const Bytes left_value = Bytes(left_.stream).subspan(left_at + within, field.size);
        const Bytes right_value = Bytes(right_.stream).subspan(right_at + within, field.size);
        if (tools::same_bytes(left_value, right_value)) continue;
        named = true;
        add(fmt::format("{}{}{}{}{}", unit_path, kPathStep, structure.path, kPathStep, field.name),
            tools::field_text(field.kind, left_value), tools::field_text(field.kind, right_value),
            left_at + within, field.size, right_at + within, field.size);
      }
    }
    return named;
  }

  void compare_padding() {
    const Bytes left_rest = Bytes(left_.stream).subspan(left_.header.bytes);
    const Bytes right_rest = Bytes(right_.stream).subspan(right_.header.bytes);
    if (tools::same_bytes(left_rest, right_rest)) return;
    if (tools::all_zero(left_rest) && tools::all_zero(right_rest)) return;
    add(fmt::format("{}{}padding", path_, kPathStep), tools::hex_text(left_rest, 16),
        tools::hex_text(right_rest, 16), left_.header.bytes, left_rest.size(), right_.header.bytes,
        right_rest.size());
  }

  Comparison& comparison_;
  const Transaction& left_;
  const Transaction& right_;
  std::string path_;
  bool found_ = false;
};

std::string holder_text(const Transaction* transaction) {
  if (transaction == nullptr) return "no transaction";
  return fmt::format("tx {} (epoch {}, {} units, {} blocks logged)", transaction->header.sequence,
                     transaction->header.epoch, transaction->header.units,
                     transaction->header.blocks);
}

}  // namespace

void compare_log(Comparison& comparison, std::span<const std::uint64_t> blocks) {
  if (blocks.empty()) return;
  const LogMap left(comparison.left());
  const LogMap right(comparison.right());
  std::set<std::pair<const Transaction*, const Transaction*>> compared;
  for (std::uint64_t block : blocks) {
    if (comparison.full()) return;
    const std::uint64_t index = block - comparison.left().super().log.start;
    const Transaction* left_tx = left.at(index);
    const Transaction* right_tx = right.at(index);
    const std::string path = fmt::format("log{}block {}", kPathStep, index);
    if (left_tx == nullptr && right_tx == nullptr) {
      comparison.add_bytes(path, block * kBlockSize, kBlockSize);
    } else if (!compared.insert({left_tx, right_tx}).second) {
      continue;
    } else if (left_tx != nullptr && right_tx != nullptr && left_tx->index == right_tx->index) {
      TransactionComparison(comparison, *left_tx, *right_tx).run();
    } else {
      comparison.add(path, holder_text(left_tx), holder_text(right_tx), block * kBlockSize,
                     kBlockSize);
    }
  }
}

}  // namespace vexfs::parity

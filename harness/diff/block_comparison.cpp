// SPDX-License-Identifier: MIT
// Differing blocks outside log and ring.
#include <map>

#include <fmt/format.h>

#include "harness/diff/comparison.h"
#include "reference/tools/inspect/collection_structure.h"
#include "reference/tools/inspect/directory.h"

namespace vexfs::parity {
namespace {

// "0100644, nlink 1, size 4096" or "free".
std::string slot_text(Bytes slot) {
  if (tools::all_zero(slot)) return "free";
  const auto inode = tools::load<vexfs_inode>(slot);
  return fmt::format("{:07o}, nlink {}, size {}, generation {}", inode.mode, inode.nlink,
                     inode.size, inode.generation);
}

void compare_slots(Comparison& comparison, std::uint64_t block, const BlockRole& role) {
  for (std::uint64_t i = 0; i < VEXFS_INODES_PER_BLOCK; ++i) {
    const std::uint64_t number = role.lblk * VEXFS_INODES_PER_BLOCK + i;
    const std::uint64_t offset = i * VEXFS_INODE_SIZE;
    const Bytes left = comparison.left().block(block).subspan(offset, VEXFS_INODE_SIZE);
    const Bytes right = comparison.right().block(block).subspan(offset, VEXFS_INODE_SIZE);
    if (tools::same_bytes(left, right)) continue;
    const Structure slot = tools::inode_structure(comparison.left(), number);
    if (tools::all_zero(left) || tools::all_zero(right)) {
      comparison.add(slot.path, slot_text(left), slot_text(right), slot.offset, slot.size);
    } else {
      comparison.compare_fields(slot, left, right);
    }
  }
}

void compare_bitmaps(Comparison& comparison, std::uint64_t block, const BlockRole& role) {
  const Bytes left = comparison.left().block(block);
  const Bytes right = comparison.right().block(block);
  const auto* unit = role.kind == BlockKind::kBlockBitmap ? "block" : "inode";
  for (std::uint64_t bit = 0; bit < VEXFS_BITS_PER_BLOCK && !comparison.full(); ++bit) {
    if (left[bit / 8] == right[bit / 8]) {
      bit |= 7;
      continue;
    }
    const bool left_bit = tools::bit_is_set(left, bit);
    const bool right_bit = tools::bit_is_set(right, bit);
    if (left_bit == right_bit) continue;
    const std::uint64_t number = role.lblk * VEXFS_BITS_PER_BLOCK + bit;
    comparison.add(fmt::format("{}{}{} {}", tools::role_text(role), kPathStep, unit, number),
                   left_bit ? "set" : "clear", right_bit ? "set" : "clear",
                   block * kBlockSize + bit / 8, 1);
  }
}

std::string record_text(const tools::DirRecord* record) {
  if (record == nullptr) return "no record";
  if (record->ino == 0) return fmt::format("unused, length {}", record->length);
  return fmt::format("\"{}\" ino {}, type {}, length {}", tools::escaped_text(record->name),
                     record->ino, record->type, record->length);
}

struct RecordPair {
  const tools::DirRecord* left = nullptr;
  const tools::DirRecord* right = nullptr;
};

// Records that start at the same byte are the same record if they have the same name; then their
// fields are compared by the caller.
bool same_shape(const RecordPair& pair) {
  return pair.left != nullptr && pair.right != nullptr && pair.left->length == pair.right->length &&
         tools::same_bytes(pair.left->name, pair.right->name);
}

void compare_directory(Comparison& comparison, const Structure& structure, std::uint64_t block) {
  const Bytes left = comparison.left().block(block);
  const Bytes right = comparison.right().block(block);
  const auto left_records = tools::read_records(left);
  const auto right_records = tools::read_records(right);
  std::map<std::uint32_t, RecordPair> pairs;
  for (const auto& record : left_records.records) pairs[record.offset].left = &record;
  for (const auto& record : right_records.records) pairs[record.offset].right = &record;
  bool alike = left_records.fits && right_records.fits;
  for (const auto& [offset, pair] : pairs) alike = alike && same_shape(pair);
  if (alike) return comparison.compare_fields(structure, left, right);
  for (const auto& [offset, pair] : pairs) {
    const std::string left_text = record_text(pair.left);
    const std::string right_text = record_text(pair.right);
    if (left_text == right_text) continue;
    const auto size = [](const auto* record) { return record == nullptr ? 0U : record->length; };
    const std::uint64_t place = block * kBlockSize + offset;
    comparison.add({fmt::format("{}{}record @{}", structure.path, kPathStep, offset), left_text,
                    right_text,
                    Comparison::range(comparison.left().image(), place, size(pair.left)),
                    Comparison::range(comparison.right().image(), place, size(pair.right))});
  }
}

void compare_structures(Comparison& comparison, std::uint64_t block, const BlockRole& role) {
  // Described by the left volume, unless the block is what it is on the right only.
  const bool is_left =
      !comparison.left().is_data_block(block) || comparison.left().block_in_use(block);
  const auto& view = is_left ? comparison.left() : comparison.right();
  for (const Structure& structure : tools::block_structures(view, block, role)) {
    if (role.kind == BlockKind::kDirectory) {
      compare_directory(comparison, structure, block);
    } else {
      comparison.compare_fields(structure, comparison.left().block(block),
                                comparison.right().block(block));
    }
  }
}

// A block of a file, or of a system inode of a collection.
void compare_data(Comparison& comparison, std::uint64_t block, const BlockRole& role) {
  auto structure = tools::collection_structure(comparison.left(), block, role);
  if (!structure) structure = tools::collection_structure(comparison.right(), block, role);
  if (structure) {
    return comparison.compare_fields(*structure, comparison.left().block(block),
                                     comparison.right().block(block));
  }
  comparison.add_bytes(
      fmt::format("inode {}{}data block {} @ block {}", role.ino, kPathStep, role.lblk, block),
      block * kBlockSize, kBlockSize);
}

}  // namespace

void compare_block(Comparison& comparison, std::uint64_t block) {
  const BlockRole role = comparison.role(block);
  switch (role.kind) {
    case BlockKind::kInodeTable:
      return compare_slots(comparison, block, role);
    case BlockKind::kBlockBitmap:
    case BlockKind::kInodeBitmap:
    case BlockKind::kOrphanBitmap:
      return compare_bitmaps(comparison, block, role);
    case BlockKind::kFileData:
      return compare_data(comparison, block, role);
    case BlockKind::kUnused:
    case BlockKind::kOutside:
      return comparison.add_bytes(
          fmt::format("{} block {}", comparison.left().block_in_use(block) ? "unowned" : "free",
                      block),
          block * kBlockSize, kBlockSize);
    default:
      return compare_structures(comparison, block, role);
  }
}

}  // namespace vexfs::parity

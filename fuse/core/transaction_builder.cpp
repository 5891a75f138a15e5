// SPDX-License-Identifier: MIT
#include "fuse/core/transaction_builder.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "reference/contract/directory.h"
#include "reference/contract/inode.h"
#include "reference/contract/log.h"
#include "reference/contract/vector.h"

namespace vexfs::core {
namespace {

void store_crc(Block& block, const Checksum& checksum, size_t offset) {
  const uint32_t crc = checksum.of(block.number, block.bytes, offset);
  std::memcpy(block.bytes.data() + offset, &crc, sizeof crc);
}

/** Inodes of a table block that changed get their checksum; free slots stay zero. */
void complete_inodes(Block& block, const Layout& layout) {
  for (uint32_t slot = 0; slot < VEXFS_INODES_PER_BLOCK; ++slot) {
    std::byte* bytes = block.bytes.data() + slot * VEXFS_INODE_SIZE;
    const std::byte* before = block.before->data() + slot * VEXFS_INODE_SIZE;
    auto* inode = reinterpret_cast<vexfs_inode*>(bytes);
    if (inode->mode == 0 || std::memcmp(bytes, before, VEXFS_INODE_SIZE) == 0) continue;
    const uint64_t ino = (block.number - layout.inode_table.start) * VEXFS_INODES_PER_BLOCK + slot;
    inode->crc =
        layout.checksum.of(ino, std::span(bytes, VEXFS_INODE_SIZE), offsetof(vexfs_inode, crc));
  }
}

void complete_checksums(Block& block, const Layout& layout) {
  switch (block.kind.load()) {
    case BlockKind::kState:
      return store_crc(block, layout.checksum, offsetof(vexfs_state, crc));
    case BlockKind::kDirectory:
      return store_crc(block, layout.checksum, offsetof(vexfs_dir_header, crc));
    case BlockKind::kNode:
      return store_crc(block, layout.checksum, offsetof(vexfs_extent_node, crc));
    case BlockKind::kCollection:  // header, graph and upper blocks have theirs in the same place
      return store_crc(block, layout.checksum, offsetof(vexfs_graph_block, crc));
    case BlockKind::kInodes:
      return complete_inodes(block, layout);
    case BlockKind::kPlain:
    case BlockKind::kFileData:
      return;
  }
}

/** Which 64-byte units differ from the pre-image, or from zeros for a block that starts from them.
 */
uint64_t mask_of(const Block& block) {
  if (!block.init && !block.before) return ~uint64_t{0};  // file data
  static constexpr std::array<std::byte, VEXFS_UNIT_SIZE> kZeros{};
  uint64_t mask = 0;
  for (uint32_t unit = 0; unit < VEXFS_UNITS_PER_BLOCK; ++unit) {
    const size_t at = unit * VEXFS_UNIT_SIZE;
    const std::byte* old = block.init ? kZeros.data() : block.before->data() + at;
    if (std::memcmp(block.bytes.data() + at, old, VEXFS_UNIT_SIZE) != 0) mask |= 1ULL << unit;
  }
  return mask;
}

void append(std::vector<std::byte>& out, const void* data, size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  out.insert(out.end(), bytes, bytes + size);
}

void append_block(std::vector<std::byte>& out, const Block& block, uint64_t mask) {
  vexfs_tx_block record{};
  record.block = block.number;
  record.mask = mask;
  if (block.kind == BlockKind::kFileData) {
    record.flags = VEXFS_TX_BLOCK_DATA;
  } else if (block.init) {
    record.flags = VEXFS_TX_BLOCK_INIT;
  }
  append(out, &record, sizeof record);
  for (uint64_t rest = mask; rest != 0; rest &= rest - 1) {
    const auto unit = static_cast<size_t>(std::countr_zero(rest));
    append(out, block.bytes.data() + unit * VEXFS_UNIT_SIZE, VEXFS_UNIT_SIZE);
  }
}

std::vector<Block*> changed_blocks(Running& running) {
  std::vector<Block*> blocks;
  blocks.reserve(running.touched.size());
  for (const BlockRef& block : running.touched) {
    if (!block->freed && Running::differs(*block)) blocks.push_back(block.get());
  }
  std::ranges::sort(blocks, {}, &Block::number);
  return blocks;
}

/** Fills in the header, whose counts are known last, and appends the commit. */
void finish(BuiltTransaction& built, const Layout& layout, PlantedFault faults,
            const Running& running, const TransactionName& name) {
  vexfs_tx_header header{};
  header.magic = VEXFS_TX_MAGIC;
  header.epoch = name.epoch;
  header.sequence = name.sequence;
  header.first_unit = running.first_unit;
  header.units = static_cast<uint32_t>(running.units);
  header.blocks = static_cast<uint32_t>(built.blocks.size());
  header.bytes = built.bytes.size() + sizeof(vexfs_tx_commit);
  header.prev_crc = name.prev_crc;
  std::memcpy(built.bytes.data(), &header, sizeof header);

  vexfs_tx_commit commit{};
  commit.magic = VEXFS_COMMIT_MAGIC;
  commit.sequence = name.sequence;
  const auto commit_bytes = std::as_bytes(std::span(&commit, 1));
  const size_t covered = faults.planted(Fault::kCommitCrcSpan) ? 8 : commit_bytes.size();
  commit.crc = layout.checksum.of_two(name.epoch, built.bytes, commit_bytes.first(covered),
                                      offsetof(vexfs_tx_commit, crc));
  built.crc = commit.crc;
  append(built.bytes, &commit, sizeof commit);
}

}  // namespace

BuiltTransaction build_transaction(const Layout& layout, PlantedFault faults, Running& running,
                                   const TransactionName& name) {
  BuiltTransaction built;
  built.blocks = changed_blocks(running);
  built.bytes.reserve(built.blocks.size() * 512 + kBlockSize);
  built.bytes.resize(sizeof(vexfs_tx_header));
  for (Block* block : built.blocks) {
    complete_checksums(*block, layout);
    uint64_t mask = mask_of(*block);
    if (faults.planted(Fault::kMissingMaskUnit) && std::popcount(mask) > 1) {
      mask &= ~(uint64_t{1} << (63 - std::countl_zero(mask)));
    }
    append_block(built.bytes, *block, mask);
  }
  finish(built, layout, faults, running, name);
  const size_t padded = (built.bytes.size() + kBlockSize - 1) / kBlockSize * kBlockSize;
  built.bytes.resize(padded);
  return built;
}

}  // namespace vexfs::core

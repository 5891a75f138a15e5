// SPDX-License-Identifier: MIT
// Superblocks, anchors and the transactions that recovery would apply.
#include <bit>

#include "reference/tools/fsck/check_context.h"

namespace vexfs::tools {

void check_superblocks(Bytes image, CheckContext& context) {
  const std::uint64_t image_blocks = image.size() / kBlockSize;
  const Bytes first = image.first(kBlockSize);
  const std::uint64_t copy_block = context.super().blocks - 1;
  const Bytes copy = context.view.block(copy_block);
  check_superblock(first, image_blocks, "superblock", context.findings);
  if (same_bytes(first, copy)) return;
  const std::string path = fmt::format("superblock copy @ block {}", copy_block);
  context.error("super.copy", path, "the bytes of block 0", "other bytes");
  check_superblock(copy, image_blocks, path, context.findings);
}

namespace {

std::string anchor_path(const AnchorSlot& slot, std::string_view field) {
  return fmt::format("anchor @ block {}{}{}", slot.block, kPathStep, field);
}

void check_valid_anchor(CheckContext& context, const AnchorSlot& slot) {
  const vexfs_anchor& anchor = slot.anchor;
  if (anchor.tail >= context.super().log.blocks) {
    context.error("anchor.tail", anchor_path(slot, "tail"),
                  fmt::format("below {}", context.super().log.blocks), anchor.tail);
  }
  if ((anchor.flags & ~VEXFS_ANCHOR_CLEAN) != 0) {
    context.error("anchor.flags", anchor_path(slot, "flags"), "0 or 1", anchor.flags);
  }
  if (anchor.epoch == 0 || anchor.sequence == 0) {
    context.error("anchor.zero", anchor_path(slot, "epoch and sequence"), "at least 1",
                  fmt::format("{} and {}", anchor.epoch, anchor.sequence));
  }
  if (!all_zero(std::as_bytes(std::span(anchor.reserved)))) {
    context.error("anchor.reserved", anchor_path(slot, "reserved"), "zeros", "other bytes");
  }
}

// The higher anchor was written after the lower one, and nothing runs backwards.
void check_anchor_pair(CheckContext& context) {
  const AnchorSlot& newer = context.anchors.slots[*context.anchors.current];
  const AnchorSlot& older = context.anchors.slots[1 - *context.anchors.current];
  if (newer.anchor.number - older.anchor.number != 1) {
    context.error("anchor.number", anchor_path(older, "number"), newer.anchor.number - 1,
                  older.anchor.number);
  }
  if (newer.anchor.epoch < older.anchor.epoch) {
    context.error("anchor.order", anchor_path(newer, "epoch"),
                  fmt::format("at least {}", older.anchor.epoch), newer.anchor.epoch);
  }
  if (newer.anchor.sequence < older.anchor.sequence) {
    context.error("anchor.order", anchor_path(newer, "sequence"),
                  fmt::format("at least {}", older.anchor.sequence), newer.anchor.sequence);
  }
}

}  // namespace

void check_anchors(CheckContext& context) {
  context.anchors = read_anchors(context.view);
  if (!context.anchors.current) {
    context.error("anchor.none", "anchors @ blocks 1 and 2", "a valid anchor", "none");
    return;
  }
  for (const AnchorSlot& slot : context.anchors.slots) {
    if (slot.valid) {
      check_valid_anchor(context, slot);
    } else {
      // A crash while an anchor is written leaves this; the other one counts.
      context.findings.note("anchor.torn", fmt::format("anchor @ block {}", slot.block),
                            "a valid anchor", "magic, number or checksum is wrong");
    }
  }
  if (context.anchors.slots[0].valid && context.anchors.slots[1].valid) check_anchor_pair(context);
}

namespace {

class TransactionCheck {
 public:
  TransactionCheck(CheckContext& context, const Transaction& transaction)
      : context_(context), tx_(transaction) {}

  void run() {
    check_header();
    std::uint64_t previous = 0;
    for (const TxBlock& record : tx_.blocks) {
      check_record(record, previous);
      previous = record.block;
    }
    if (!all_zero(Bytes(tx_.stream).subspan(tx_.header.bytes))) {
      context_.error("log.padding", path("padding"), "zeros", "other bytes");
    }
  }

 private:
  std::string path(std::string_view what) const {
    return fmt::format("log{}tx {}{}{}", kPathStep, tx_.header.sequence, kPathStep, what);
  }

  void check_header() {
    if (tx_.header.flags != 0) {
      context_.error("log.flags", path("flags"), 0, tx_.header.flags);
    }
    if (!all_zero(std::as_bytes(std::span(tx_.header.reserved)))) {
      context_.error("log.reserved", path("reserved"), "zeros", "other bytes");
    }
    if (tx_.header.units == 0) context_.error("log.units", path("units"), "at least 1", 0);
    if (!tx_.records_fit) {
      context_.error(
          "log.records", path("records"),
          fmt::format("{} records that fill {} bytes", tx_.header.blocks, tx_.header.bytes),
          fmt::format("{} whole records", tx_.blocks.size()));
    }
  }

  void check_record(const TxBlock& record, std::uint64_t previous) {
    const std::string at = path(fmt::format("block {}", record.block));
    if (!is_loggable(context_.super(), record.block)) {
      context_.error("log.block", at, "a block from the state block to the data region",
                     record.block);
    }
    if (record.block <= previous) {
      context_.error("log.order", at, fmt::format("above {}", previous), record.block);
    }
    if ((record.flags & ~(VEXFS_TX_BLOCK_INIT | VEXFS_TX_BLOCK_DATA)) != 0 ||
        record.reserved != 0) {
      context_.error("log.block_flags", at, "flags INIT or DATA, reserved 0",
                     fmt::format("flags {:#x}, reserved {}", record.flags, record.reserved));
    }
    check_mask(record, at);
  }

  void check_mask(const TxBlock& record, const std::string& at) {
    const bool is_data = (record.flags & VEXFS_TX_BLOCK_DATA) != 0;
    const bool may_be_empty = (record.flags & VEXFS_TX_BLOCK_INIT) != 0;
    if (is_data ? record.mask != ~0ULL : record.mask == 0 && !may_be_empty) {
      context_.error("log.mask", at + " › mask", is_data ? "all ones" : "not 0",
                     fmt::format("{:#x}", record.mask));
    }
    if (is_data || (record.flags & VEXFS_TX_BLOCK_INIT) == 0) return;
    // An INIT block is compared with zeros, so none of its units is zero.
    const Bytes units = tx_.units(record);
    for (std::size_t unit = 0; unit * VEXFS_UNIT_SIZE < units.size(); ++unit) {
      if (!all_zero(units.subspan(unit * VEXFS_UNIT_SIZE, VEXFS_UNIT_SIZE))) continue;
      context_.error("log.zero_unit", at, "only units that differ from zeros",
                     fmt::format("unit {} of the record is zero", unit));
    }
  }

  CheckContext& context_;
  const Transaction& tx_;
};

}  // namespace

void check_log(CheckContext& context) {
  const vexfs_anchor* anchor = context.anchors.active();
  if (anchor == nullptr) return;
  context.chain = read_chain(context.view, *anchor);
  if (!context.chain.empty() && (anchor->flags & VEXFS_ANCHOR_CLEAN) != 0) {
    context.error("log.after_clean", "anchors › flags", "not CLEAN, because transactions follow",
                  "CLEAN");
  }
  std::uint64_t next_unit = 0;
  for (const Transaction& transaction : context.chain) {
    TransactionCheck(context, transaction).run();
    if (next_unit != 0 && transaction.header.first_unit != next_unit) {
      context.error("log.first_unit",
                    fmt::format("log › tx {} › first_unit", transaction.header.sequence), next_unit,
                    transaction.header.first_unit);
    }
    next_unit = transaction.header.first_unit + transaction.header.units;
  }
  for (const Transaction& transaction : context.chain) {
    apply_transaction(context.view, transaction);
  }
}

}  // namespace vexfs::tools

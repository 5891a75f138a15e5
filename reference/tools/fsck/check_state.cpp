// SPDX-License-Identifier: MIT
// The state block, and what it says about log and ring.
#include "reference/contract/event.h"
#include "reference/tools/fsck/check_context.h"
#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

void check_cursors(CheckContext& context) {
  const vexfs_state& state = context.state;
  const std::uint64_t inodes = context.super().inodes;
  if (state.inode_cursor < 2 || state.inode_cursor > inodes) {
    context.error("state.inode_cursor", "state › inode_cursor", fmt::format("2 to {}", inodes),
                  state.inode_cursor);
  }
  if (state.generation == 0) context.error("state.zero", "state › generation", "at least 1", 0);
  if (state.next_unit == 0) context.error("state.zero", "state › next_unit", "at least 1", 0);
  if (state.next_event == 0) context.error("state.zero", "state › next_event", "at least 1", 0);
  if (state.ring_head % VEXFS_EVENT_ALIGN != 0 || state.ring_head >= VEXFS_RING_HEAD_END) {
    context.error("state.ring_head", "state › ring_head", "a multiple of 64 below 2^62",
                  state.ring_head);
  }
  if (context.chain.empty()) return;
  const vexfs_tx_header& last = context.chain.back().header;
  if (state.next_unit != last.first_unit + last.units) {
    context.error("state.next_unit", "state › next_unit",
                  fmt::format("{}, the one after the log's last", last.first_unit + last.units),
                  state.next_unit);
  }
}

}  // namespace

void check_state(CheckContext& context) {
  const vexfs_superblock& super = context.super();
  const Bytes block = context.view.block(super.state.start);
  const auto state = context.state = load<vexfs_state>(block);
  context.block_bitmap = context.view.region_bytes(super.block_bitmap);
  context.inode_bitmap = context.view.region_bytes(super.inode_bitmap);
  context.orphan_bitmap = context.view.region_bytes(super.orphan_bitmap);
  if (state.magic != VEXFS_STATE_MAGIC) {
    context.error("state.magic", "state › magic", "VXST",
                  field_text(FieldKind::kMagic, block.first(4)));
  }
  const auto crc = context.view.crc(super.state.start, block, kStateType.crc_offset);
  if (state.crc != crc) {
    context.error("state.crc", "state › crc", fmt::format("{:08x}", crc),
                  fmt::format("{:08x}", state.crc));
  }
  if (!all_zero(std::as_bytes(std::span(state.reserved)))) {
    context.error("state.reserved", "state › reserved", "zeros", "other bytes");
  }
  check_cursors(context);
}

}  // namespace vexfs::tools

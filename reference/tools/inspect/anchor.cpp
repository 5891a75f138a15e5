// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/anchor.h"

#include "reference/tools/inspect/field.h"

namespace vexfs::tools {

Anchors read_anchors(const VolumeView& view) {
  Anchors anchors{};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::uint64_t block = VEXFS_ANCHOR_BLOCK + i;
    const Bytes bytes = view.block(block);
    const auto anchor = load<vexfs_anchor>(bytes);
    const bool valid = anchor.magic == VEXFS_ANCHOR_MAGIC && anchor.number % 2 == i &&
                       anchor.crc == view.crc(anchor.number, bytes, kAnchorType.crc_offset);
    anchors.slots[i] = {block, anchor, valid};
    if (!valid) continue;
    if (!anchors.current || anchor.number > anchors.slots[*anchors.current].anchor.number) {
      anchors.current = i;
    }
  }
  return anchors;
}

}  // namespace vexfs::tools

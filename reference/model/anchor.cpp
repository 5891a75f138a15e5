// SPDX-License-Identifier: MIT
#include "reference/model/anchor.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>

#include "reference/model/checksum.h"

namespace vexfs::model {
namespace {

std::uint32_t checksum(const Mounted& volume, const vexfs_anchor& anchor) {
  return structure_checksum(volume.super.uuid, anchor.number, bytes_of(anchor),
                            offsetof(vexfs_anchor, crc));
}

}  // namespace

Result<vexfs_anchor> read_anchor(const Mounted& volume) {
  std::optional<vexfs_anchor> best;
  for (std::uint64_t number = 0; number < 2; ++number) {
    const auto anchor = get<vexfs_anchor>(volume.disk.read(VEXFS_ANCHOR_BLOCK + number));
    if (anchor.magic != VEXFS_ANCHOR_MAGIC || (anchor.number & 1) != number ||
        anchor.crc != checksum(volume, anchor))
      continue;
    if (!best || anchor.number > best->number) best = anchor;
  }
  if (!best || best->tail >= volume.super.log.blocks) return std::unexpected(EUCLEAN);
  return *best;
}

void write_next_anchor(Mounted& volume, std::uint32_t flags) {
  vexfs_anchor& anchor = volume.anchor;
  ++anchor.number;
  anchor.flags = flags;
  std::ranges::fill(anchor.reserved, __u8{0});  // a damaged one may have had other bytes
  anchor.crc = checksum(volume, anchor);
  put(volume.disk.write(VEXFS_ANCHOR_BLOCK + (anchor.number & 1)), 0, anchor);
}

void move_anchor_to_head(Mounted& volume) {
  volume.anchor.tail = volume.log.head;
  volume.anchor.sequence = volume.log.sequence;
  volume.anchor.prev_crc = volume.log.prev_crc;
}

}  // namespace vexfs::model

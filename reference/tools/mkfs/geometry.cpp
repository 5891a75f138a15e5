// SPDX-License-Identifier: MIT
#include "reference/tools/mkfs/geometry.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "reference/tools/inspect/layout.h"

namespace vexfs::tools {
namespace {

using Failure = std::unexpected<GeometryError>;

template <typename... Args>
Failure failure(fmt::format_string<Args...> text, Args&&... args) {
  return Failure(GeometryError{fmt::format(text, std::forward<Args>(args)...)});
}

// Length of the UTF-8 character that starts with `lead`, 0 if none does.
std::size_t utf8_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

bool is_utf8_text(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(static_cast<unsigned char>(text[at]));
    if (length == 0 || length > text.size() - at || text[at] == '\0') return false;
    for (std::size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return false;
    }
    at += length;
  }
  return true;
}

std::expected<void, GeometryError> check_label(const std::string& label) {
  if (label.size() > sizeof(vexfs_superblock::label)) {
    return failure("the label has {} bytes, but at most {} fit: shorten it", label.size(),
                   sizeof(vexfs_superblock::label));
  }
  if (!is_utf8_text(label)) return failure("the label is not UTF-8 text: give it as UTF-8");
  return {};
}

template <typename T>
T clamp_to(std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  return static_cast<T>(std::clamp(value, low, high));
}

void fill_limits(const Geometry& geometry, vexfs_superblock& super) {
  const std::uint64_t blocks = geometry.blocks;
  super.tx_units = geometry.tx_units.value_or(4096);
  super.tx_blocks = geometry.tx_blocks.value_or(clamp_to<std::uint32_t>(blocks / 256, 16, 4096));
  super.unit_extents = geometry.unit_extents.value_or(16);
  super.unit_blocks = geometry.unit_blocks.value_or(32768);
  super.extent_fanout = geometry.extent_fanout.value_or(254);
  super.max_links = geometry.max_links.value_or(65000);
  super.checkpoint_blocks = geometry.checkpoint_blocks.value_or(65536);
  super.checkpoint_freed =
      geometry.checkpoint_freed.value_or(clamp_to<std::uint32_t>(blocks / 16, 1, 65536));
}

std::expected<void, GeometryError> check_limits(const vexfs_superblock& super) {
  for (const Limit& limit : superblock_limits()) {
    const std::uint32_t value = super.*limit.field;
    if (value < limit.min || value > limit.max) {
      return failure("{} is {}, but must be {} to {}", limit.name, value, limit.min, limit.max);
    }
  }
  return {};
}

std::expected<void, GeometryError> check_sizes(const vexfs_superblock& super) {
  if (super.inodes < VEXFS_INODES_MIN || super.inodes > VEXFS_INODES_MAX) {
    return failure("inodes is {}, but must be {} to {}", super.inodes, VEXFS_INODES_MIN,
                   VEXFS_INODES_MAX);
  }
  if (super.ring.blocks < VEXFS_RING_BLOCKS_MIN) {
    return failure("ring_blocks is {}, but must be at least {}", super.ring.blocks,
                   VEXFS_RING_BLOCKS_MIN);
  }
  const std::uint64_t tx_max = largest_transaction(super.tx_blocks, super.unit_extents);
  if (tx_max > super.log.blocks - super.log.blocks / 2) {
    return failure(
        "a log of {} blocks is too small: the largest transaction has {} blocks and must fit into "
        "half of it. Give at least {} log_blocks, or lower tx_blocks (now {}) or unit_extents "
        "(now {})",
        super.log.blocks, tx_max, 2 * tx_max - 1, super.tx_blocks, super.unit_extents);
  }
  return {};
}

void fill_sizes(const Geometry& geometry, vexfs_superblock& super) {
  const std::uint64_t blocks = geometry.blocks;
  const std::uint64_t tx_max = largest_transaction(super.tx_blocks, super.unit_extents);
  super.blocks = blocks;
  super.inodes = geometry.inodes.value_or(
      std::min<std::uint64_t>(std::max<std::uint64_t>(16, blocks / 4), VEXFS_INODES_MAX));
  super.log.blocks = geometry.log_blocks.value_or(
      std::max(2 * tx_max, std::min<std::uint64_t>(blocks / 32, 262144)));
  super.ring.blocks =
      geometry.ring_blocks.value_or(std::clamp<std::uint64_t>(blocks / 128, 4, 16384));
}

}  // namespace

std::expected<vexfs_superblock, GeometryError> make_superblock(const Geometry& geometry) {
  vexfs_superblock super{};
  super.magic = VEXFS_SUPER_MAGIC;
  super.version = VEXFS_FORMAT_VERSION;
  super.block_size = VEXFS_BLOCK_SIZE;
  if (auto checked = check_label(geometry.label); !checked) return Failure(checked.error());
  std::memcpy(super.uuid, geometry.uuid.data(), geometry.uuid.size());
  std::memcpy(super.label, geometry.label.data(), geometry.label.size());
  super.level_seed = geometry.level_seed;
  fill_limits(geometry, super);
  if (auto checked = check_limits(super); !checked) return Failure(checked.error());
  fill_sizes(geometry, super);
  if (auto checked = check_sizes(super); !checked) return Failure(checked.error());
  if (!place_regions(super)) {
    return failure(
        "{} blocks are too few: a log of {} blocks, a ring of {} and {} inodes leave no block for "
        "data. Give more blocks, or lower log_blocks, ring_blocks or inodes (tx_blocks and "
        "unit_extents bound the log)",
        geometry.blocks, super.log.blocks, super.ring.blocks, super.inodes);
  }
  super.crc = structure_crc(geometry.uuid, 0, std::as_bytes(std::span(&super, 1)),
                            offsetof(vexfs_superblock, crc));
  return super;
}

}  // namespace vexfs::tools

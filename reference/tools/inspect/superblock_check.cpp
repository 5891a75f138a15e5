// SPDX-License-Identifier: MIT
// Every rule for a superblock on its own (docs/format.md, "Layout", "Limits").
#include <algorithm>

#include <fmt/format.h>

#include "reference/tools/inspect/field.h"
#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {
namespace {

class SuperblockCheck {
 public:
  SuperblockCheck(Bytes block, const std::string& path, Findings& findings)
      : block_(block), super_(load<vexfs_superblock>(block)), path_(path), findings_(findings) {}

  void run(std::uint64_t image_blocks) {
    check_identity();
    check_sizes(image_blocks);
    check_limits();
    check_layout();
    check_zeros();
  }

 private:
  template <typename Expected, typename Actual>
  void report(std::string_view rule, std::string_view field, const Expected& expected,
              const Actual& actual) {
    findings_.error(rule, fmt::format("{}{}{}", path_, kPathStep, field),
                    fmt::format("{}", expected), fmt::format("{}", actual));
  }

  void check_identity() {
    if (super_.magic != VEXFS_SUPER_MAGIC) {
      report("super.magic", "magic", "VEXF", field_text(FieldKind::kMagic, block_.first(4)));
    }
    Uuid uuid;
    std::memcpy(uuid.data(), super_.uuid, uuid.size());
    const auto crc = structure_crc(uuid, 0, block_, kSuperblockType.crc_offset);
    if (super_.crc != crc) {
      report("super.crc", "crc", fmt::format("{:08x}", crc), fmt::format("{:08x}", super_.crc));
    }
    if (super_.version != VEXFS_FORMAT_VERSION) {
      report("super.version", "version", VEXFS_FORMAT_VERSION, super_.version);
    }
    if (super_.block_size != VEXFS_BLOCK_SIZE) {
      report("super.block_size", "block_size", VEXFS_BLOCK_SIZE, super_.block_size);
    }
    const std::uint64_t features =
        super_.feature_compat | super_.feature_incompat | super_.feature_ro_compat;
    if (features != 0)
      report("super.features", "feature words", "0", fmt::format("{:#x}", features));
  }

  void check_sizes(std::uint64_t image_blocks) {
    if (super_.blocks > image_blocks) {
      report("super.size", "blocks", fmt::format("at most the {} of the device", image_blocks),
             super_.blocks);
    }
    if (super_.inodes < VEXFS_INODES_MIN || super_.inodes > VEXFS_INODES_MAX) {
      report("super.inodes", "inodes", fmt::format("{} to {}", VEXFS_INODES_MIN, VEXFS_INODES_MAX),
             super_.inodes);
    }
  }

  void check_limits() {
    for (const Limit& limit : superblock_limits()) {
      const std::uint32_t value = super_.*limit.field;
      if (value >= limit.min && value <= limit.max) continue;
      report("super.limit", limit.name, fmt::format("{} to {}", limit.min, limit.max), value);
    }
    if (super_.ring.blocks < VEXFS_RING_BLOCKS_MIN) {
      report("super.limit", "ring.blocks", fmt::format("at least {}", VEXFS_RING_BLOCKS_MIN),
             super_.ring.blocks);
    }
    const std::uint64_t tx_max = largest_transaction(super_.tx_blocks, super_.unit_extents);
    const std::uint64_t half = super_.log.blocks - super_.log.blocks / 2;
    if (tx_max > half) {
      report("super.limit", "log.blocks",
             fmt::format("at least {}, for a transaction of {}", 2 * tx_max - 1, tx_max),
             super_.log.blocks);
    }
  }

  void check_layout() {
    vexfs_superblock wanted = super_;
    if (!place_regions(wanted)) {
      report("super.region", "regions", "regions that fit into the volume",
             fmt::format("{} blocks for all", super_.blocks));
      return;
    }
    const auto check = [&](std::string_view name, const vexfs_region& expected,
                           const vexfs_region& actual) {
      if (expected.start == actual.start && expected.blocks == actual.blocks) return;
      report("super.region", name, fmt::format("{} + {}", expected.start, expected.blocks),
             fmt::format("{} + {}", actual.start, actual.blocks));
    };
    check("log", wanted.log, super_.log);
    check("state", wanted.state, super_.state);
    check("ring", wanted.ring, super_.ring);
    check("block_bitmap", wanted.block_bitmap, super_.block_bitmap);
    check("inode_bitmap", wanted.inode_bitmap, super_.inode_bitmap);
    check("orphan_bitmap", wanted.orphan_bitmap, super_.orphan_bitmap);
    check("inode_table", wanted.inode_table, super_.inode_table);
    check("data", wanted.data, super_.data);
  }

  void check_zeros() {
    const Bytes label = std::as_bytes(std::span(super_.label));
    const auto* end = std::find(super_.label, super_.label + sizeof super_.label, 0);
    if (!all_zero(label.subspan(static_cast<std::size_t>(end - super_.label)))) {
      report("super.label", "label", "zeros after the name", escaped_text(label));
    }
    if (!all_zero(std::as_bytes(std::span(super_.reserved)))) {
      report("super.zero", "reserved", "zeros", "other bytes");
    }
  }

  Bytes block_;
  vexfs_superblock super_;
  const std::string& path_;
  Findings& findings_;
};

}  // namespace

void check_superblock(Bytes block, std::uint64_t image_blocks, const std::string& path,
                      Findings& findings) {
  SuperblockCheck(block, path, findings).run(image_blocks);
}

}  // namespace vexfs::tools

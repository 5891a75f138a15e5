// SPDX-License-Identifier: MIT
#include "harness/lockstep/fresh_volume.h"

#include "reference/tools/mkfs/format_volume.h"
#include "reference/tools/mkfs/options.h"

namespace vexfs::parity {
namespace {

std::optional<std::uint32_t> narrow(const std::optional<std::uint64_t>& value) {
  if (!value) return std::nullopt;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(*value, UINT32_MAX));
}

// Takes what mkfs writes.
class ImageSink final : public tools::BlockSink {
 public:
  explicit ImageSink(std::uint64_t blocks) : image_(blocks * VEXFS_BLOCK_SIZE) {}

  void write(std::uint64_t offset, tools::Bytes bytes) override { image_.write(offset, bytes); }
  void zero(std::uint64_t offset, std::uint64_t length) override { image_.zero(offset, length); }
  Image take() { return std::move(image_); }

 private:
  Image image_;
};

}  // namespace

std::expected<Image, std::string> fresh_volume(const VolumeOptions& options) {
  tools::Geometry geometry;
  geometry.blocks = options.blocks.value_or(kDefaultBlocks);
  geometry.inodes = options.inodes;
  geometry.log_blocks = options.log_blocks;
  geometry.ring_blocks = options.ring_blocks;
  geometry.tx_units = narrow(options.tx_units);
  geometry.tx_blocks = narrow(options.tx_blocks);
  geometry.unit_extents = narrow(options.unit_extents);
  geometry.unit_blocks = narrow(options.unit_blocks);
  geometry.extent_fanout = narrow(options.extent_fanout);
  geometry.max_links = narrow(options.max_links);
  geometry.checkpoint_blocks = narrow(options.checkpoint_blocks);
  geometry.checkpoint_freed = narrow(options.checkpoint_freed);
  if (options.uuid) {
    const auto uuid = tools::parse_uuid(*options.uuid);
    if (!uuid) return std::unexpected(uuid.error());
    geometry.uuid = *uuid;
  }
  const auto super = tools::make_superblock(geometry);
  if (!super) return std::unexpected(super.error().message);
  ImageSink sink(geometry.blocks);
  tools::write_volume(sink, *super, geometry);
  return sink.take();
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
// Makes a volume (docs/format.md, "mkfs").
#pragma once

#include <expected>
#include <vector>

#include "reference/tools/mkfs/block_sink.h"
#include "reference/tools/mkfs/geometry.h"

namespace vexfs::tools {

// Writes the metadata of a new volume with this superblock. The data region is left alone. Of the
// two superblocks the first is written last: an interrupted mkfs leaves no volume.
void write_volume(BlockSink& sink, const vexfs_superblock& super, const Geometry& geometry);

// Makes a volume in `image`, which has at least geometry.blocks blocks.
std::expected<vexfs_superblock, GeometryError> format_volume(MutableBytes image,
                                                             const Geometry& geometry);

// A new image of exactly geometry.blocks blocks, its data region zero.
std::expected<std::vector<std::byte>, GeometryError> make_volume(const Geometry& geometry);

}  // namespace vexfs::tools

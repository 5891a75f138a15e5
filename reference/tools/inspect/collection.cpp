// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/collection.h"

#include <sys/stat.h>

#include <fmt/format.h>

#include "reference/tools/inspect/extent_walk.h"

namespace vexfs::tools {
namespace {

constexpr std::size_t kHeader = sizeof(vexfs_graph_block);

std::vector<std::uint64_t> blocks_of(const VolumeView& view, std::uint64_t ino) {
  std::vector<std::uint64_t> blocks;
  if (ino < 1 || ino > view.super().inodes) return blocks;
  Findings ignored;
  for (const MappedExtent& extent : walk_extents(view, ino, view.inode(ino), ignored).extents) {
    if (extent.lblk != blocks.size()) break;
    for (std::uint64_t i = 0; i < extent.len; ++i) blocks.push_back(extent.pblk + i);
  }
  return blocks;
}

std::vector<std::uint32_t> links_at(Bytes block, std::size_t offset, std::size_t count) {
  std::vector<std::uint32_t> links;
  for (std::size_t i = 0; i < count; ++i) links.push_back(load<__u32>(block, offset + 4 * i));
  return links;
}

}  // namespace

std::expected<CollectionReader, std::string> CollectionReader::open(const VolumeView& view,
                                                                    std::uint64_t directory) {
  if (!view.inode_in_use(directory)) {
    return std::unexpected(fmt::format("inode {} is not in use", directory));
  }
  const vexfs_inode inode = view.inode(directory);
  if (!S_ISDIR(inode.mode) || (inode.flags & VEXFS_INODE_COLLECTION) == 0) {
    return std::unexpected(fmt::format("inode {} is no collection", directory));
  }
  CollectionReader reader(view);
  reader.graph_ino_ = inode.collection;
  reader.graph_ = blocks_of(view, inode.collection);
  if (reader.graph_.empty()) {
    return std::unexpected(fmt::format("the graph inode {} of directory {} has no block 0",
                                       inode.collection, directory));
  }
  reader.fields_ = load<vexfs_collection>(view.block(reader.graph_[0]));
  if (!vectors::is_valid(reader.parameters())) {
    return std::unexpected(
        fmt::format("the collection of directory {} has parameters out of bounds", directory));
  }
  reader.vectors_ = blocks_of(view, reader.fields_.vectors_ino);
  reader.upper_ = blocks_of(view, reader.fields_.upper_ino);
  return reader;
}

vectors::Parameters CollectionReader::parameters() const {
  return {fields_.dim, fields_.type, fields_.metric, fields_.m, fields_.ef_construction,
          fields_.seed};
}

std::optional<SlotRecord> CollectionReader::slot(std::uint32_t number) const {
  const std::uint32_t per_block = VEXFS_SLOTS_PER_BLOCK(fields_.m);
  const std::size_t block = 1 + number / per_block;
  if (block >= graph_.size()) return std::nullopt;
  const Bytes bytes = view_->block(graph_[block]);
  const std::size_t at = kHeader + number % per_block * VEXFS_SLOT_BYTES(fields_.m);
  return SlotRecord{load<vexfs_slot>(bytes, at),
                    links_at(bytes, at + sizeof(vexfs_slot), 2U * fields_.m)};
}

std::optional<std::vector<std::byte>> CollectionReader::row(std::uint32_t slot) const {
  std::vector<std::byte> row(vectors::stride(parameters()));
  for (std::size_t done = 0; done < row.size(); done += VEXFS_ROW_ALIGN) {
    const std::uint64_t at = slot * std::uint64_t{row.size()} + done;
    if (at / kBlockSize >= vectors_.size()) return std::nullopt;
    const Bytes block = view_->block(vectors_[at / kBlockSize]);
    std::memcpy(&row[done], &block[at % kBlockSize], VEXFS_ROW_ALIGN);
  }
  return row;
}

std::optional<std::vector<std::uint32_t>> CollectionReader::list(std::uint32_t number) const {
  const std::uint32_t per_block = VEXFS_LISTS_PER_BLOCK(fields_.m);
  if (number / per_block >= upper_.size()) return std::nullopt;
  return links_at(view_->block(upper_[number / per_block]),
                  kHeader + number % per_block * 4U * fields_.m, fields_.m);
}

}  // namespace vexfs::tools

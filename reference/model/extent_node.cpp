// SPDX-License-Identifier: MIT
#include "reference/model/extent_node.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "reference/model/checksum.h"

namespace vexfs::model {
namespace {

static_assert(sizeof(vexfs_extent) == sizeof(vexfs_extent_index));

constexpr std::size_t kHeader = sizeof(vexfs_extent_node);
constexpr std::size_t kEntry = sizeof(vexfs_extent);
constexpr std::uint64_t kFileBlocks = VEXFS_FILE_SIZE_MAX / kBlockSize;

std::vector<Entry> parse_entries(std::span<const std::byte> bytes, std::size_t count) {
  std::vector<Entry> entries(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto raw = get<vexfs_extent>(bytes, i * kEntry);
    entries[i] = {raw.lblk, raw.len, raw.pblk};
  }
  return entries;
}

void put_entries(std::span<std::byte> bytes, const std::vector<Entry>& entries) {
  std::ranges::fill(bytes, std::byte{0});
  for (std::size_t i = 0; i < entries.size(); ++i)
    put(bytes, i * kEntry, vexfs_extent{entries[i].lblk, entries[i].len, entries[i].block});
}

bool within_data(const Mounted& volume, BlockNumber first, std::uint64_t blocks) {
  const vexfs_region& data = volume.super.data;
  return first >= data.start && first - data.start < data.blocks &&
         blocks <= data.blocks - (first - data.start);
}

// Extents: no empty one, ascending without overlap. Index entries: ascending. All within the data
// region.
bool entries_are_valid(const Mounted& volume, const Node& node) {
  std::uint64_t lowest_next = 0;
  for (const Entry& entry : node.entries) {
    const std::uint64_t blocks = node.depth == 0 ? entry.len & ~VEXFS_EXTENT_UNWRITTEN : 1;
    if (blocks < 1 || entry.lblk < lowest_next || !within_data(volume, entry.block, blocks))
      return false;
    lowest_next = entry.lblk + blocks;
    if (lowest_next > kFileBlocks) return false;
  }
  return true;
}

std::uint32_t checksum(const Mounted& volume, BlockNumber number, BlockView block) {
  return structure_checksum(volume.super.uuid, number, block, offsetof(vexfs_extent_node, crc));
}

}  // namespace

std::size_t capacity(const Mounted& volume, const Node& node) {
  const std::size_t fanout = volume.super.extent_fanout;
  return node.number == 0 ? std::min<std::size_t>(VEXFS_INLINE_EXTENTS, fanout) : fanout;
}

Result<Node> inode_node(const Mounted& volume, const vexfs_inode& inode) {
  Node node;
  node.depth = inode.depth;
  node.entries = parse_entries(std::as_bytes(std::span(inode.inline_area)), inode.extents);
  if (!entries_are_valid(volume, node)) return std::unexpected(EUCLEAN);
  return node;
}

Result<Node> child_node(const Mounted& volume, Ino owner, const Node& parent, std::size_t at) {
  Node node;
  node.number = parent.entries[at].block;
  node.depth = parent.depth - 1;
  const BlockView block = volume.store.read(node.number);
  const auto header = get<vexfs_extent_node>(block);
  if (header.magic != VEXFS_NODE_MAGIC || header.crc != checksum(volume, node.number, block) ||
      header.owner != owner || header.depth != node.depth || header.entries < 1 ||
      header.entries > capacity(volume, node))
    return std::unexpected(EUCLEAN);
  node.entries = parse_entries(block.subspan(kHeader), header.entries);
  if (!entries_are_valid(volume, node) || node.entries[0].lblk != parent.entries[at].lblk)
    return std::unexpected(EUCLEAN);
  return node;
}

void store_node(Mounted& volume, Ino owner, vexfs_inode& inode, const Node& node, bool fresh) {
  if (node.number == 0) {
    inode.extents = static_cast<std::uint16_t>(node.entries.size());
    inode.depth = static_cast<std::uint16_t>(node.entries.empty() ? 0 : node.depth);
    put_entries(std::as_writable_bytes(std::span(inode.inline_area)), node.entries);
    return;
  }
  const BlockEdit block = fresh ? volume.store.create(node.number) : volume.store.edit(node.number);
  vexfs_extent_node header{};
  header.magic = VEXFS_NODE_MAGIC;
  header.entries = static_cast<std::uint16_t>(node.entries.size());
  header.depth = static_cast<std::uint16_t>(node.depth);
  header.owner = owner;
  put(block, 0, header);
  put_entries(block.subspan(kHeader), node.entries);
  header.crc = checksum(volume, node.number, block);
  put(block, 0, header);
}

Result<Path> path_to(const Mounted& volume, Ino ino, const vexfs_inode& inode, std::uint64_t lblk) {
  Path path;
  VEXFS_TRY(root, inode_node(volume, inode));
  path.push_back({std::move(root), 0});
  while (path.back().node.depth > 0) {
    Step& step = path.back();
    const auto after = std::ranges::upper_bound(step.node.entries, lblk, {},
                                                [](const Entry& entry) { return entry.lblk; });
    const auto index = after - step.node.entries.begin();
    step.at = index == 0 ? 0 : static_cast<std::size_t>(index - 1);
    VEXFS_TRY(child, child_node(volume, ino, step.node, step.at));
    path.push_back({std::move(child), 0});
  }
  return path;
}

}  // namespace vexfs::model

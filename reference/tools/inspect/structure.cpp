// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/structure.h"

#include <sys/stat.h>

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "reference/contract/log.h"
#include "reference/tools/inspect/directory.h"
#include "reference/tools/inspect/extent_walk.h"
#include "reference/tools/inspect/field_list.h"

namespace vexfs::tools {

std::uint64_t Structure::image_offset(std::uint32_t at) const {
  if (!wraps_in) return offset + at;
  const std::uint64_t start = wraps_in->start * kBlockSize;
  return start + (offset - start + at) % (wraps_in->blocks * kBlockSize);
}

std::vector<std::byte> Structure::read(Bytes image) const {
  std::vector<std::byte> bytes(size);
  for (std::uint32_t at = 0; at < size;) {
    // Only the ends of blocks can be the end of the log region.
    const auto place = image_offset(at);
    const auto part = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(size - at, kBlockSize - place % kBlockSize));
    std::ranges::copy(image.subspan(place, part), bytes.begin() + at);
    at += part;
  }
  return bytes;
}

void Structure::write(MutableBytes image, Bytes bytes) const {
  for (std::uint32_t at = 0; at < size;) {
    const auto place = image_offset(at);
    const auto part = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(size - at, kBlockSize - place % kBlockSize));
    std::ranges::copy(bytes.subspan(at, part), image.subspan(place, part).begin());
    at += part;
  }
}

void Structure::seal(const Uuid& uuid, MutableBytes bytes) const {
  if (!checksum) return;
  const std::uint64_t location = checksum->location_offset
                                     ? load<std::uint64_t>(bytes, *checksum->location_offset)
                                     : checksum->location;
  store(bytes, checksum->crc_offset,
        structure_crc(uuid, location, bytes.first(checksum->covered), checksum->crc_offset));
}

namespace {

// A structure that fills a block and is described by one table.
Structure whole_block(const StructureType& type, std::string path, std::uint64_t block,
                      ChecksumRule checksum) {
  FieldList list;
  list.add_type(type);
  return {std::move(path), block * kBlockSize, kBlockSize, list.take(kBlockSize), checksum};
}

Structure bitmap_structure(std::uint64_t block, const BlockRole& role) {
  FieldList list;
  const auto* what = role.kind == BlockKind::kBlockBitmap ? "blocks" : "inodes";
  for (std::uint64_t word = 0; word < kBlockSize / 8; ++word) {
    const std::uint64_t bit = role.lblk * VEXFS_BITS_PER_BLOCK + word * 64;
    list.add(fmt::format("{} {} to {}", what, bit, bit + 63), 8, FieldKind::kHex);
  }
  return {fmt::format("{} @ block {}", role_text(role), block), block * kBlockSize, kBlockSize,
          list.take(kBlockSize)};
}

Structure directory_structure(const VolumeView& view, std::uint64_t block, const BlockRole& role) {
  FieldList list;
  list.add_type(kDirHeaderType);
  for (const DirRecord& record : read_records(view.block(block)).records) {
    const std::string prefix =
        fmt::format("record @{} \"{}\"{}", record.offset, escaped_text(record.name), kPathStep);
    list.add_type(kDirRecordType, prefix);
    list.add(prefix + "name", record.name_length, FieldKind::kText);
    list.add(prefix + "padding", record.rest.size(), FieldKind::kReserved);
  }
  return {fmt::format("dir {}{}block {}", role.ino, kPathStep, role.lblk), block * kBlockSize,
          kBlockSize, list.take(kBlockSize), ChecksumRule{4, kBlockSize, block}};
}

Structure node_structure(const VolumeView& view, std::uint64_t block, const BlockRole& role) {
  const auto node = load<vexfs_extent_node>(view.block(block));
  FieldList list;
  list.add_type(kExtentNodeType);
  list.add_entries(std::min<unsigned>(node.entries, VEXFS_FANOUT_MAX), node.depth != 0);
  return {fmt::format("inode {}{}node {}", role.ino, kPathStep, block), block * kBlockSize,
          kBlockSize, list.take(kBlockSize), ChecksumRule{4, kBlockSize, block}};
}

Structure target_structure(const VolumeView& view, std::uint64_t block, const BlockRole& role) {
  const std::uint64_t size = view.inode(role.ino).size;
  FieldList list;
  list.add("target", std::min<std::uint64_t>(size, kBlockSize), FieldKind::kText);
  return {fmt::format("inode {}{}target block", role.ino, kPathStep), block * kBlockSize,
          kBlockSize, list.take(kBlockSize)};
}

std::vector<Structure> table_structures(const VolumeView& view, const BlockRole& role) {
  std::vector<Structure> slots;
  for (std::uint64_t i = 0; i < VEXFS_INODES_PER_BLOCK; ++i) {
    slots.push_back(inode_structure(view, role.lblk * VEXFS_INODES_PER_BLOCK + i));
  }
  return slots;
}

}  // namespace

Structure inode_structure(const VolumeView& view, std::uint64_t number) {
  const vexfs_inode inode = view.inode(number);
  FieldList list;
  const auto fields = kInodeType.fields;
  list.add_fields(fields.first(fields.size() - 1), "");
  if (has_mapping(inode)) {
    list.add_entries(std::min<unsigned>(inode.extents, VEXFS_INLINE_EXTENTS), inode.depth != 0);
  } else if (S_ISLNK(inode.mode)) {
    list.add("target", std::min<std::uint64_t>(inode.size, VEXFS_INLINE_BYTES), FieldKind::kText);
  }
  return {fmt::format("inode {}", number), view.inode_offset(number), VEXFS_INODE_SIZE,
          list.take(VEXFS_INODE_SIZE), ChecksumRule{0, VEXFS_INODE_SIZE, number}};
}

std::vector<Structure> block_structures(const VolumeView& view, std::uint64_t block,
                                        const BlockRole& role) {
  switch (role.kind) {
    case BlockKind::kSuperblock:
      return {whole_block(kSuperblockType, block == 0 ? "superblock" : "superblock copy", block,
                          {4, kBlockSize, 0})};
    case BlockKind::kAnchor:
      return {whole_block(kAnchorType, fmt::format("anchor @ block {}", block), block,
                          {4, kBlockSize, 0, offsetof(vexfs_anchor, number)})};
    case BlockKind::kState:
      return {whole_block(kStateType, "state", block, {4, kBlockSize, block})};
    case BlockKind::kBlockBitmap:
    case BlockKind::kInodeBitmap:
    case BlockKind::kOrphanBitmap:
      return {bitmap_structure(block, role)};
    case BlockKind::kInodeTable:
      return table_structures(view, role);
    case BlockKind::kDirectory:
      return {directory_structure(view, block, role)};
    case BlockKind::kExtentNode:
      return {node_structure(view, block, role)};
    case BlockKind::kSymlink:
      return {target_structure(view, block, role)};
    default:
      return {};
  }
}

BlockRoles roles_after_replay(const VolumeView& view) {
  auto replayed = VolumeView::open(view.image());
  const Anchors anchors = read_anchors(view);
  if (!replayed || anchors.active() == nullptr) return BlockRoles(view);
  for (const Transaction& transaction : read_chain(view, *anchors.active())) {
    apply_transaction(*replayed, transaction);
  }
  return BlockRoles(*replayed);
}

Structure transaction_structure(const VolumeView& view, const BlockRoles& roles,
                                const Transaction& transaction) {
  FieldList list;
  list.add_type(kTxHeaderType, "header › ");
  for (const TxBlock& record : transaction.blocks) {
    const std::string prefix = fmt::format("block {} ({}){}", record.block,
                                           role_text(roles.role(record.block)), kPathStep);
    list.add_type(kTxBlockType, prefix);
    for (unsigned unit = 0; unit < VEXFS_UNITS_PER_BLOCK; ++unit) {
      if ((record.mask >> unit & 1) == 0) continue;
      list.add(fmt::format("{}unit {}", prefix, unit), VEXFS_UNIT_SIZE, FieldKind::kBytes);
    }
  }
  const auto commit_at = static_cast<std::uint32_t>(transaction.commit_offset());
  list.fill_up_to(commit_at, "unreadable records", FieldKind::kBytes);
  list.add_type(kTxCommitType, "commit › ");
  const auto size = static_cast<std::uint32_t>(transaction.stream.size());
  const auto covered = static_cast<std::uint32_t>(transaction.header.bytes);
  const vexfs_region& log = view.super().log;
  return {fmt::format("log{}tx {}", kPathStep, transaction.header.sequence),
          (log.start + transaction.index) * kBlockSize,
          size,
          list.take(size),
          ChecksumRule{commit_at + 4, covered, 0, offsetof(vexfs_tx_header, epoch)},
          log};
}

Structure event_structure(const VolumeView& view, const EventRecord& event) {
  FieldList list;
  list.add_type(kEventType);
  for (const EventField& field : event.fields) {
    const std::string_view name = event_tag_name(field.tag);
    const std::string prefix =
        name.empty() ? fmt::format("field {}", field.tag) : fmt::format("field {}", name);
    list.fill_up_to(field.offset - 4, "padding", FieldKind::kReserved);
    list.add(prefix + " › tag", 2, FieldKind::kNumber);
    list.add(prefix + " › length", 2, FieldKind::kNumber);
    const bool is_text = field.tag == VEXFS_TAG_NAME || field.tag == VEXFS_TAG_NEW_NAME ||
                         field.tag == VEXFS_TAG_TARGET;
    list.add(prefix, field.value.size(), is_text ? FieldKind::kText : FieldKind::kBytes);
  }
  const vexfs_region& ring = view.super().ring;
  const std::uint64_t place = event.position % (ring.blocks * kBlockSize);
  const auto size = static_cast<std::uint32_t>(event.bytes.size());
  return {fmt::format("event {}", event.header.sequence), ring.start * kBlockSize + place, size,
          list.take(size), ChecksumRule{4, size, 0, offsetof(vexfs_event, sequence)}};
}

namespace {

void append(std::vector<Structure>& to, std::vector<Structure> more) {
  std::ranges::move(more, std::back_inserter(to));
}

// Blocks of the inode table that hold nothing are left out: there may be many.
void append_region(std::vector<Structure>& to, const VolumeView& view, const BlockRoles& roles,
                   std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t block = first; block < end; ++block) {
    const BlockRole role = roles.role(block);
    if (role.kind == BlockKind::kInodeTable && all_zero(view.block(block))) continue;
    append(to, block_structures(view, block, role));
  }
}

}  // namespace

std::vector<Structure> all_structures(const VolumeView& view) {
  const vexfs_superblock& super = view.super();
  const BlockRoles roles(view);
  std::vector<Structure> all;
  append_region(all, view, roles, 0, super.log.start);
  append_region(all, view, roles, super.blocks - 1, super.blocks);
  const BlockRoles logged_roles = roles_after_replay(view);
  for (const Transaction& transaction : scan_log(view)) {
    all.push_back(transaction_structure(view, logged_roles, transaction));
  }
  append_region(all, view, roles, super.state.start, end_of(super.state));
  const std::vector<std::byte> ring = view.region_bytes(super.ring);
  for (const EventRecord& event : read_events(super, ring, view.state().ring_head).events) {
    all.push_back(event_structure(view, event));
  }
  append_region(all, view, roles, super.block_bitmap.start, end_of(super.inode_table));
  for (const BlockRoles::Run& run : roles.runs()) {
    if (run.role.kind == BlockKind::kFileData) continue;
    append_region(all, view, roles, run.start, run.start + run.blocks);
  }
  return all;
}

}  // namespace vexfs::tools

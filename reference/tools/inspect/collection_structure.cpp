// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/collection_structure.h"

#include <fmt/format.h>

#include "reference/tools/inspect/collection.h"
#include "reference/tools/inspect/field_list.h"

namespace vexfs::tools {
namespace {

void add_links(FieldList& list, const std::string& prefix, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    list.add(fmt::format("{}link {}", prefix, i), sizeof(__le32), FieldKind::kNumber);
  }
}

void add_block_header(FieldList& list) {
  list.add("magic", 4, FieldKind::kMagic);
  list.add("crc", 4, FieldKind::kChecksum);
  list.add("directory", 8, FieldKind::kNumber);
  list.add("first", 4, FieldKind::kNumber);
  list.add("reserved", sizeof(vexfs_graph_block::reserved), FieldKind::kReserved);
}

std::vector<NamedField> graph_fields(const CollectionReader& collection, std::uint64_t lblk) {
  FieldList list;
  if (lblk == 0) {
    list.add_type(kCollectionType, "header › ");
    return list.take(kBlockSize);
  }
  const unsigned m = collection.fields().m;
  const std::uint64_t per_block = VEXFS_SLOTS_PER_BLOCK(m);
  add_block_header(list);
  for (std::uint64_t i = 0; i < per_block; ++i) {
    const std::string slot = fmt::format("slot {}{}", (lblk - 1) * per_block + i, kPathStep);
    list.add_type(kSlotType, slot);
    add_links(list, slot + "level 0 › ", 2 * m);
  }
  return list.take(kBlockSize);
}

// Which slot's list of which level a list of the upper inode is.
std::string owner_of_list(const CollectionReader& collection, std::uint64_t list) {
  for (std::uint32_t number = 0; number < collection.fields().slots; ++number) {
    const auto slot = collection.slot(number);
    if (!slot) break;
    const std::uint64_t first = slot->fields.upper;
    if (first == VEXFS_SLOT_NONE || list < first || list >= first + slot->fields.level) continue;
    return fmt::format("slot {}{}level {}{}", number, kPathStep, list - first + 1, kPathStep);
  }
  return fmt::format("list {}{}", list, kPathStep);
}

std::vector<NamedField> upper_fields(const CollectionReader& collection, std::uint64_t lblk) {
  const unsigned m = collection.fields().m;
  const std::uint64_t per_block = VEXFS_LISTS_PER_BLOCK(m);
  FieldList list;
  add_block_header(list);
  for (std::uint64_t i = 0; i < per_block; ++i) {
    add_links(list, owner_of_list(collection, lblk * per_block + i), m);
  }
  return list.take(kBlockSize);
}

std::uint32_t element_bytes(std::uint8_t type) {
  if (type == VEXFS_TYPE_F32) return 4;
  return type == VEXFS_TYPE_F16 ? 2 : 1;  // of binary eight elements
}

std::vector<NamedField> row_fields(const CollectionReader& collection, std::uint64_t lblk) {
  const std::uint64_t stride = vectors::stride(collection.parameters());
  const std::uint64_t used = vectors::row_bytes(collection.parameters());
  const std::uint32_t element = element_bytes(collection.fields().type);
  FieldList list;
  for (std::uint64_t at = lblk * kBlockSize; at < (lblk + 1) * kBlockSize;) {
    const std::uint64_t row = at / stride;
    const std::uint64_t within = at % stride;
    const std::uint64_t size =
        within < used ? element : std::min(stride - within, (lblk + 1) * kBlockSize - at);
    const std::string name =
        within < used ? fmt::format("row {}{}element {}", row, kPathStep, within / element)
                      : fmt::format("row {}{}padding", row, kPathStep);
    list.add(name, size, FieldKind::kHex);
    at += size;
  }
  return list.take(kBlockSize);
}

}  // namespace

std::optional<Structure> collection_structure(const VolumeView& view, std::uint64_t block,
                                              const BlockRole& role) {
  const vexfs_inode inode = view.inode(role.ino);
  if ((inode.flags & VEXFS_INODE_SYSTEM) == 0 || inode.home > view.super().inodes) return {};
  const auto collection = CollectionReader::open(view, inode.home);
  if (!collection) return {};
  Structure structure{fmt::format("collection {}", inode.home), block * kBlockSize, kBlockSize, {}};
  if (role.ino == collection->fields().vectors_ino) {
    structure.fields = row_fields(*collection, role.lblk);
    return structure;
  }
  if (role.ino == collection->graph_ino()) {
    structure.fields = graph_fields(*collection, role.lblk);
  } else if (role.ino == collection->fields().upper_ino) {
    structure.fields = upper_fields(*collection, role.lblk);
  } else {
    return {};
  }
  structure.checksum = ChecksumRule{4, kBlockSize, block};
  return structure;
}

}  // namespace vexfs::tools

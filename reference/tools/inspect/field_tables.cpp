// SPDX-License-Identifier: MIT
// The tables of reference/contract/*.h. A test proves that each covers its structure.
#include <cstddef>

#include "reference/contract/directory.h"
#include "reference/contract/event.h"
#include "reference/contract/inode.h"
#include "reference/contract/log.h"
#include "reference/contract/superblock.h"
#include "reference/contract/vector.h"
#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

using enum FieldKind;

// A member of a contract structure; the name is the member's own.
#define VEXFS_FIELD(type, member, kind) \
  Field { #member, offsetof(type, member), sizeof(type::member), kind }
// A number in a region that is a member.
#define VEXFS_PART(type, member, part) \
  Field { #member "." #part, offsetof(type, member) + offsetof(vexfs_region, part), 8, kNumber }

constexpr Field kSuperblockFields[] = {
    VEXFS_FIELD(vexfs_superblock, magic, kMagic),
    VEXFS_FIELD(vexfs_superblock, crc, kChecksum),
    VEXFS_FIELD(vexfs_superblock, version, kNumber),
    VEXFS_FIELD(vexfs_superblock, block_size, kNumber),
    VEXFS_FIELD(vexfs_superblock, feature_compat, kHex),
    VEXFS_FIELD(vexfs_superblock, feature_incompat, kHex),
    VEXFS_FIELD(vexfs_superblock, feature_ro_compat, kHex),
    VEXFS_FIELD(vexfs_superblock, uuid, kUuid),
    VEXFS_FIELD(vexfs_superblock, label, kText),
    VEXFS_FIELD(vexfs_superblock, blocks, kNumber),
    VEXFS_FIELD(vexfs_superblock, inodes, kNumber),
    VEXFS_PART(vexfs_superblock, log, start),
    VEXFS_PART(vexfs_superblock, log, blocks),
    VEXFS_PART(vexfs_superblock, state, start),
    VEXFS_PART(vexfs_superblock, state, blocks),
    VEXFS_PART(vexfs_superblock, ring, start),
    VEXFS_PART(vexfs_superblock, ring, blocks),
    VEXFS_PART(vexfs_superblock, block_bitmap, start),
    VEXFS_PART(vexfs_superblock, block_bitmap, blocks),
    VEXFS_PART(vexfs_superblock, inode_bitmap, start),
    VEXFS_PART(vexfs_superblock, inode_bitmap, blocks),
    VEXFS_PART(vexfs_superblock, orphan_bitmap, start),
    VEXFS_PART(vexfs_superblock, orphan_bitmap, blocks),
    VEXFS_PART(vexfs_superblock, inode_table, start),
    VEXFS_PART(vexfs_superblock, inode_table, blocks),
    VEXFS_PART(vexfs_superblock, data, start),
    VEXFS_PART(vexfs_superblock, data, blocks),
    VEXFS_FIELD(vexfs_superblock, tx_units, kNumber),
    VEXFS_FIELD(vexfs_superblock, tx_blocks, kNumber),
    VEXFS_FIELD(vexfs_superblock, unit_extents, kNumber),
    VEXFS_FIELD(vexfs_superblock, unit_blocks, kNumber),
    VEXFS_FIELD(vexfs_superblock, extent_fanout, kNumber),
    VEXFS_FIELD(vexfs_superblock, max_links, kNumber),
    VEXFS_FIELD(vexfs_superblock, checkpoint_blocks, kNumber),
    VEXFS_FIELD(vexfs_superblock, checkpoint_freed, kNumber),
    VEXFS_FIELD(vexfs_superblock, level_seed, kNumber),
    VEXFS_FIELD(vexfs_superblock, reserved, kReserved),
};

constexpr Field kAnchorFields[] = {
    VEXFS_FIELD(vexfs_anchor, magic, kMagic),       VEXFS_FIELD(vexfs_anchor, crc, kChecksum),
    VEXFS_FIELD(vexfs_anchor, number, kNumber),     VEXFS_FIELD(vexfs_anchor, epoch, kNumber),
    VEXFS_FIELD(vexfs_anchor, tail, kNumber),       VEXFS_FIELD(vexfs_anchor, sequence, kNumber),
    VEXFS_FIELD(vexfs_anchor, prev_crc, kHex),      VEXFS_FIELD(vexfs_anchor, flags, kHex),
    VEXFS_FIELD(vexfs_anchor, reserved, kReserved),
};

constexpr Field kStateFields[] = {
    VEXFS_FIELD(vexfs_state, magic, kMagic),         VEXFS_FIELD(vexfs_state, crc, kChecksum),
    VEXFS_FIELD(vexfs_state, free_blocks, kNumber),  VEXFS_FIELD(vexfs_state, free_inodes, kNumber),
    VEXFS_FIELD(vexfs_state, inode_cursor, kNumber), VEXFS_FIELD(vexfs_state, generation, kNumber),
    VEXFS_FIELD(vexfs_state, next_unit, kNumber),    VEXFS_FIELD(vexfs_state, next_event, kNumber),
    VEXFS_FIELD(vexfs_state, ring_head, kNumber),    VEXFS_FIELD(vexfs_state, reserved, kReserved),
};

constexpr Field kInodeFields[] = {
    VEXFS_FIELD(vexfs_inode, crc, kChecksum),
    VEXFS_FIELD(vexfs_inode, mode, kMode),
    VEXFS_FIELD(vexfs_inode, flags, kHex),
    VEXFS_FIELD(vexfs_inode, nlink, kNumber),
    VEXFS_FIELD(vexfs_inode, uid, kNumber),
    VEXFS_FIELD(vexfs_inode, gid, kNumber),
    VEXFS_FIELD(vexfs_inode, rdev, kHex),
    VEXFS_FIELD(vexfs_inode, size, kNumber),
    VEXFS_FIELD(vexfs_inode, blocks, kNumber),
    VEXFS_FIELD(vexfs_inode, generation, kNumber),
    VEXFS_FIELD(vexfs_inode, atime, kSigned),
    VEXFS_FIELD(vexfs_inode, mtime, kSigned),
    VEXFS_FIELD(vexfs_inode, ctime, kSigned),
    VEXFS_FIELD(vexfs_inode, atime_nsec, kNumber),
    VEXFS_FIELD(vexfs_inode, mtime_nsec, kNumber),
    VEXFS_FIELD(vexfs_inode, ctime_nsec, kNumber),
    VEXFS_FIELD(vexfs_inode, extents, kNumber),
    VEXFS_FIELD(vexfs_inode, depth, kNumber),
    VEXFS_FIELD(vexfs_inode, home, kNumber),
    VEXFS_FIELD(vexfs_inode, xattr_block, kReserved),
    VEXFS_FIELD(vexfs_inode, xattr_bytes, kReserved),
    VEXFS_FIELD(vexfs_inode, collection, kNumber),
    VEXFS_FIELD(vexfs_inode, reserved, kReserved),
    VEXFS_FIELD(vexfs_inode, inline_area, kBytes),
};

constexpr Field kExtentFields[] = {
    VEXFS_FIELD(vexfs_extent, lblk, kNumber),
    VEXFS_FIELD(vexfs_extent, len, kNumber),
    VEXFS_FIELD(vexfs_extent, pblk, kNumber),
};

constexpr Field kExtentIndexFields[] = {
    VEXFS_FIELD(vexfs_extent_index, lblk, kNumber),
    VEXFS_FIELD(vexfs_extent_index, reserved, kReserved),
    VEXFS_FIELD(vexfs_extent_index, child, kNumber),
};

constexpr Field kExtentNodeFields[] = {
    VEXFS_FIELD(vexfs_extent_node, magic, kMagic),
    VEXFS_FIELD(vexfs_extent_node, crc, kChecksum),
    VEXFS_FIELD(vexfs_extent_node, entries, kNumber),
    VEXFS_FIELD(vexfs_extent_node, depth, kNumber),
    VEXFS_FIELD(vexfs_extent_node, reserved, kReserved),
    VEXFS_FIELD(vexfs_extent_node, owner, kNumber),
    VEXFS_FIELD(vexfs_extent_node, reserved2, kReserved),
};

constexpr Field kDirHeaderFields[] = {
    VEXFS_FIELD(vexfs_dir_header, magic, kMagic),
    VEXFS_FIELD(vexfs_dir_header, crc, kChecksum),
};

constexpr Field kDirRecordFields[] = {
    VEXFS_FIELD(vexfs_dir_record, ino, kNumber),
    VEXFS_FIELD(vexfs_dir_record, length, kNumber),
    VEXFS_FIELD(vexfs_dir_record, name_length, kNumber),
    VEXFS_FIELD(vexfs_dir_record, type, kNumber),
};

constexpr Field kTxHeaderFields[] = {
    VEXFS_FIELD(vexfs_tx_header, magic, kMagic),
    VEXFS_FIELD(vexfs_tx_header, flags, kHex),
    VEXFS_FIELD(vexfs_tx_header, epoch, kNumber),
    VEXFS_FIELD(vexfs_tx_header, sequence, kNumber),
    VEXFS_FIELD(vexfs_tx_header, first_unit, kNumber),
    VEXFS_FIELD(vexfs_tx_header, units, kNumber),
    VEXFS_FIELD(vexfs_tx_header, blocks, kNumber),
    VEXFS_FIELD(vexfs_tx_header, bytes, kNumber),
    VEXFS_FIELD(vexfs_tx_header, prev_crc, kHex),
    VEXFS_FIELD(vexfs_tx_header, reserved, kReserved),
};

constexpr Field kTxBlockFields[] = {
    VEXFS_FIELD(vexfs_tx_block, block, kNumber),
    VEXFS_FIELD(vexfs_tx_block, mask, kHex),
    VEXFS_FIELD(vexfs_tx_block, flags, kHex),
    VEXFS_FIELD(vexfs_tx_block, reserved, kReserved),
};

constexpr Field kTxCommitFields[] = {
    VEXFS_FIELD(vexfs_tx_commit, magic, kMagic),
    VEXFS_FIELD(vexfs_tx_commit, crc, kChecksum),
    VEXFS_FIELD(vexfs_tx_commit, sequence, kNumber),
};

constexpr Field kEventFields[] = {
    VEXFS_FIELD(vexfs_event, magic, kMagic),       VEXFS_FIELD(vexfs_event, crc, kChecksum),
    VEXFS_FIELD(vexfs_event, sequence, kNumber),   VEXFS_FIELD(vexfs_event, type, kHex),
    VEXFS_FIELD(vexfs_event, flags, kHex),         VEXFS_FIELD(vexfs_event, priority, kNumber),
    VEXFS_FIELD(vexfs_event, clock, kNumber),      VEXFS_FIELD(vexfs_event, length, kNumber),
    VEXFS_FIELD(vexfs_event, time, kSigned),       VEXFS_FIELD(vexfs_event, ino, kNumber),
    VEXFS_FIELD(vexfs_event, parent, kNumber),     VEXFS_FIELD(vexfs_event, transaction, kNumber),
    VEXFS_FIELD(vexfs_event, epoch, kNumber),      VEXFS_FIELD(vexfs_event, cause, kNumber),
    VEXFS_FIELD(vexfs_event, clock_volume, kHex),  VEXFS_FIELD(vexfs_event, clock_counter, kNumber),
    VEXFS_FIELD(vexfs_event, unit, kNumber),       VEXFS_FIELD(vexfs_event, payload, kNumber),
    VEXFS_FIELD(vexfs_event, reserved, kReserved),
};

constexpr Field kCollectionFields[] = {
    VEXFS_FIELD(vexfs_collection, magic, kMagic),
    VEXFS_FIELD(vexfs_collection, crc, kChecksum),
    VEXFS_FIELD(vexfs_collection, directory, kNumber),
    VEXFS_FIELD(vexfs_collection, vectors_ino, kNumber),
    VEXFS_FIELD(vexfs_collection, upper_ino, kNumber),
    VEXFS_FIELD(vexfs_collection, dim, kNumber),
    VEXFS_FIELD(vexfs_collection, type, kNumber),
    VEXFS_FIELD(vexfs_collection, metric, kNumber),
    VEXFS_FIELD(vexfs_collection, m, kNumber),
    VEXFS_FIELD(vexfs_collection, ef_construction, kNumber),
    VEXFS_FIELD(vexfs_collection, slots, kNumber),
    VEXFS_FIELD(vexfs_collection, seed, kNumber),
    VEXFS_FIELD(vexfs_collection, sequence, kNumber),
    VEXFS_FIELD(vexfs_collection, live, kNumber),
    VEXFS_FIELD(vexfs_collection, linked, kNumber),
    VEXFS_FIELD(vexfs_collection, entry, kNumber),
    VEXFS_FIELD(vexfs_collection, entry_level, kNumber),
    VEXFS_FIELD(vexfs_collection, upper_lists, kNumber),
    VEXFS_FIELD(vexfs_collection, reserved, kReserved),
};

constexpr Field kSlotFields[] = {
    VEXFS_FIELD(vexfs_slot, id, kNumber),         VEXFS_FIELD(vexfs_slot, row_crc, kHex),
    VEXFS_FIELD(vexfs_slot, first, kNumber),      VEXFS_FIELD(vexfs_slot, upper, kNumber),
    VEXFS_FIELD(vexfs_slot, level, kNumber),      VEXFS_FIELD(vexfs_slot, flags, kHex),
    VEXFS_FIELD(vexfs_slot, reserved, kReserved),
};

#undef VEXFS_FIELD
#undef VEXFS_PART

}  // namespace

const StructureType kSuperblockType{"superblock", sizeof(vexfs_superblock), kSuperblockFields, 4};
const StructureType kAnchorType{"anchor", sizeof(vexfs_anchor), kAnchorFields, 4};
const StructureType kStateType{"state", sizeof(vexfs_state), kStateFields, 4};
const StructureType kInodeType{"inode", sizeof(vexfs_inode), kInodeFields, 0};
const StructureType kExtentType{"extent", sizeof(vexfs_extent), kExtentFields};
const StructureType kExtentIndexType{"index", sizeof(vexfs_extent_index), kExtentIndexFields};
const StructureType kExtentNodeType{"extent node", sizeof(vexfs_extent_node), kExtentNodeFields, 4};
const StructureType kDirHeaderType{"directory block", sizeof(vexfs_dir_header), kDirHeaderFields,
                                   4};
const StructureType kDirRecordType{"record", sizeof(vexfs_dir_record), kDirRecordFields};
const StructureType kTxHeaderType{"tx header", sizeof(vexfs_tx_header), kTxHeaderFields};
const StructureType kTxBlockType{"tx block", sizeof(vexfs_tx_block), kTxBlockFields};
const StructureType kTxCommitType{"tx commit", sizeof(vexfs_tx_commit), kTxCommitFields, 4};
const StructureType kEventType{"event", sizeof(vexfs_event), kEventFields, 4};
const StructureType kCollectionType{"collection", sizeof(vexfs_collection), kCollectionFields, 4};
const StructureType kSlotType{"slot", sizeof(vexfs_slot), kSlotFields};

}  // namespace vexfs::tools

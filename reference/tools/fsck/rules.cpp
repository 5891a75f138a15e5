// SPDX-License-Identifier: MIT
// The rules by name, each with what a repair would do.
#include <algorithm>
#include <array>

#include "reference/tools/fsck/check_volume.h"

namespace vexfs::tools {
namespace {

constexpr std::string_view kUseCopy = "write the good superblock over the other one";
constexpr std::string_view kRecount = "write the counted value";
constexpr std::string_view kZero = "write zeros there";
constexpr std::string_view kCrc = "recompute the checksum if all else in the structure is sound";
constexpr std::string_view kCut = "remove the entry and free what only it reached";
constexpr std::string_view kClearInode = "clear the inode and remove the records that name it";
constexpr std::string_view kDropRing = "empty the event ring and keep the next sequence number";
constexpr std::string_view kDropLog = "end the log before this transaction";
constexpr std::string_view kBits = "rewrite the bits from what the inodes use";
constexpr std::string_view kDropVector = "mark the slot dead";
constexpr std::string_view kDropCollection =
    "put the live vectors whose rows are sound into a new collection";
constexpr std::string_view kNone = "nothing: it is legal";

constexpr std::array kRules = {
    Rule{"anchor.flags", "clear the unknown flags"},
    Rule{"anchor.none", "write an anchor that starts an empty log"},
    Rule{"anchor.number", "rewrite the lower anchor with the number below the higher one's"},
    Rule{"anchor.order", "rewrite the lower anchor with the values of the higher one"},
    Rule{"anchor.reserved", kZero},
    Rule{"anchor.tail", "write an anchor that starts an empty log"},
    Rule{"anchor.torn", kNone},
    Rule{"anchor.zero", "write an anchor that starts an empty log"},
    Rule{"bitmap.leaked", kBits},
    Rule{"bitmap.missing", kBits},
    Rule{"bitmap.outside", kBits},
    Rule{"block.shared", "give each inode its own copy of the block"},
    Rule{"collection.block", kDropCollection},
    Rule{"collection.counters", kRecount},
    Rule{"collection.crc", kCrc},
    Rule{"collection.file", kDropVector},
    Rule{"collection.first", kDropCollection},
    Rule{"collection.header", kDropCollection},
    Rule{"collection.inode", kDropCollection},
    Rule{"collection.list", kDropCollection},
    Rule{"collection.row", kDropCollection},
    Rule{"collection.size", kDropCollection},
    Rule{"collection.slot", kDropCollection},
    Rule{"collection.unreachable", kNone},
    Rule{"collection.zero", kZero},
    Rule{"dir.crc", kCrc},
    Rule{"dir.hole", "map an empty directory block there"},
    Rule{"dir.home", "write the directory that holds its record"},
    Rule{"dir.magic", "replace the block by an empty directory block"},
    Rule{"dir.names", "keep the record in its home directory and remove the others"},
    Rule{"dir.records", "end the block's records before this one"},
    Rule{"event.constant", kDropRing},
    Rule{"event.crc", kDropRing},
    Rule{"event.epoch", kDropRing},
    Rule{"event.field_length", kDropRing},
    Rule{"event.fields", kDropRing},
    Rule{"event.ino", kDropRing},
    Rule{"event.length", kDropRing},
    Rule{"event.order", kDropRing},
    Rule{"event.parent", kDropRing},
    Rule{"event.sequence", kDropRing},
    Rule{"event.transaction", kDropRing},
    Rule{"event.type", kDropRing},
    Rule{"event.unit", kDropRing},
    Rule{"event.zero", kZero},
    Rule{"extent.length", kCut},
    Rule{"extent.order", kCut},
    Rule{"extent.range", kCut},
    Rule{"extent.unwritten", "mark it written"},
    Rule{"index.child", kCut},
    Rule{"index.reserved", kZero},
    Rule{"index.shared", kCut},
    Rule{"inode.blocks", kRecount},
    Rule{"inode.crc", kCrc},
    Rule{"inode.depth", "rebuild the tree from its extents"},
    Rule{"inode.extents", "rebuild the tree from its extents"},
    Rule{"inode.flags", "clear the flags"},
    Rule{"inode.free_slot", kZero},
    Rule{"inode.generation", "raise the volume's generation counter"},
    Rule{"inode.generation_twice", "give the inode a new generation"},
    Rule{"inode.home", "write a directory that holds a record of it"},
    Rule{"inode.inline_zero", kZero},
    Rule{"inode.mode", kClearInode},
    Rule{"inode.nlink", kRecount},
    Rule{"inode.nlink_max", "remove records until the limit holds"},
    Rule{"inode.no_blocks", kZero},
    Rule{"inode.nsec", kZero},
    Rule{"inode.owner", "write 0, the superuser"},
    Rule{"inode.past_end", "free the blocks past the end"},
    Rule{"inode.rdev", kZero},
    Rule{"inode.reserved", kZero},
    Rule{"inode.size", "cut the size to what is mapped"},
    Rule{"inode.system", kZero},
    Rule{"inode.truncating", "set its orphan bit"},
    Rule{"inode.unreachable", "give it a name in lost+found"},
    Rule{"inode_bitmap.outside", "set the bit"},
    Rule{"log.after_clean", "clear the CLEAN flag, so that the log is replayed"},
    Rule{"log.block", kDropLog},
    Rule{"log.block_flags", kDropLog},
    Rule{"log.first_unit", kDropLog},
    Rule{"log.flags", kDropLog},
    Rule{"log.mask", kDropLog},
    Rule{"log.order", kDropLog},
    Rule{"log.padding", kZero},
    Rule{"log.records", kDropLog},
    Rule{"log.reserved", kDropLog},
    Rule{"log.units", kDropLog},
    Rule{"log.zero_unit", kNone},
    Rule{"node.crc", kCrc},
    Rule{"node.depth", "rebuild the tree from its extents"},
    Rule{"node.entries", "rebuild the tree from its extents"},
    Rule{"node.key", "write the key of the first entry into the index entry"},
    Rule{"node.magic", kCut},
    Rule{"node.owner", kCut},
    Rule{"node.reserved", kZero},
    Rule{"node.zero", kZero},
    Rule{"orphan.clean", "reclaim the orphan"},
    Rule{"orphan.free", "clear the bit"},
    Rule{"orphan.linked", "clear the bit"},
    Rule{"orphan.missing", "set the bit, so that the inode is reclaimed"},
    Rule{"orphan.not_empty", "give its entries a name in lost+found"},
    Rule{"record.ino", "remove the record"},
    Rule{"record.name", "rename the record"},
    Rule{"record.twice", "rename the second record"},
    Rule{"record.type", "write the type of the inode"},
    Rule{"record.unused", "merge the record into its predecessor"},
    Rule{"record.unused_zero", kZero},
    Rule{"record.zero", kZero},
    Rule{"ring.records", kDropRing},
    Rule{"ring.unused", kZero},
    Rule{"root.home", "write 1"},
    Rule{"root.missing", "make an empty root directory"},
    Rule{"root.mode", "make an empty root directory"},
    Rule{"root.named", "remove the records"},
    Rule{"state.crc", kCrc},
    Rule{"state.free_blocks", kRecount},
    Rule{"state.free_inodes", kRecount},
    Rule{"state.inode_cursor", "write 2"},
    Rule{"state.magic", "rebuild the state block from the volume"},
    Rule{"state.next_event", kRecount},
    Rule{"state.next_unit", kRecount},
    Rule{"state.reserved", kZero},
    Rule{"state.ring_head", kDropRing},
    Rule{"state.zero", kRecount},
    Rule{"super.block_size", kUseCopy},
    Rule{"super.copy", kUseCopy},
    Rule{"super.crc", kUseCopy},
    Rule{"super.features", kUseCopy},
    Rule{"super.inodes", kUseCopy},
    Rule{"super.label", kUseCopy},
    Rule{"super.limit", kUseCopy},
    Rule{"super.magic", kUseCopy},
    Rule{"super.region", kUseCopy},
    Rule{"super.size", kUseCopy},
    Rule{"super.unusable", "nothing: without a superblock the volume's shape is unknown"},
    Rule{"super.version", kUseCopy},
    Rule{"super.zero", kUseCopy},
    Rule{"symlink.block", kClearInode},
    Rule{"symlink.nul", kClearInode},
    Rule{"symlink.zero", kZero},
};

static_assert(std::ranges::is_sorted(kRules, {}, &Rule::name));

}  // namespace

std::span<const Rule> all_rules() { return kRules; }

std::string_view repair_of(std::string_view rule) {
  const auto found = std::ranges::lower_bound(kRules, rule, {}, &Rule::name);
  return found != kRules.end() && found->name == rule ? found->repair : std::string_view();
}

}  // namespace vexfs::tools

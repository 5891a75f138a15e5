// SPDX-License-Identifier: MIT
#include "fuse/core/inode_table.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vexfs::core {
namespace {

constexpr uint32_t kNanosecondsPerSecond = 1'000'000'000;
/** No owner: chown(2) takes it for "as it is". */
constexpr uint32_t kNobody = UINT32_MAX;

vexfs_inode* slot_of(Block& block, InodeNumber ino) {
  return reinterpret_cast<vexfs_inode*>(block.bytes.data() +
                                        ino % VEXFS_INODES_PER_BLOCK * VEXFS_INODE_SIZE);
}

uint32_t verified_bit(InodeNumber ino) { return 1U << (ino % VEXFS_INODES_PER_BLOCK); }

bool type_ok(uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
    case S_IFLNK:
    case S_IFIFO:
    case S_IFSOCK:
    case S_IFCHR:
    case S_IFBLK:
      return true;
    default:
      return false;
  }
}

bool size_ok(const vexfs_inode& inode) {
  if (inode.size > VEXFS_FILE_SIZE_MAX) return false;
  if (S_ISDIR(inode.mode)) return inode.size % kBlockSize == 0;
  if (S_ISLNK(inode.mode)) return inode.size >= 1 && inode.size <= VEXFS_SYMLINK_MAX;
  return true;
}

}  // namespace

InodeTable::InodeTable(const Layout& layout, BlockCache& cache)
    : layout_(layout),
      cache_(cache),
      used_(cache, layout.inode_bitmap),
      orphans_(cache, layout.orphan_bitmap) {}

bool InodeTable::valid(InodeNumber ino, const vexfs_inode& inode) const {
  const auto bytes = std::as_bytes(std::span(&inode, 1));
  return type_ok(inode.mode) && size_ok(inode) && inode.uid != kNobody && inode.gid != kNobody &&
         inode.extents <= layout_.inline_extents && inode.depth <= VEXFS_EXTENT_DEPTH_MAX &&
         (inode.depth == 0 || inode.extents >= 1) && inode.atime_nsec < kNanosecondsPerSecond &&
         inode.mtime_nsec < kNanosecondsPerSecond && inode.ctime_nsec < kNanosecondsPerSecond &&
         inode.crc == layout_.checksum.of(ino, bytes, offsetof(vexfs_inode, crc));
}

Expected<InodeRef> InodeTable::read(InodeNumber ino, InodeSource source) {
  if (ino < 1 || ino > layout_.inodes) {
    return fail(source == InodeSource::kCaller ? ESTALE : EUCLEAN);
  }
  auto block = cache_.get(block_of(ino));
  if (!block) return fail(block.error());
  vexfs_inode* raw = slot_of(**block, ino);
  if (((*block)->verified.load(std::memory_order_acquire) & verified_bit(ino)) == 0) {
    if (!valid(ino, *raw)) {
      if (source != InodeSource::kCaller) return fail(EUCLEAN);
      const auto used = used_.test(ino);
      if (!used) return fail(used.error());
      return fail(*used ? EUCLEAN : ESTALE);
    }
    (*block)->kind = BlockKind::kInodes;
    (*block)->verified.fetch_or(verified_bit(ino), std::memory_order_release);
  }
  const bool nameless = raw->nlink == 0 || (raw->flags & VEXFS_INODE_SYSTEM) != 0;
  if (source == InodeSource::kNamed && nameless) return fail(EUCLEAN);
  return InodeRef{std::move(*block), raw, ino};
}

Expected<InodeNumber> InodeTable::gather_new(Unit& unit, const vexfs_state& state) {
  const auto numbers = gather_new(unit, state, 1);
  if (!numbers) return fail(numbers.error());
  return numbers->front();
}

Expected<std::vector<InodeNumber>> InodeTable::gather_new(Unit& unit, const vexfs_state& state,
                                                          size_t count) {
  if (state.free_inodes < count) return fail(ENOSPC);
  std::vector<InodeNumber> numbers;
  for (InodeNumber cursor = state.inode_cursor; numbers.size() < count;) {
    auto found = used_.first_clear(cursor, layout_.inodes + 1, nullptr, false);
    if (found && !*found) found = used_.first_clear(2, state.inode_cursor, nullptr, false);
    if (!found) return fail(found.error());
    if (!*found) return fail(EUCLEAN);
    const InodeNumber ino = **found;
    if (std::ranges::find(numbers, ino) != numbers.end()) return fail(EUCLEAN);
    if (auto loaded = used_.gather(unit, ino); !loaded) return fail(loaded.error());
    const auto block = unit.write(block_of(ino));
    if (!block) return fail(block.error());
    // A number that the bitmap calls free and that is not must not be given to a second owner.
    static constexpr vexfs_inode kFree{};
    if (std::memcmp(slot_of(**block, ino), &kFree, sizeof kFree) != 0) return fail(EUCLEAN);
    numbers.push_back(ino);
    cursor = ino == layout_.inodes ? 2 : ino + 1;
  }
  return numbers;
}

InodeRef InodeTable::allocate(Unit& unit, vexfs_state& state, InodeNumber ino) {
  used_.set(unit, ino);
  state.inode_cursor = ino == layout_.inodes ? 2 : ino + 1;
  --state.free_inodes;
  Block& block = unit.at(block_of(ino));
  block.kind = BlockKind::kInodes;
  block.verified.fetch_or(verified_bit(ino), std::memory_order_release);
  vexfs_inode* raw = slot_of(block, ino);
  std::memset(raw, 0, sizeof *raw);
  raw->generation = ++state.generation;
  return {cache_.find(block.number), raw, ino};
}

Expected<void> InodeTable::gather_orphan(Unit& unit, InodeNumber ino) {
  return orphans_.gather(unit, ino);
}

Expected<void> InodeTable::gather_free(Unit& unit, const InodeRef& inode) {
  const auto used = used_.test(inode.ino);
  if (!used) return fail(used.error());
  if (!*used) return fail(EUCLEAN);
  if (auto loaded = used_.gather(unit, inode.ino); !loaded) return loaded;
  return orphans_.gather(unit, inode.ino);
}

void InodeTable::set_orphan(Unit& unit, InodeNumber ino, bool orphan) {
  if (orphan) {
    orphans_.set(unit, ino);
  } else {
    orphans_.clear(unit, ino);
  }
}

void InodeTable::free(Unit& unit, vexfs_state& state, const InodeRef& inode) {
  std::memset(inode.raw, 0, sizeof *inode.raw);
  inode.block->verified.fetch_and(~verified_bit(inode.ino), std::memory_order_release);
  orphans_.clear(unit, inode.ino);
  used_.clear(unit, inode.ino);
  ++state.free_inodes;
}

Expected<std::optional<uint64_t>> InodeTable::next_orphan(InodeNumber from) {
  return orphans_.first_set(from, layout_.inodes + 1);
}

Attributes attributes_of(const InodeRef& inode) {
  const vexfs_inode& raw = *inode.raw;
  Attributes out;
  out.ino = inode.ino;
  out.generation = raw.generation;
  out.mode = raw.mode;
  out.nlink = raw.nlink;
  out.uid = raw.uid;
  out.gid = raw.gid;
  out.rdev = S_ISCHR(raw.mode) || S_ISBLK(raw.mode) ? uint32_t{raw.rdev} : 0;
  out.size = raw.size;
  out.blocks = raw.blocks;
  out.atime = {static_cast<int64_t>(raw.atime), raw.atime_nsec};
  out.mtime = {static_cast<int64_t>(raw.mtime), raw.mtime_nsec};
  out.ctime = {static_cast<int64_t>(raw.ctime), raw.ctime_nsec};
  out.home = raw.home;
  out.collection = inode.is_collection() ? raw.collection : 0;
  return out;
}

}  // namespace vexfs::core

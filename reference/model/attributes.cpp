// SPDX-License-Identifier: MIT
#include "reference/model/attributes.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "reference/contract/limits.h"
#include "reference/model/event.h"
#include "reference/model/extents.h"
#include "reference/model/file.h"
#include "reference/model/inode.h"
#include "reference/model/reclaim.h"
#include "reference/model/unit.h"

namespace vexfs::model {
namespace {

using posix::SetAttr;

bool changes_nothing(const SetAttr& change) {
  return !change.mode && !change.uid && !change.gid && !change.size && !change.atime &&
         !change.mtime;
}

std::uint64_t first_block_behind(std::uint64_t size) {
  return (size + kBlockSize - 1) / kBlockSize;
}

// The rest of the block in which the file now ends becomes zeros.
Result<void> zero_tail(Mounted& volume, Ino ino, const vexfs_inode& inode) {
  const std::size_t used = inode.size % kBlockSize;
  if (used == 0) return {};
  VEXFS_TRY(block,
            mapped_block(volume, ino, inode, static_cast<std::uint32_t>(inode.size / kBlockSize)));
  if (block) std::ranges::fill(edit_file_block(volume, *block).subspan(used), std::byte{0});
  return {};
}

// What the unit does about blocks behind the new size.
enum class Removal {
  kOnePiece,   // removes them; kMoreLeft if that takes more than one piece
  kAnnounced,  // marks the inode for the units that will
};

// Never seen by a caller: the unit is undone and run again.
constexpr int kMoreLeft = EINPROGRESS;

// Sets the size.
Result<void> change_size(Mounted& volume, Ino ino, vexfs_inode& inode, std::uint64_t size,
                         Removal removal) {
  const bool shrinks = size < inode.size;
  inode.size = size;
  set_changed(inode, timestamp_now(volume));
  const std::uint64_t first = first_block_behind(size);
  if (removal == Removal::kOnePiece) {
    VEXFS_TRY(more, remove_piece(volume, ino, inode, first));
    if (more) return std::unexpected(kMoreLeft);
  } else {
    inode.flags |= VEXFS_INODE_TRUNCATING;
    set_orphan(volume, ino);
  }
  // Last, because a data write outside the log cannot be taken back.
  return shrinks ? zero_tail(volume, ino, inode) : Result<void>{};
}

Timestamp time_for(const Mounted& volume, const posix::SetTime& time) {
  return time.now ? timestamp_now(volume) : time.value;
}

void apply_simple(const Mounted& volume, vexfs_inode& inode, const SetAttr& change) {
  if (change.uid) inode.uid = *change.uid;
  if (change.gid) inode.gid = *change.gid;
  if (change.mode) inode.mode = static_cast<__u16>((inode.mode & S_IFMT) | (*change.mode & 07777));
  inode.mode &= static_cast<__u16>(~(change.kill_setid & (S_ISUID | S_ISGID)));
  set_ctime(inode, timestamp_now(volume));
  if (change.atime) set_atime(inode, time_for(volume, *change.atime));
  if (change.mtime) set_mtime(inode, time_for(volume, *change.mtime));
}

// The first of Truncate, Chown, Chmod, Utimens that applies.
Event event_for(Ino ino, const vexfs_inode& before, const vexfs_inode& now, const SetAttr& change) {
  if (change.size) {
    Event event(VEXFS_EV_TRUNCATE, ino, 0);
    event.size(before.size, now.size);
    if (before.mode != now.mode) event.mode(before.mode, now.mode);
    return event;
  }
  if (change.uid || change.gid) {
    Event event(VEXFS_EV_CHOWN, ino, 0);
    event.owner(before.uid, before.gid, now.uid, now.gid);
    if (before.mode != now.mode) event.mode(before.mode, now.mode);
    return event;
  }
  if (change.mode) return Event(VEXFS_EV_CHMOD, ino, 0).mode(before.mode, now.mode);
  return Event(VEXFS_EV_UTIMENS, ino, 0)
      .times({static_cast<std::int64_t>(now.atime), now.atime_nsec},
             {static_cast<std::int64_t>(now.mtime), now.mtime_nsec});
}

Result<void> check_size(const vexfs_inode& inode, std::uint64_t size) {
  if (is_directory(inode)) return std::unexpected(EISDIR);
  if (!is_regular(inode)) return std::unexpected(EINVAL);
  if (size > VEXFS_FILE_SIZE_MAX) return std::unexpected(EFBIG);
  if (inode.flags & VEXFS_INODE_TRUNCATING) return std::unexpected(EUCLEAN);
  return {};
}

Result<void> change_in_unit(Mounted& volume, Ino ino, const SetAttr& change, Removal removal) {
  VEXFS_TRY(before, load_inode(volume, ino));
  if (change.size) VEXFS_CHECK(check_size(before, *change.size));
  vexfs_inode inode = before;
  apply_simple(volume, inode, change);
  if (change.size) VEXFS_CHECK(change_size(volume, ino, inode, *change.size, removal));
  store_inode(volume, ino, inode);
  event_for(ino, before, inode, change).emit(volume, current_unit(volume));
  return {};
}

}  // namespace

Result<posix::Attr> get_attributes(const Mounted& volume, Ino ino) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  return attributes(ino, inode);
}

Result<posix::Attr> set_attributes(Mounted& volume, Ino ino, const SetAttr& change) {
  if (changes_nothing(change)) return get_attributes(volume, ino);
  const auto run = [&](Removal removal) {
    return run_unit(volume, [&] { return change_in_unit(volume, ino, change, removal); });
  };
  const auto done = run(Removal::kOnePiece);
  if (!done && done.error() != kMoreLeft) return std::unexpected(done.error());
  if (!done) {
    VEXFS_CHECK(run(Removal::kAnnounced));
    VEXFS_CHECK(finish_truncation(volume, ino));
  }
  return get_attributes(volume, ino);
}

}  // namespace vexfs::model

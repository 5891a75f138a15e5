// SPDX-License-Identifier: MIT
// getattr, setattr with truncation, handles.
#include <cerrno>
#include <cstring>

#include "fuse/core/operations.h"
#include "fuse/core/volume.h"

namespace vexfs::core {
namespace {

/** The block whose end a truncation zeroes; none if `pblk` is 0. */
struct Tail {
  uint64_t pblk = 0;
  /** Bytes of it that stay. */
  uint32_t keep = 0;
  /** Under data=journal: the block in the cache. */
  BlockRef cached;
};

bool changes_owner(const AttributeChange& change) { return change.uid || change.gid; }
bool changes_times(const AttributeChange& change) { return change.atime || change.mtime; }
bool changes_nothing(const AttributeChange& change) {
  return !change.mode && !change.size && !changes_owner(change) && !changes_times(change);
}

/** Gathering: the block that the new size cuts, if it is mapped. */
Expected<Tail> gather_tail(Engine& engine, const InodeRef& inode, uint64_t size) {
  if (size >= inode.raw->size || size % kBlockSize == 0) return Tail{};
  const auto mapping = engine.tree.map(inode, size / kBlockSize);
  if (!mapping) return fail(mapping.error());
  if (mapping->pblk == 0 || mapping->unwritten) return Tail{};
  Tail tail{mapping->pblk, static_cast<uint32_t>(size % kBlockSize), {}};
  if (engine.faults.planted(Fault::kTruncateKeepsTail)) return Tail{};
  if (engine.options.data == DataMode::kJournal) {
    auto block = engine.cache.get(tail.pblk);
    if (!block) return fail(block.error());
    tail.cached = std::move(*block);
  }
  return tail;
}

/** The last step of gathering, since it may fail: under ordered and writeback data the tail is
 * zeroed at its home. */
Expected<void> zero_tail_at_home(Engine& engine, const Tail& tail) {
  const auto bytes = engine.stage.scratch();
  if (auto read = engine.device->read(tail.pblk * kBlockSize, bytes); !read) return read;
  std::memset(bytes.data() + tail.keep, 0, kBlockSize - tail.keep);
  engine.stage.add(tail.pblk, bytes);
  engine.stage.flush();
  return {};
}

/** Mode after the change, set-id clearing included. */
uint32_t new_mode(const InodeRef& inode, const AttributeChange& change) {
  uint32_t mode = inode.raw->mode;
  if (change.mode) mode = inode.type() | (*change.mode & 07777);
  const bool kills = change.kill_setid && !inode.is_directory() &&
                     (change.size.has_value() || changes_owner(change));
  return kills ? without_setid(mode) : mode;
}

/** Applying: everything but the extents; describes the event. */
void apply_change(Engine& engine, const InodeRef& inode, const AttributeChange& change) {
  vexfs_inode& raw = *inode.raw;
  const Time now = engine.time_now();
  const uint32_t old_mode = raw.mode;
  const uint32_t mode = new_mode(inode, change);
  const uint32_t old_uid = raw.uid;
  const uint32_t old_gid = raw.gid;
  const uint64_t old_size = raw.size;
  raw.mode = static_cast<__le16>(mode);
  if (change.uid) raw.uid = *change.uid;
  if (change.gid) raw.gid = *change.gid;
  if (change.size) {
    raw.size = *change.size;
    set_mtime(inode, now);
  }
  if (change.atime) set_atime(inode, change.atime->now ? now : change.atime->time);
  if (change.mtime) set_mtime(inode, change.mtime->now ? now : change.mtime->time);
  set_ctime(inode, now);

  EventRecord& event = engine.event;
  const bool has_parent = engine.faults.planted(Fault::kInodeEventHasParent);
  const InodeNumber parent = has_parent ? InodeNumber{raw.home} : 0;
  if (change.size) {
    event.start(VEXFS_EV_TRUNCATE, inode.ino, parent).longs(VEXFS_TAG_SIZE, {old_size, raw.size});
    if (change.kill_setid && mode != old_mode) event.words(VEXFS_TAG_MODE, {old_mode, mode});
  } else if (changes_owner(change)) {
    event.start(VEXFS_EV_CHOWN, inode.ino, parent)
        .words(VEXFS_TAG_OWNER, {old_uid, old_gid, raw.uid, raw.gid});
    if (mode != old_mode) event.words(VEXFS_TAG_MODE, {old_mode, mode});
  } else if (change.mode) {
    event.start(VEXFS_EV_CHMOD, inode.ino, parent).words(VEXFS_TAG_MODE, {old_mode, mode});
  } else {
    const Attributes after = attributes_of(inode);
    event.start(VEXFS_EV_UTIMENS, inode.ino, parent).times(after.atime, after.mtime);
  }
}

/** The unit. True: a truncation was begun whose pieces are still to be removed. */
Expected<bool> change_once(Engine& engine, InodeNumber ino, const AttributeChange& change) {
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return fail(begun.error());
  const auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  engine.inodes.gather(unit, *inode);
  RemovalPlan plan{.runs = {}, .complete = true};
  Tail tail;
  if (change.size) {
    if (auto orphan = engine.inodes.gather_orphan(unit, ino); !orphan) return fail(orphan.error());
    auto removal =
        engine.tree.gather_removal(unit, *inode, (*change.size + kBlockSize - 1) / kBlockSize);
    if (!removal) return fail(removal.error());
    plan = std::move(*removal);
    auto cut = gather_tail(engine, *inode, *change.size);
    if (!cut) return fail(cut.error());
    tail = std::move(*cut);
    if (tail.pblk != 0 && !tail.cached) {
      if (auto zeroed = zero_tail_at_home(engine, tail); !zeroed) return fail(zeroed.error());
    }
  }

  if (tail.cached) {
    Block* block = unit.write_data(tail.cached);
    std::memset(block->bytes.data() + tail.keep, 0, kBlockSize - tail.keep);
  }
  apply_change(engine, *inode, change);
  if (plan.complete) {
    engine.tree.remove(unit, engine.state(), *inode, plan, engine.data_in_cache);
  } else {
    inode->raw->flags |= VEXFS_INODE_TRUNCATING;
    engine.inodes.set_orphan(unit, ino, true);
  }
  engine.emit(unit);
  engine.commit(unit);
  return !plan.complete;
}

Expected<void> check_change(const InodeRef& inode, const AttributeChange& change) {
  if (!change.size) return {};
  if (inode.is_directory()) return fail(EISDIR);
  if (!inode.is_regular()) return fail(EINVAL);
  if (*change.size > VEXFS_FILE_SIZE_MAX) return fail(EFBIG);
  // An earlier truncation failed halfway: what it left must not become visible again.
  if ((inode.raw->flags & VEXFS_INODE_TRUNCATING) != 0) return fail(EUCLEAN);
  return {};
}

}  // namespace

Expected<Attributes> Volume::getattr(InodeNumber ino) {
  const std::shared_lock lock(engine_->lock);
  const auto inode = engine_->inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  return attributes_of(*inode);
}

Expected<Attributes> Volume::setattr(InodeNumber ino, const AttributeChange& change) {
  if (changes_nothing(change)) return getattr(ino);
  Engine& engine = *engine_;
  const Mutation lock(engine);
  if (auto writable = engine.check_writable(); !writable) return fail(writable.error());
  auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  if (auto checked = check_change(*inode, change); !checked) return fail(checked.error());
  const bool same_size = change.size && *change.size == inode->raw->size;
  if (same_size && engine.faults.planted(Fault::kSameSizeIgnored)) return attributes_of(*inode);
  const auto pieces = change_once(engine, ino, change);
  if (!pieces) return fail(pieces.error());
  engine.close_if_full();
  if (*pieces) {
    if (auto done = engine.finish_truncation(ino); !done) return fail(done.error());
  }
  return attributes_of(*inode);
}

Expected<Attributes> Volume::open_inode(InodeNumber ino) {
  const Mutation lock(*engine_);
  const auto inode = engine_->inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  ++engine_->handles[ino];
  return attributes_of(*inode);
}

void Volume::release(InodeNumber ino) {
  const Mutation lock(*engine_);
  const auto handle = engine_->handles.find(ino);
  if (handle == engine_->handles.end()) return;
  if (--handle->second > 0) return;
  engine_->handles.erase(handle);
  if (engine_->held_orphans.erase(ino) > 0) engine_->reclaimable.insert(ino);
}

void Volume::forget(InodeNumber ino) {
  const Mutation lock(*engine_);
  engine_->directories.forget(ino);
}

}  // namespace vexfs::core

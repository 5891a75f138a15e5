// SPDX-License-Identifier: MIT
// rename, with its two flags.
#include <linux/fs.h>

#include <cerrno>
#include <optional>

#include "fuse/core/collection_files.h"
#include "fuse/core/file_vector.h"
#include "fuse/core/operations.h"
#include "fuse/core/volume.h"

namespace vexfs::core {
namespace {

/** Both ends of a rename, found and checked. */
struct Renaming {
  InodeNumber old_parent;
  std::string_view old_name;
  InodeNumber new_parent;
  std::string_view new_name;
  uint32_t flags;

  InodeRef old_directory;
  InodeRef new_directory;
  FoundRecord old_record;
  std::optional<FoundRecord> new_record;
  InodeRef source;
  /** What has the new name; raw is null if nothing has. */
  InodeRef target;

  bool exchange() const { return (flags & RENAME_EXCHANGE) != 0; }
  bool has_target() const { return target.raw != nullptr; }
  bool changes_parent() const { return old_parent != new_parent; }
};

/** Whether directory `above` is `ino` or lies above it, as far as homes tell: those of a damaged
 * volume may form a ring or name nothing, and the VFS has checked its own paths anyway. */
Expected<bool> is_above(Engine& engine, InodeNumber above, InodeNumber ino) {
  InodeNumber mark = 0;
  uint64_t steps = 0;
  uint64_t next_mark = 1;
  while (ino != above) {
    if (ino == VEXFS_ROOT_INO) return false;
    if (ino == mark) return false;
    if (++steps == next_mark) {
      mark = ino;
      next_mark *= 2;
    }
    const auto inode = engine.inodes.read(ino, InodeSource::kNamed);
    if (!inode && inode.error() == EUCLEAN) return false;
    if (!inode) return fail(inode.error());
    ino = inode->raw->home;
  }
  return true;
}

Expected<void> find_ends(Engine& engine, Renaming& renaming) {
  auto old_directory = live_directory_of(engine, renaming.old_parent);
  if (!old_directory) return fail(old_directory.error());
  auto new_directory = live_directory_of(engine, renaming.new_parent);
  if (!new_directory) return fail(new_directory.error());
  const auto old_record = find_record(engine, *old_directory, renaming.old_name);
  if (!old_record) return fail(old_record.error());
  const auto new_record = engine.directories.find(*new_directory, renaming.new_name);
  if (!new_record) return fail(new_record.error());
  auto source = engine.inodes.read(old_record->ino, InodeSource::kNamed);
  if (!source) return fail(source.error());
  if (*new_record) {
    auto target = engine.inodes.read((*new_record)->ino, InodeSource::kNamed);
    if (!target) return fail(target.error());
    renaming.target = std::move(*target);
  }
  renaming.old_directory = std::move(*old_directory);
  renaming.new_directory = std::move(*new_directory);
  renaming.old_record = *old_record;
  renaming.new_record = *new_record;
  renaming.source = std::move(*source);
  return {};
}

/** No directory may be moved below itself. */
Expected<void> check_no_loop(Engine& engine, const Renaming& renaming) {
  if (!renaming.changes_parent()) return {};
  if (renaming.source.is_directory()) {
    const auto above = is_above(engine, renaming.source.ino, renaming.new_parent);
    if (!above) return fail(above.error());
    if (*above) return fail(EINVAL);
  }
  if (renaming.has_target() && renaming.target.is_directory()) {
    const auto above = is_above(engine, renaming.target.ino, renaming.old_parent);
    if (!above) return fail(above.error());
    if (*above) return fail(renaming.exchange() ? EINVAL : ENOTEMPTY);
  }
  return {};
}

/** Parents may get a subdirectory more. */
Expected<void> check_links(Engine& engine, const Renaming& renaming) {
  if (!renaming.changes_parent()) return {};
  const bool target_directory = renaming.has_target() && renaming.target.is_directory();
  const bool source_directory = renaming.source.is_directory();
  const uint32_t most = engine.layout.max_links;
  if (source_directory && !target_directory && renaming.new_directory.raw->nlink >= most) {
    return fail(EMLINK);
  }
  if (renaming.exchange() && target_directory && !source_directory &&
      renaming.old_directory.raw->nlink >= most) {
    return fail(EMLINK);
  }
  return {};
}

Expected<void> check_target(Engine& engine, const Renaming& renaming) {
  if (renaming.exchange() || !renaming.has_target()) return {};
  if (renaming.source.is_directory() && !renaming.target.is_directory()) return fail(ENOTDIR);
  if (!renaming.source.is_directory() && renaming.target.is_directory()) return fail(EISDIR);
  if (!renaming.target.is_directory()) return {};
  const auto empty = engine.directories.empty(renaming.target);
  if (!empty) return fail(empty.error());
  if (!*empty) return fail(ENOTEMPTY);
  return {};
}

/** No file may leave the collection that has its vector. */
Expected<void> check_vectors(Engine& engine, const Renaming& renaming) {
  auto stays = check_stays_home(engine, renaming.source, renaming.new_parent);
  if (!stays || !renaming.exchange()) return stays;
  return check_stays_home(engine, renaming.target, renaming.old_parent);
}

/** All checks; `renaming` is complete afterwards. False: both names are one inode, nothing is to be
 * done. */
Expected<bool> check_rename(Engine& engine, Renaming& renaming) {
  if (auto writable = engine.check_writable(); !writable) return fail(writable.error());
  if (auto good = check_name(renaming.old_name); !good) return fail(good.error());
  if (auto good = check_name(renaming.new_name); !good) return fail(good.error());
  if (is_dot(renaming.old_name) || is_dot(renaming.new_name)) return fail(EBUSY);
  if (is_reserved(renaming.old_name)) {
    const auto directory = directory_of(engine, renaming.old_parent);
    if (directory && is_served(*directory, renaming.old_name)) return fail(EPERM);
  }
  if (auto found = find_ends(engine, renaming); !found) return fail(found.error());
  if (renaming.has_target() && (renaming.flags & RENAME_NOREPLACE) != 0) return fail(EEXIST);
  if (!renaming.has_target() && renaming.exchange()) return fail(ENOENT);
  if (auto checked = check_no_loop(engine, renaming); !checked) return fail(checked.error());
  if (renaming.has_target() && renaming.source.ino == renaming.target.ino) return false;
  if (is_reserved(renaming.new_name)) return fail(EPERM);
  if (auto checked = check_target(engine, renaming); !checked) return fail(checked.error());
  if (auto checked = check_links(engine, renaming); !checked) return fail(checked.error());
  if (auto checked = check_vectors(engine, renaming); !checked) return fail(checked.error());
  return true;
}

/** Gathered places of the two records; `insert` only if the new name has none yet. */
struct Places {
  std::optional<InsertPlace> insert;
  std::optional<RecordPlace> new_record;
  RecordPlace old_record;
  /** What ends with the replaced directory. */
  std::optional<CollectionInodes> collection;
  /** What goes with the replaced file. */
  std::optional<VectorDeath> vector;
};

/** Applying: the parents' counts of subdirectories. */
void move_links(Engine& engine, const Renaming& renaming) {
  if (engine.faults.planted(Fault::kRenameKeepsNlink)) return;
  const bool target_directory = renaming.has_target() && renaming.target.is_directory();
  if (renaming.source.is_directory()) {
    --renaming.old_directory.raw->nlink;
    ++renaming.new_directory.raw->nlink;
  }
  if (!target_directory) return;
  --renaming.new_directory.raw->nlink;
  if (renaming.exchange()) ++renaming.old_directory.raw->nlink;
}

/** Applying: what had the new name loses a link, or gets the old one. */
void settle_target(Engine& engine, Unit& unit, const Renaming& renaming, const Places& places,
                   const Time& time) {
  if (!renaming.has_target()) return;
  set_ctime(renaming.target, time);
  if (renaming.exchange()) {
    renaming.target.raw->home = renaming.old_parent;
  } else if (!renaming.target.is_directory() && renaming.target.raw->nlink > 1) {
    --renaming.target.raw->nlink;
  } else {
    if (places.collection) end_collection(engine, unit, renaming.target, *places.collection);
    if (places.vector) places.vector->apply(renaming.target);
    make_orphan(engine, unit, renaming.target);
  }
}

void describe(EventRecord& event, const Renaming& renaming) {
  event.start(VEXFS_EV_RENAME, renaming.source.ino, renaming.old_parent)
      .bytes(VEXFS_TAG_NAME, renaming.old_name)
      .bytes(VEXFS_TAG_NEW_NAME, renaming.new_name)
      .longs(VEXFS_TAG_NEW_PARENT, {renaming.new_parent})
      .words(VEXFS_TAG_RENAME, {renaming.flags});
  if (renaming.has_target()) event.longs(VEXFS_TAG_OTHER, {renaming.target.ino});
}

Expected<Places> gather(Engine& engine, Unit& unit, const Renaming& renaming) {
  Places places;
  engine.inodes.gather(unit, renaming.old_directory);
  engine.inodes.gather(unit, renaming.new_directory);
  engine.inodes.gather(unit, renaming.source);
  if (renaming.has_target()) {
    engine.inodes.gather(unit, renaming.target);
    auto orphan = engine.inodes.gather_orphan(unit, renaming.target.ino);
    if (!orphan) return fail(orphan.error());
    auto record = engine.directories.gather_record(unit, renaming.new_directory,
                                                   renaming.new_record->position);
    if (!record) return fail(record.error());
    places.new_record = std::move(*record);
    if (!renaming.exchange()) {
      auto collection = gather_collection_end(engine, unit, renaming.target);
      if (!collection) return fail(collection.error());
      places.collection = std::move(*collection);
      auto vector = gather_last_link(engine, unit, renaming.target);
      if (!vector) return fail(vector.error());
      places.vector = std::move(*vector);
    }
  } else {
    auto insert = gather_name(engine, unit, renaming.new_directory, renaming.new_name);
    if (!insert) return fail(insert.error());
    places.insert = std::move(*insert);
  }
  auto record =
      engine.directories.gather_record(unit, renaming.old_directory, renaming.old_record.position);
  if (!record) return fail(record.error());
  places.old_record = std::move(*record);
  return places;
}

Expected<void> rename_once(Engine& engine, const Renaming& renaming) {
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return begun;
  const auto places = gather(engine, unit, renaming);
  if (!places) return fail(places.error());

  engine.allocator.take(unit, engine.state());
  const uint8_t type = type_of(renaming.source);
  if (places->insert) {
    insert_name(engine, unit, renaming.new_directory, *places->insert, renaming.new_name,
                renaming.source.ino, type);
  } else {
    Directories::replace(unit, *places->new_record, renaming.source.ino, type);
  }
  if (renaming.exchange()) {
    Directories::replace(unit, places->old_record, renaming.target.ino, type_of(renaming.target));
  } else {
    engine.directories.remove(unit, places->old_record);
  }
  move_links(engine, renaming);
  const Time time = engine.time_now();
  touch_directory(renaming.old_directory, time);
  touch_directory(renaming.new_directory, time);
  if (!engine.faults.planted(Fault::kHomeKept)) renaming.source.raw->home = renaming.new_parent;
  set_ctime(renaming.source, time);
  settle_target(engine, unit, renaming, *places, time);
  describe(engine.event, renaming);
  if (!engine.faults.planted(Fault::kNoRenameEvent)) engine.emit(unit);
  if (places->vector) places->vector->emit(unit);
  engine.commit(unit);
  return {};
}

}  // namespace

Expected<void> Volume::rename(InodeNumber old_directory, std::string_view old_name,
                              InodeNumber new_directory, std::string_view new_name,
                              uint32_t flags) {
  if (flags != 0 && flags != RENAME_NOREPLACE && flags != RENAME_EXCHANGE) return fail(EINVAL);
  Engine& engine = *engine_;
  const Mutation lock(engine);
  Renaming renaming{
      old_directory, old_name, new_directory, new_name, flags, {}, {}, {}, {}, {}, {}};
  const auto needed = check_rename(engine, renaming);
  if (!needed) return fail(needed.error());
  if (!*needed) return {};
  auto renamed = engine.with_relief([&] { return rename_once(engine, renaming); });
  if (renamed) engine.close_if_full();
  return renamed;
}

}  // namespace vexfs::core

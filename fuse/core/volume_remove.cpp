// SPDX-License-Identifier: MIT
// Operations that take a name away: unlink, rmdir.
#include <cerrno>

#include "fuse/core/collection_files.h"
#include "fuse/core/file_vector.h"
#include "fuse/core/operations.h"
#include "fuse/core/volume.h"

namespace vexfs::core {
namespace {

/** A name to remove, found and checked. */
struct Removing {
  InodeRef directory;
  FoundRecord record;
  InodeRef inode;
};

Expected<Removing> find_name(Engine& engine, InodeNumber parent, std::string_view name) {
  if (auto writable = engine.check_writable(); !writable) return fail(writable.error());
  if (auto good = check_name(name); !good) return fail(good.error());
  auto directory = directory_of(engine, parent);
  if (!directory) return fail(directory.error());
  if (is_served(*directory, name)) return fail(EPERM);
  const auto record = find_record(engine, *directory, name);
  if (!record) return fail(record.error());
  auto inode = engine.inodes.read(record->ino, InodeSource::kNamed);
  if (!inode) return fail(inode.error());
  return Removing{std::move(*directory), *record, std::move(*inode)};
}

/** The unit: the record goes, the inode loses a link (a directory: all). Needs no room. */
Expected<void> remove_name(Engine& engine, const Removing& removing, std::string_view name,
                           uint16_t event) {
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return begun;
  engine.inodes.gather(unit, removing.directory);
  engine.inodes.gather(unit, removing.inode);
  if (auto orphan = engine.inodes.gather_orphan(unit, removing.inode.ino); !orphan) return orphan;
  const auto place =
      engine.directories.gather_record(unit, removing.directory, removing.record.position);
  if (!place) return fail(place.error());
  const auto collection = gather_collection_end(engine, unit, removing.inode);
  if (!collection) return fail(collection.error());
  const auto vector = gather_last_link(engine, unit, removing.inode);
  if (!vector) return fail(vector.error());

  if (*collection) end_collection(engine, unit, removing.inode, **collection);
  if (*vector) (*vector)->apply(removing.inode);
  engine.directories.remove(unit, *place);
  const Time time = engine.time_now();
  touch_directory(removing.directory, time);
  set_ctime(removing.inode, time);
  if (removing.inode.is_directory()) {
    --removing.directory.raw->nlink;
    make_orphan(engine, unit, removing.inode);
  } else if (removing.inode.raw->nlink > 1) {
    --removing.inode.raw->nlink;
  } else {
    make_orphan(engine, unit, removing.inode);
  }
  engine.event.start(event, removing.inode.ino, removing.directory.ino).bytes(VEXFS_TAG_NAME, name);
  engine.emit(unit);
  if (*vector) (*vector)->emit(unit);
  engine.commit(unit);
  return {};
}

}  // namespace

Expected<void> Volume::unlink(InodeNumber directory, std::string_view name) {
  Engine& engine = *engine_;
  const Mutation lock(engine);
  if (is_dot(name)) return fail(EISDIR);
  const auto removing = find_name(engine, directory, name);
  if (!removing) return fail(removing.error());
  if (removing->inode.is_directory()) return fail(EISDIR);
  auto removed = remove_name(engine, *removing, name, VEXFS_EV_DELETE);
  if (removed) engine.close_if_full();
  return removed;
}

Expected<void> Volume::rmdir(InodeNumber directory, std::string_view name) {
  Engine& engine = *engine_;
  const Mutation lock(engine);
  if (name == ".") return fail(EINVAL);
  if (name == "..") return fail(ENOTEMPTY);
  const auto removing = find_name(engine, directory, name);
  if (!removing) return fail(removing.error());
  if (!removing->inode.is_directory()) return fail(ENOTDIR);
  const auto empty = engine.directories.empty(removing->inode);
  if (!empty) return fail(empty.error());
  if (!*empty) return fail(ENOTEMPTY);
  auto removed = remove_name(engine, *removing, name, VEXFS_EV_RMDIR);
  if (removed) engine.close_if_full();
  return removed;
}

}  // namespace vexfs::core

// SPDX-License-Identifier: MIT
#include "fuse/core/operations.h"

#include <cerrno>

namespace vexfs::core {

Expected<void> check_name(std::string_view name) {
  if (name.empty()) return fail(ENOENT);
  if (name.size() > VEXFS_NAME_MAX) return fail(ENAMETOOLONG);
  if (name.find('/') != name.npos || name.find('\0') != name.npos) return fail(EINVAL);
  return {};
}

Expected<InodeRef> directory_of(Engine& engine, InodeNumber ino) {
  auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (inode && !inode->is_directory()) return fail(ENOTDIR);
  return inode;
}

Expected<InodeRef> live_directory_of(Engine& engine, InodeNumber ino) {
  auto inode = directory_of(engine, ino);
  if (inode && inode->raw->nlink == 0) return fail(ENOENT);
  return inode;
}

Expected<FoundRecord> find_record(Engine& engine, const InodeRef& directory,
                                  std::string_view name) {
  const auto found = engine.directories.find(directory, name);
  if (!found) return fail(found.error());
  if (!*found) return fail(ENOENT);
  return **found;
}

Expected<void> gather_block(Engine& engine, Unit& unit, const InodeRef& inode, uint64_t lblk) {
  if (auto room = engine.check_room(unit.picks.size() + 1); !room) return room;
  const auto goal = engine.tree.goal(inode, lblk);
  if (!goal) return fail(goal.error());
  const auto block = engine.allocator.pick(unit, *goal);
  if (!block) return fail(block.error());
  const auto nodes = engine.tree.gather_insert(unit, inode, lblk, *block);
  if (!nodes) return fail(nodes.error());
  if (auto room = engine.check_room(unit.picks.size() + *nodes); !room) return room;
  for (uint32_t i = 0; i < *nodes; ++i) {
    if (auto node = engine.allocator.pick(unit, 0); !node) return fail(node.error());
  }
  return {};
}

Expected<InsertPlace> gather_name(Engine& engine, Unit& unit, const InodeRef& directory,
                                  std::string_view name) {
  engine.inodes.gather(unit, directory);
  auto place = engine.directories.gather_insert(unit, directory, name);
  if (!place || !place->append) return place;
  if (auto block = gather_block(engine, unit, directory, place->lblk); !block) {
    return fail(block.error());
  }
  return place;
}

void insert_name(Engine& engine, Unit& unit, const InodeRef& directory, const InsertPlace& place,
                 std::string_view name, InodeNumber ino, uint8_t type) {
  uint64_t appended = 0;
  if (place.append) {
    appended = unit.next_pick();
    engine.tree.insert(unit, directory, place.lblk, appended);
    directory.raw->size += kBlockSize;
  }
  engine.directories.insert(unit, place, appended, name, ino, type);
}

}  // namespace vexfs::core

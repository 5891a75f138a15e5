// SPDX-License-Identifier: MIT
// Operations that give a name to an inode: mknod, create, mkdir, symlink, link.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fuse/core/file_vector.h"
#include "fuse/core/operations.h"
#include "fuse/core/volume.h"

namespace vexfs::core {
namespace {

/** An inode to be made under a name. */
struct Making {
  InodeNumber directory;
  std::string_view name;
  /** With the type. */
  uint32_t mode;
  const NewNode& node;
  std::string_view target;
  uint16_t event;
  /** Count a handle of it. */
  bool opened;

  bool is_directory() const { return S_ISDIR(mode); }
  bool is_symlink() const { return S_ISLNK(mode); }
  bool is_device() const { return S_ISCHR(mode) || S_ISBLK(mode); }
  bool has_target_block() const { return target.size() > VEXFS_INLINE_BYTES; }
};

/** Applying: fills a new inode as `making` wants it. */
void fill_inode(Engine& engine, Unit& unit, const InodeRef& inode, const InodeRef& directory,
                const Making& making) {
  vexfs_inode& raw = *inode.raw;
  const bool inherits_group = (directory.raw->mode & S_ISGID) != 0;
  uint32_t mode = making.mode;
  if (inherits_group && making.is_directory()) mode |= S_ISGID;
  raw.mode = static_cast<__le16>(mode);
  raw.nlink = making.is_directory() ? 2 : 1;
  raw.uid = making.node.uid;
  raw.gid = inherits_group ? directory.raw->gid : making.node.gid;
  raw.rdev = making.is_device() ? making.node.rdev : 0;
  raw.home = directory.ino;
  const Time time = engine.time_now();
  set_atime(inode, time);
  touch_directory(inode, time);
  if (!making.is_symlink()) return;
  raw.size = making.target.size();
  if (!making.has_target_block()) {
    std::memcpy(raw.inline_area, making.target.data(), making.target.size());
    return;
  }
  Block* block = unit.create(unit.next_pick(), BlockKind::kPlain);
  std::memcpy(block->bytes.data(), making.target.data(), making.target.size());
  const vexfs_extent extent{.lblk = 0, .len = 1, .pblk = block->number};
  std::memcpy(raw.inline_area, &extent, sizeof extent);
  raw.extents = 1;
  raw.blocks = 1;
}

void describe(EventRecord& event, const Making& making, const InodeRef& inode) {
  event.start(making.event, inode.ino, making.directory);
  if (!making.is_symlink()) event.words(VEXFS_TAG_NODE, {inode.raw->mode, inode.raw->rdev});
  event.bytes(VEXFS_TAG_NAME, making.name);
  if (making.is_symlink()) {
    event.bytes(VEXFS_TAG_TARGET, making.target.substr(0, VEXFS_EVENT_TARGET_MAX));
  }
}

Expected<Attributes> make_once(Engine& engine, const Making& making) {
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return fail(begun.error());
  const auto directory = live_directory_of(engine, making.directory);
  if (!directory) return fail(directory.error());
  if (making.has_target_block()) {
    if (auto room = engine.check_room(1); !room) return fail(room.error());
    if (auto block = engine.allocator.pick(unit, 0); !block) return fail(block.error());
  }
  const auto place = gather_name(engine, unit, *directory, making.name);
  if (!place) return fail(place.error());
  const auto ino = engine.inodes.gather_new(unit, engine.state());
  if (!ino) return fail(ino.error());

  engine.allocator.take(unit, engine.state());
  const InodeRef inode = engine.inodes.allocate(unit, engine.state(), *ino);
  fill_inode(engine, unit, inode, *directory, making);
  insert_name(engine, unit, *directory, *place, making.name, *ino, type_of(inode));
  touch_directory(*directory, engine.time_now());
  if (making.is_directory()) ++directory->raw->nlink;
  if (making.opened) ++engine.handles[*ino];
  describe(engine.event, making, inode);
  engine.emit(unit);
  engine.commit(unit);
  return attributes_of(inode);
}

/** The planted fault kEventOfFailure: a record for something that was not made. */
void plant_event(Engine& engine, const Making& making) {
  Unit unit(engine.cache, engine.running);
  if (!engine.begin(unit)) return;
  engine.event.start(making.event, 0, making.directory).bytes(VEXFS_TAG_NAME, making.name);
  engine.emit(unit);
  engine.commit(unit);
}

Expected<void> check_making(Engine& engine, const Making& making) {
  if (auto writable = engine.check_writable(); !writable) return writable;
  if (auto good = check_name(making.name); !good) return good;
  if (is_dot(making.name)) return fail(EEXIST);
  const auto directory = live_directory_of(engine, making.directory);
  if (!directory) return fail(directory.error());
  const auto found = engine.directories.find(*directory, making.name);
  if (!found) return fail(found.error());
  if (*found) return fail(EEXIST);
  if (is_reserved(making.name)) return fail(EPERM);
  if (making.is_directory() && directory->raw->nlink >= engine.layout.max_links) {
    return fail(EMLINK);
  }
  return {};
}

Expected<Attributes> make(Engine& engine, const Making& making) {
  const Mutation lock(engine);
  if (auto checked = check_making(engine, making); !checked) {
    if (engine.faults.planted(Fault::kEventOfFailure)) plant_event(engine, making);
    return fail(checked.error());
  }
  auto made = engine.with_relief([&] { return make_once(engine, making); });
  if (made) engine.close_if_full();
  return made;
}

Expected<Attributes> link_once(Engine& engine, InodeNumber ino, InodeNumber parent,
                               std::string_view name) {
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return fail(begun.error());
  const auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  const auto directory = live_directory_of(engine, parent);
  if (!directory) return fail(directory.error());
  engine.inodes.gather(unit, *inode);
  const auto place = gather_name(engine, unit, *directory, name);
  if (!place) return fail(place.error());

  engine.allocator.take(unit, engine.state());
  insert_name(engine, unit, *directory, *place, name, ino, type_of(*inode));
  ++inode->raw->nlink;
  const Time time = engine.time_now();
  set_ctime(*inode, time);
  touch_directory(*directory, time);
  engine.event.start(VEXFS_EV_HARDLINK, ino, parent).bytes(VEXFS_TAG_NAME, name);
  engine.emit(unit);
  engine.commit(unit);
  return attributes_of(*inode);
}

Expected<void> check_link(Engine& engine, InodeNumber ino, InodeNumber parent,
                          std::string_view name) {
  if (auto writable = engine.check_writable(); !writable) return writable;
  if (auto good = check_name(name); !good) return good;
  if (is_dot(name)) return fail(EEXIST);
  const auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  const auto directory = live_directory_of(engine, parent);
  if (!directory) return fail(directory.error());
  const auto found = engine.directories.find(*directory, name);
  if (!found) return fail(found.error());
  if (*found) return fail(EEXIST);
  if (inode->is_directory()) return fail(EPERM);
  if (inode->raw->nlink == 0) return fail(ENOENT);
  if (is_reserved(name)) return fail(EPERM);
  if (inode->raw->nlink >= engine.layout.max_links) return fail(EMLINK);
  return check_stays_home(engine, *inode, parent);
}

}  // namespace

Expected<Attributes> Volume::mknod(InodeNumber directory, std::string_view name,
                                   const NewNode& node) {
  const uint32_t type = (node.mode & S_IFMT) == 0 ? S_IFREG : node.mode & S_IFMT;
  if (type != S_IFREG && type != S_IFIFO && type != S_IFSOCK && type != S_IFCHR &&
      type != S_IFBLK) {
    return fail(EINVAL);
  }
  return make(*engine_,
              {directory, name, type | (node.mode & 07777), node, {}, VEXFS_EV_CREATE, false});
}

Expected<Attributes> Volume::create(InodeNumber directory, std::string_view name,
                                    const NewNode& node) {
  return make(*engine_,
              {directory, name, S_IFREG | (node.mode & 07777), node, {}, VEXFS_EV_CREATE, true});
}

Expected<Attributes> Volume::mkdir(InodeNumber directory, std::string_view name,
                                   const NewNode& node) {
  return make(*engine_,
              {directory, name, S_IFDIR | (node.mode & 07777), node, {}, VEXFS_EV_MKDIR, false});
}

Expected<Attributes> Volume::symlink(InodeNumber directory, std::string_view name,
                                     std::string_view target, const NewNode& node) {
  if (target.empty()) return fail(ENOENT);
  if (target.size() > VEXFS_SYMLINK_MAX) return fail(ENAMETOOLONG);
  if (target.find('\0') != target.npos) return fail(EINVAL);
  return make(*engine_, {directory, name, S_IFLNK | 0777, node, target, VEXFS_EV_SYMLINK, false});
}

Expected<Attributes> Volume::link(InodeNumber ino, InodeNumber directory, std::string_view name) {
  Engine& engine = *engine_;
  const Mutation lock(engine);
  if (auto checked = check_link(engine, ino, directory, name); !checked) {
    return fail(checked.error());
  }
  auto linked = engine.with_relief([&] { return link_once(engine, ino, directory, name); });
  if (linked) engine.close_if_full();
  return linked;
}

}  // namespace vexfs::core

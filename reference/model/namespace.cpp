// SPDX-License-Identifier: MIT
#include "reference/model/namespace.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "reference/contract/directory.h"
#include "reference/contract/limits.h"
#include "reference/model/allocator.h"
#include "reference/model/collection_inodes.h"
#include "reference/model/directory.h"
#include "reference/model/event.h"
#include "reference/model/file_vector.h"
#include "reference/model/unit.h"

namespace vexfs::model {
namespace {

Result<vexfs_inode> load_directory(const Mounted& volume, Ino dir) {
  VEXFS_TRY(inode, load_inode(volume, dir));
  if (!is_directory(inode)) return std::unexpected(ENOTDIR);
  return inode;
}

// The directory that a new name goes into: it must still be linked, and must not have the name.
Result<vexfs_inode> directory_for_new_name(const Mounted& volume, Ino dir, std::string_view name) {
  VEXFS_TRY(inode, load_directory(volume, dir));
  if (inode.nlink == 0) return std::unexpected(ENOENT);
  VEXFS_TRY(found, find_name(volume, dir, inode, name));
  if (found) return std::unexpected(EEXIST);
  if (is_reserved(name)) return std::unexpected(EPERM);
  return inode;
}

// Takes a number for an inode that looks like this. The caller finishes and stores it.
struct NewInode {
  Ino ino = 0;
  vexfs_inode inode{};
  bool has_slot = false;  // it existed before, and gets a name more
};

Result<NewInode> allocate_inode(Mounted& volume, Ino dir, std::uint32_t mode, const NewNode& node) {
  VEXFS_TRY(ino, allocate_ino(volume));
  NewInode made{ino, {}, false};
  made.inode.mode = static_cast<__u16>(mode);
  made.inode.nlink = 1;
  made.inode.uid = node.uid;
  made.inode.gid = node.gid;
  made.inode.rdev = node.rdev;
  made.inode.generation = volume.state.generation;
  made.inode.home = dir;
  set_atime(made.inode, timestamp_now(volume));
  set_changed(made.inode, timestamp_now(volume));
  return made;
}

// Enters the new inode into its directory and stores both.
Result<void> enter(Mounted& volume, Ino dir, vexfs_inode& parent, std::string_view name,
                   const NewInode& made) {
  VEXFS_CHECK(insert_name(volume, dir, parent, name, made.ino, record_type(made.inode)));
  set_changed(parent, timestamp_now(volume));
  store_inode(volume, dir, parent);
  // A number that the bitmap calls free and that is not must not be given to a second owner.
  if (!made.has_slot && !is_free_slot(volume, made.ino)) return std::unexpected(EUCLEAN);
  store_inode(volume, made.ino, made.inode);
  return {};
}

bool fits_inline(std::string_view target) { return target.size() <= VEXFS_INLINE_BYTES; }

// The target into the inode, or into a block of its own.
Result<void> put_target(Mounted& volume, vexfs_inode& inode, std::string_view target) {
  inode.size = target.size();
  const auto text = std::as_bytes(std::span(target));
  const auto area = std::as_writable_bytes(std::span(inode.inline_area));
  if (fits_inline(target)) {
    std::ranges::copy(text, area.begin());
    return {};
  }
  VEXFS_TRY(block, allocate_lowest(volume));
  std::ranges::copy(text, volume.store.create(block).begin());
  put(area, 0, vexfs_extent{0, 1, block});
  inode.extents = 1;
  inode.blocks = 1;
  return {};
}

// A link fewer; without any the inode is an orphan.
void drop_link(Mounted& volume, Ino ino, vexfs_inode& inode) {
  inode.nlink = is_directory(inode) ? 0 : inode.nlink - 1;
  if (inode.nlink == 0) set_orphan(volume, ino);
}

struct NamedInode {
  Ino ino = 0;
  vexfs_inode inode{};
};

Result<NamedInode> load_named(const Mounted& volume, Ino dir, const vexfs_inode& parent,
                              std::string_view name) {
  VEXFS_TRY(found, find_name(volume, dir, parent, name));
  if (!found) return std::unexpected(ENOENT);
  VEXFS_TRY(inode, load_named_inode(volume, found->ino));
  return NamedInode{found->ino, inode};
}

Result<void> remove_name(Mounted& volume, Ino dir, vexfs_inode& parent, std::string_view name,
                         NamedInode& removed) {
  VEXFS_CHECK(delete_name(volume, dir, parent, name));
  set_changed(parent, timestamp_now(volume));
  drop_link(volume, removed.ino, removed.inode);
  set_ctime(removed.inode, timestamp_now(volume));
  store_inode(volume, dir, parent);
  store_inode(volume, removed.ino, removed.inode);
  return {};
}

}  // namespace

bool is_reserved(std::string_view name) { return name == VEXFS_DOT_NAME; }

Result<Attr> lookup(Mounted& volume, Ino dir, std::string_view name) {
  VEXFS_TRY(parent, load_directory(volume, dir));
  VEXFS_TRY(named, load_named(volume, dir, parent, name));
  return attributes(named.ino, named.inode);
}

Result<Attr> make_node(Mounted& volume, Ino dir, std::string_view name, const NewNode& node) {
  Attr attr;
  VEXFS_CHECK(run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(parent, directory_for_new_name(volume, dir, name));
    VEXFS_TRY(made, allocate_inode(volume, dir, node.mode, node));
    VEXFS_CHECK(enter(volume, dir, parent, name, made));
    Event(VEXFS_EV_CREATE, made.ino, dir)
        .node(made.inode.mode, made.inode.rdev)
        .name(name)
        .emit(volume, current_unit(volume));
    attr = attributes(made.ino, made.inode);
    return {};
  }));
  return attr;
}

Result<Attr> make_directory(Mounted& volume, Ino dir, std::string_view name, const NewNode& node) {
  Attr attr;
  VEXFS_CHECK(run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(parent, directory_for_new_name(volume, dir, name));
    if (parent.nlink >= volume.super.max_links) return std::unexpected(EMLINK);
    VEXFS_TRY(made, allocate_inode(volume, dir, S_IFDIR | (node.mode & 07777), node));
    made.inode.nlink = 2;
    ++parent.nlink;
    VEXFS_CHECK(enter(volume, dir, parent, name, made));
    Event(VEXFS_EV_MKDIR, made.ino, dir)
        .node(made.inode.mode, made.inode.rdev)
        .name(name)
        .emit(volume, current_unit(volume));
    attr = attributes(made.ino, made.inode);
    return {};
  }));
  return attr;
}

Result<Attr> make_symlink(Mounted& volume, Ino dir, std::string_view name, std::string_view target,
                          const NewNode& node) {
  if (target.empty()) return std::unexpected(ENOENT);
  if (target.size() > VEXFS_SYMLINK_MAX) return std::unexpected(ENAMETOOLONG);
  Attr attr;
  VEXFS_CHECK(run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(parent, directory_for_new_name(volume, dir, name));
    VEXFS_TRY(made, allocate_inode(volume, dir, S_IFLNK | (node.mode & 07777), node));
    VEXFS_CHECK(put_target(volume, made.inode, target));
    VEXFS_CHECK(enter(volume, dir, parent, name, made));
    Event(VEXFS_EV_SYMLINK, made.ino, dir)
        .name(name)
        .target(target)
        .emit(volume, current_unit(volume));
    attr = attributes(made.ino, made.inode);
    return {};
  }));
  return attr;
}

Result<Attr> make_link(Mounted& volume, Ino ino, Ino dir, std::string_view name) {
  Attr attr;
  VEXFS_CHECK(run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(inode, load_inode(volume, ino));
    VEXFS_TRY(parent, directory_for_new_name(volume, dir, name));
    if (is_directory(inode)) return std::unexpected(EPERM);
    if (inode.nlink == 0) return std::unexpected(ENOENT);
    if (inode.nlink >= volume.super.max_links) return std::unexpected(EMLINK);
    VEXFS_CHECK(check_vector_stays(volume, ino, inode, dir));
    ++inode.nlink;
    set_ctime(inode, timestamp_now(volume));
    VEXFS_CHECK(enter(volume, dir, parent, name, {ino, inode, true}));
    Event(VEXFS_EV_HARDLINK, ino, dir).name(name).emit(volume, current_unit(volume));
    attr = attributes(ino, inode);
    return {};
  }));
  return attr;
}

Result<void> remove_file(Mounted& volume, Ino dir, std::string_view name) {
  VectorDeath death;
  VEXFS_CHECK(run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(parent, load_directory(volume, dir));
    VEXFS_TRY(named, load_named(volume, dir, parent, name));
    if (is_directory(named.inode)) return std::unexpected(EISDIR);
    VEXFS_CHECK(death.find(volume, named.ino, named.inode));
    VEXFS_CHECK(death.write(volume, named.inode));
    VEXFS_CHECK(remove_name(volume, dir, parent, name, named));
    Event(VEXFS_EV_DELETE, named.ino, dir).name(name).emit(volume, current_unit(volume));
    death.emit(volume);
    return {};
  }));
  death.apply();
  return {};
}

Result<void> remove_directory(Mounted& volume, Ino dir, std::string_view name) {
  return run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(parent, load_directory(volume, dir));
    VEXFS_TRY(named, load_named(volume, dir, parent, name));
    if (!is_directory(named.inode)) return std::unexpected(ENOTDIR);
    VEXFS_TRY(empty, is_empty_directory(volume, named.ino, named.inode));
    if (!empty) return std::unexpected(ENOTEMPTY);
    VEXFS_CHECK(drop_collection(volume, named.ino, named.inode));
    --parent.nlink;
    VEXFS_CHECK(remove_name(volume, dir, parent, name, named));
    Event(VEXFS_EV_RMDIR, named.ino, dir).name(name).emit(volume, current_unit(volume));
    return {};
  });
}

}  // namespace vexfs::model

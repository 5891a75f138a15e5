// SPDX-License-Identifier: MIT
// Inodes: taken from and put into the table, and checked whenever they are taken.
#pragma once

#include "reference/contract/inode.h"
#include "reference/model/mounted.h"

namespace vexfs::model {

/// The inode `ino`. ESTALE if no inode has this number, EUCLEAN if its slot is not valid.
Result<vexfs_inode> load_inode(const Mounted& volume, Ino ino);

/// The same for a number that a directory record gives: a slot that is not valid, has no link or is
/// a system inode's is EUCLEAN, whatever the bitmap says.
Result<vexfs_inode> load_named_inode(const Mounted& volume, Ino ino);

/// Whether the slot is all zeros, as that of a free number is.
bool is_free_slot(const Mounted& volume, Ino ino);

/// Puts the inode into its slot, with its checksum.
void store_inode(Mounted& volume, Ino ino, vexfs_inode inode);

bool is_directory(const vexfs_inode& inode);
bool is_regular(const vexfs_inode& inode);
bool is_symlink(const vexfs_inode& inode);

/// (mode & S_IFMT) >> 12, as directory records hold it.
std::uint8_t record_type(const vexfs_inode& inode);

/// What stat(2) tells of it.
posix::Attr attributes(Ino ino, const vexfs_inode& inode);

void set_atime(vexfs_inode& inode, Timestamp time);
void set_mtime(vexfs_inode& inode, Timestamp time);
void set_ctime(vexfs_inode& inode, Timestamp time);
/// mtime and ctime: what a directory gets when its records change.
void set_changed(vexfs_inode& inode, Timestamp time);

void set_orphan(Mounted& volume, Ino ino);
void clear_orphan(Mounted& volume, Ino ino);

}  // namespace vexfs::model

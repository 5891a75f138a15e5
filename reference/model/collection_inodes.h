// SPDX-License-Identifier: MIT
// Collections as the directory's attribute: creation, removal, and the header that both look at.
// docs/vectors.md, "On the volume" and "Units of work".
#pragma once

#include <string>
#include <string_view>

#include "reference/contract/inode.h"
#include "reference/contract/vector.h"
#include "reference/model/mounted.h"

namespace vexfs::model {

/// The collection's header and its three inodes, checked as every operation checks them.
struct CollectionHeader {
  vexfs_collection fields{};
  BlockNumber block = 0;  // that holds the fields
  Ino directory = 0;
  Ino graph_ino = 0;
  vexfs_inode graph{};
  vexfs_inode vectors{};
  vexfs_inode upper{};
};

/// The numbers of the inodes that a collection consists of, in the order of their creation.
struct SystemInodes {
  Ino graph = 0;
  Ino vectors = 0;
  Ino upper = 0;
};

/// Whether the inode is a directory with a collection.
bool has_collection(const vexfs_inode& inode);

/// Of a directory that has one. EUCLEAN.
Result<CollectionHeader> load_collection_header(const Mounted& volume, Ino directory,
                                                const vexfs_inode& inode);

/// By its graph inode. ESTALE if the collection is no more, EUCLEAN.
Result<CollectionHeader> find_collection(const Mounted& volume, Ino graph);

vectors::Parameters parameters_of(const vexfs_collection& fields);

/// Blocks that the graph inode, and the upper inode, need for what is in use.
std::uint64_t graph_blocks(const vectors::Parameters& parameters, std::uint64_t slots);
std::uint64_t upper_blocks(const vectors::Parameters& parameters, std::uint64_t lists);

posix::CollectionAttr collection_attributes(const CollectionHeader& header);

/// What posix::InodeVolume says of the functions of the same name.
Result<void> set_collection(Mounted& volume, Ino ino, std::string_view value, bool replace);
Result<std::string> get_collection(const Mounted& volume, Ino ino);
Result<void> remove_collection(Mounted& volume, Ino ino);

/// Within a unit: the directory is no collection any more. Changes `inode`, which the caller
/// stores. Nothing if it was none. EUCLEAN.
Result<void> drop_collection(Mounted& volume, Ino directory, vexfs_inode& inode);

/// Within a unit: the three inodes, with `nlink` links, and block 0 of the first, the header of an
/// empty collection with this sequence. ENOSPC, EUCLEAN.
Result<SystemInodes> create_system_inodes(Mounted& volume, Ino directory,
                                          const vectors::Parameters& parameters,
                                          std::uint64_t sequence, std::uint32_t nlink);
/// Within a unit: the inode loses its link and becomes an orphan.
Result<void> orphan_system_inode(Mounted& volume, Ino ino);

/// Puts the checksum of a block of the graph or upper inode.
void sign_collection_block(Mounted& volume, BlockNumber number);
/// Whether the checksum of such a block is right.
bool is_signed_collection_block(const Mounted& volume, BlockNumber number);

}  // namespace vexfs::model

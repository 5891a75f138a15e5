// SPDX-License-Identifier: MIT
#include "fuse/core/collection_making.h"

#include "fuse/core/operations.h"
#include "reference/contract/vector.h"

namespace vexfs::core {

namespace {

InodeRef make_system_inode(Engine& engine, Unit& unit, InodeNumber ino, const NewCollection& made) {
  InodeRef inode = engine.inodes.allocate(unit, engine.state(), ino);
  inode.raw->mode = S_IFREG;
  inode.raw->flags = VEXFS_INODE_SYSTEM;
  inode.raw->nlink = made.beside ? 0 : 1;
  inode.raw->home = made.directory;
  const Time time = engine.time_now();
  set_atime(inode, time);
  touch_directory(inode, time);
  // Not among those that a reclaim takes: a compaction has it open.
  if (made.beside) engine.inodes.set_orphan(unit, ino, true);
  return inode;
}

void fill_header(Block& block, const NewCollection& made, const MadeCollection& where) {
  auto& header = *reinterpret_cast<vexfs_collection*>(block.bytes.data());
  const hnsw::Parameters& parameters = made.parameters;
  header.magic = VEXFS_COLLECTION_MAGIC;
  header.directory = made.directory;
  header.vectors_ino = static_cast<__le32>(where.vectors);
  header.upper_ino = static_cast<__le32>(where.upper);
  header.dim = parameters.dim;
  header.type = static_cast<__u8>(parameters.type);
  header.metric = static_cast<__u8>(parameters.metric);
  header.m = static_cast<__le16>(parameters.m);
  header.ef_construction = parameters.ef_construction;
  header.seed = parameters.seed;
  header.sequence = made.sequence;
  header.entry = VEXFS_SLOT_NONE;
}

}  // namespace

Expected<MadeCollection> gather_collection(Engine& engine, Unit& unit, const NewCollection& made) {
  const auto numbers = engine.inodes.gather_new(unit, engine.state(), 3);
  if (!numbers) return fail(numbers.error());
  for (const InodeNumber ino : *numbers) {
    if (!made.beside) break;
    if (auto orphan = engine.inodes.gather_orphan(unit, ino); !orphan) return fail(orphan.error());
  }
  if (auto room = engine.check_room(1); !room) return fail(room.error());
  const auto header = engine.allocator.pick(unit, 0);
  if (!header) return fail(header.error());
  return MadeCollection{(*numbers)[0], (*numbers)[1], (*numbers)[2], *header};
}

void make_collection(Engine& engine, Unit& unit, const NewCollection& made,
                     const MadeCollection& where) {
  const InodeRef graph = make_system_inode(engine, unit, where.graph, made);
  make_system_inode(engine, unit, where.vectors, made);
  make_system_inode(engine, unit, where.upper, made);
  // An inline extent always has room for the first block.
  engine.tree.insert(unit, graph, 0, unit.next_pick());
  graph.raw->size = kBlockSize;
  fill_header(*unit.create(where.header, BlockKind::kCollection), made, where);
}

}  // namespace vexfs::core

// SPDX-License-Identifier: MIT
// The system inodes and the header of a collection that is being made (docs/vectors.md, "Units of
// work", "Compaction").
#pragma once

#include <array>

#include "fuse/core/engine.h"
#include "fuse/hnsw/parameters.h"

namespace vexfs::core {

/** What a new collection is to be. */
struct NewCollection {
  InodeNumber directory = 0;
  hnsw::Parameters parameters;
  uint64_t sequence = 0;
  /** Nothing refers to it until a compaction changes over: its inodes are orphans. */
  bool beside = false;
};

/** Where a new collection was made. */
struct MadeCollection {
  InodeNumber graph = 0;
  InodeNumber vectors = 0;
  InodeNumber upper = 0;
  /** Block of the header. */
  uint64_t header = 0;
};

/** Gathering: three inode numbers and a block. ENOSPC, EUCLEAN. */
Expected<MadeCollection> gather_collection(Engine& engine, Unit& unit, const NewCollection& made);
/** Applying: an empty collection. The allocator has taken the unit's picks. */
void make_collection(Engine& engine, Unit& unit, const NewCollection& made,
                     const MadeCollection& where);

}  // namespace vexfs::core

// SPDX-License-Identifier: MIT
// The three system inodes of a collection and the places in them (docs/vectors.md, "On the
// volume").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fuse/core/engine.h"
#include "fuse/hnsw/parameters.h"
#include "reference/contract/vector.h"

namespace vexfs::core {

/** A collection's inodes and header, checked as every operation on it checks them. */
struct CollectionInodes {
  InodeRef graph;
  InodeRef vectors;
  InodeRef upper;
  BlockRef header_block;

  const vexfs_collection& header() const {
    return *reinterpret_cast<const vexfs_collection*>(header_block->bytes.data());
  }
};

hnsw::Parameters parameters_of(const vexfs_collection& header);

/** The collection of a directory that has the flag. EUCLEAN. Shared lock suffices. */
Expected<CollectionInodes> collection_inodes_of(Engine& engine, const InodeRef& directory);

/**
 * Gathering: the inodes of the collection that `inode` has, if it is a directory that has one,
 * within the unit that ends it.
 */
Expected<std::optional<CollectionInodes>> gather_collection_end(Engine& engine, Unit& unit,
                                                                const InodeRef& inode);
/** Applying: the collection is no more. */
void end_collection(Engine& engine, Unit& unit, const InodeRef& directory,
                    const CollectionInodes& inodes);

/** A system inode with the block of each of its logical blocks. */
struct SystemFile {
  InodeNumber ino = 0;
  std::vector<uint64_t> blocks;
};

/** EUCLEAN if a block is not mapped. */
Expected<SystemFile> map_system_file(Engine& engine, const InodeRef& inode);

/** Where something is: which logical block of its file, and where in it. */
struct Place {
  uint64_t lblk = 0;
  uint32_t offset = 0;
};

/** Where slots, lists and rows of a collection are, and how many blocks they need. */
struct CollectionGeometry {
  explicit CollectionGeometry(const hnsw::Parameters& parameters);

  Place slot(uint32_t slot) const {
    return {1 + slot / slots_per_block,
            static_cast<uint32_t>(sizeof(vexfs_graph_block)) + slot % slots_per_block * slot_bytes};
  }
  Place list(uint32_t list) const {
    return {list / lists_per_block,
            static_cast<uint32_t>(sizeof(vexfs_graph_block)) + list % lists_per_block * list_bytes};
  }
  uint64_t row(uint32_t slot) const { return slot * stride; }
  uint64_t graph_blocks(uint32_t slots) const {
    return 1 + (uint64_t{slots} + slots_per_block - 1) / slots_per_block;
  }
  uint64_t upper_blocks(uint32_t lists) const {
    return (uint64_t{lists} + lists_per_block - 1) / lists_per_block;
  }
  uint64_t vector_blocks(uint32_t slots) const {
    return (row(slots) + kBlockSize - 1) / kBlockSize;
  }

  uint32_t slot_bytes, slots_per_block;
  uint32_t list_bytes, lists_per_block;
  uint64_t stride;
};

}  // namespace vexfs::core

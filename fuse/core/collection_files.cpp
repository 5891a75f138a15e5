// SPDX-License-Identifier: MIT
#include "fuse/core/collection_files.h"

#include <cerrno>

#include "fuse/core/operations.h"

namespace vexfs::core {

namespace {

Expected<InodeRef> system_inode(Engine& engine, InodeNumber ino, InodeNumber directory) {
  auto inode = engine.inodes.read(ino, InodeSource::kSystem);
  if (inode && (!inode->is_regular() || (inode->raw->flags & VEXFS_INODE_SYSTEM) == 0 ||
                inode->raw->home != directory)) {
    return fail(EUCLEAN);
  }
  return inode;
}

Expected<BlockRef> header_block(Engine& engine, const InodeRef& graph) {
  const auto mapping = engine.tree.map(graph, 0);
  if (!mapping) return fail(mapping.error());
  if (mapping->pblk == 0) return fail(EUCLEAN);
  auto block = engine.cache.get(mapping->pblk);
  if (!block) return fail(block.error());
  if ((*block)->verified.load(std::memory_order_acquire) != 0) return block;
  const auto& header = *reinterpret_cast<const vexfs_collection*>((*block)->bytes.data());
  if (header.magic != VEXFS_COLLECTION_MAGIC ||
      header.crc != engine.layout.checksum.of((*block)->number, (*block)->bytes,
                                              offsetof(vexfs_collection, crc))) {
    return fail(EUCLEAN);
  }
  (*block)->kind = BlockKind::kCollection;
  (*block)->verified.store(1, std::memory_order_release);
  return block;
}

bool size_ok(const InodeRef& inode, uint64_t blocks) {
  return inode.raw->size % kBlockSize == 0 && inode.raw->size / kBlockSize >= blocks;
}

}  // namespace

hnsw::Parameters parameters_of(const vexfs_collection& header) {
  return {.dim = header.dim,
          .type = static_cast<hnsw::ElementType>(header.type),
          .metric = static_cast<hnsw::Metric>(header.metric),
          .m = header.m,
          .ef_construction = header.ef_construction,
          .seed = header.seed};
}

Expected<CollectionInodes> collection_inodes_of(Engine& engine, const InodeRef& directory) {
  auto graph = system_inode(engine, directory.raw->collection, directory.ino);
  if (!graph) return fail(graph.error());
  auto block = header_block(engine, *graph);
  if (!block) return fail(block.error());
  const auto& header = *reinterpret_cast<const vexfs_collection*>((*block)->bytes.data());
  const auto parameters = parameters_of(header);
  if (header.directory != directory.ino || !parameters.valid() || header.slots > VEXFS_SLOTS_MAX) {
    return fail(EUCLEAN);
  }
  auto vectors = system_inode(engine, header.vectors_ino, directory.ino);
  if (!vectors) return fail(vectors.error());
  auto upper = system_inode(engine, header.upper_ino, directory.ino);
  if (!upper) return fail(upper.error());
  const CollectionGeometry geometry(parameters);
  if (!size_ok(*graph, geometry.graph_blocks(header.slots)) ||
      !size_ok(*vectors, geometry.vector_blocks(header.slots)) ||
      !size_ok(*upper, geometry.upper_blocks(header.upper_lists))) {
    return fail(EUCLEAN);
  }
  return CollectionInodes{std::move(*graph), std::move(*vectors), std::move(*upper),
                          std::move(*block)};
}

Expected<std::optional<CollectionInodes>> gather_collection_end(Engine& engine, Unit& unit,
                                                                const InodeRef& inode) {
  if (!inode.is_collection()) return std::nullopt;
  auto inodes = collection_inodes_of(engine, inode);
  if (!inodes) return fail(inodes.error());
  engine.inodes.gather(unit, inode);
  for (const InodeRef* part : {&inodes->graph, &inodes->vectors, &inodes->upper}) {
    engine.inodes.gather(unit, *part);
    if (auto orphan = engine.inodes.gather_orphan(unit, part->ino); !orphan) {
      return fail(orphan.error());
    }
  }
  return std::move(*inodes);
}

void end_collection(Engine& engine, Unit& unit, const InodeRef& directory,
                    const CollectionInodes& inodes) {
  for (const InodeRef* inode : {&inodes.graph, &inodes.vectors, &inodes.upper}) {
    make_orphan(engine, unit, *inode);
  }
  directory.raw->flags &= static_cast<__le16>(~VEXFS_INODE_COLLECTION);
  directory.raw->collection = 0;
  engine.collections.forget(inodes.graph.ino);
}

Expected<SystemFile> map_system_file(Engine& engine, const InodeRef& inode) {
  SystemFile file{.ino = inode.ino, .blocks = {}};
  const uint64_t blocks = inode.raw->size / kBlockSize;
  file.blocks.reserve(blocks);
  while (file.blocks.size() < blocks) {
    const auto mapping = engine.tree.map(inode, file.blocks.size());
    if (!mapping) return fail(mapping.error());
    if (mapping->pblk == 0 || mapping->unwritten) return fail(EUCLEAN);
    for (uint64_t i = 0; i < mapping->count && file.blocks.size() < blocks; ++i) {
      file.blocks.push_back(mapping->pblk + i);
    }
  }
  return file;
}

CollectionGeometry::CollectionGeometry(const hnsw::Parameters& parameters)
    : slot_bytes(VEXFS_SLOT_BYTES(parameters.m)),
      slots_per_block(VEXFS_SLOTS_PER_BLOCK(parameters.m)),
      list_bytes(4 * parameters.m),
      lists_per_block(VEXFS_LISTS_PER_BLOCK(parameters.m)),
      stride(parameters.stride()) {}

}  // namespace vexfs::core

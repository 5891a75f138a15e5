// SPDX-License-Identifier: MIT
// Collections: the attribute that makes them, and what their files show.
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <shared_mutex>

#include "fuse/core/collection.h"
#include "fuse/core/collection_making.h"
#include "fuse/core/collection_value.h"
#include "fuse/core/operations.h"
#include "fuse/core/volume.h"
#include "fuse/hnsw/link.h"

namespace vexfs::core {

namespace {

constexpr std::string_view kAttribute = "user.vexfs.collection";

/** A link step of one member of the highest level must fit a transaction, and a row a unit. */
bool fits(const Layout& layout, const hnsw::Parameters& parameters) {
  const uint64_t cost = hnsw::link_cost(parameters.m, VEXFS_LEVEL_MAX);
  return cost + kBlockSize <= layout.tx_max * kBlockSize &&
         parameters.stride() <= uint64_t{16384} * layout.unit_extents;
}

Expected<void> create_once(Engine& engine, InodeNumber ino, const hnsw::Parameters& parameters) {
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return begun;
  const auto directory = live_directory_of(engine, ino);
  if (!directory) return fail(directory.error());
  engine.inodes.gather(unit, *directory);
  const NewCollection made{.directory = ino, .parameters = parameters};
  const auto where = gather_collection(engine, unit, made);
  if (!where) return fail(where.error());

  engine.allocator.take(unit, engine.state());
  make_collection(engine, unit, made, *where);
  directory->raw->flags |= VEXFS_INODE_COLLECTION;
  directory->raw->collection = static_cast<__le32>(where->graph);
  set_ctime(*directory, engine.time_now());
  engine.event.start(VEXFS_EV_SETXATTR, ino, 0)
      .bytes(VEXFS_TAG_NAME, kAttribute)
      .bytes(VEXFS_TAG_TEXT, collection_value(parameters));
  engine.emit(unit);
  engine.commit(unit);
  return {};
}

Expected<hnsw::Parameters> check_creation(Engine& engine, InodeNumber ino, std::string_view value,
                                          int flags) {
  if (auto writable = engine.check_writable(); !writable) return fail(writable.error());
  const auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  if (inode->is_collection()) return fail(EEXIST);
  if (flags & XATTR_REPLACE) return fail(ENODATA);
  const auto directory = live_directory_of(engine, ino);
  if (!directory) return fail(directory.error());
  const auto parameters = parse_collection_value(value, engine.layout.level_seed);
  if (!parameters) return parameters;
  if (!fits(engine.layout, *parameters)) return fail(EINVAL);
  return parameters;
}

Expected<InodeRef> collection_directory(Engine& engine, InodeNumber ino) {
  auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (inode && !inode->is_collection()) return fail(ENODATA);
  return inode;
}

/** The directory whose collection is meant. */
Expected<InodeRef> directory_of_collection(Engine& engine, const CollectionName& name) {
  const auto inode = engine.inodes.read(name.graph, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  if ((inode->raw->flags & VEXFS_INODE_SYSTEM) == 0 || inode->raw->nlink == 0) return fail(ESTALE);
  if (name.generation != 0 && inode->raw->generation != name.generation) return fail(ESTALE);
  auto directory = engine.inodes.read(inode->raw->home, InodeSource::kNamed);
  if (!directory) return fail(directory.error());
  if (!directory->is_collection() || directory->raw->collection != name.graph) return fail(ESTALE);
  return directory;
}

Expected<CollectionInodes> inodes_of_collection(Engine& engine, const CollectionName& name) {
  const auto directory = directory_of_collection(engine, name);
  if (!directory) return fail(directory.error());
  return collection_inodes_of(engine, *directory);
}

Expected<std::shared_ptr<Collection>> loaded(Engine& engine, const CollectionName& name) {
  const std::shared_lock lock(engine.lock);
  const auto directory = directory_of_collection(engine, name);
  if (!directory) return fail(directory.error());
  return engine.collections.get(engine, *directory);
}

/** `bytes` are from `offset` on of a file of blocks with a checksum each: those read as zero. */
void hide_checksums(uint64_t offset, std::span<std::byte> bytes) {
  constexpr uint64_t kCrc = offsetof(vexfs_graph_block, crc);
  for (size_t i = 0; i < bytes.size();) {
    const uint64_t at = (offset + i) % kBlockSize;
    if (at >= kCrc + 4) {
      i += kBlockSize - at;
      continue;
    }
    if (at >= kCrc) bytes[i] = std::byte{0};
    ++i;
  }
}

/** Bytes [offset, offset + into.size()) of the whole blocks that a system inode has. */
Expected<void> read_blocks(Engine& engine, const InodeRef& inode, uint64_t offset,
                           std::span<std::byte> into) {
  while (!into.empty()) {
    const auto mapping = engine.tree.map(inode, offset / kBlockSize);
    if (!mapping) return fail(mapping.error());
    if (mapping->pblk == 0) return fail(EUCLEAN);
    const auto block = engine.cache.get(mapping->pblk);
    if (!block) return fail(block.error());
    const size_t count = std::min<size_t>(into.size(), kBlockSize - offset % kBlockSize);
    std::memcpy(into.data(), (*block)->bytes.data() + offset % kBlockSize, count);
    into = into.subspan(count);
    offset += count;
  }
  return {};
}

struct FileSizes {
  uint64_t vectors = 0;
  uint64_t graph_inode = 0;
  uint64_t upper_inode = 0;
};

FileSizes sizes_of(const vexfs_collection& header) {
  const CollectionGeometry geometry(parameters_of(header));
  return {geometry.row(header.slots), geometry.graph_blocks(header.slots) * kBlockSize,
          geometry.upper_blocks(header.upper_lists) * kBlockSize};
}

}  // namespace

Expected<void> Volume::set_collection(InodeNumber directory, std::string_view value, int flags) {
  Engine& engine = *engine_;
  const Mutation lock(engine);
  const auto parameters = check_creation(engine, directory, value, flags);
  if (!parameters) return fail(parameters.error());
  auto made = engine.with_relief([&] { return create_once(engine, directory, *parameters); });
  if (made) engine.close_if_full();
  return made;
}

Expected<void> Volume::remove_collection(InodeNumber ino) {
  Engine& engine = *engine_;
  const Mutation lock(engine);
  if (auto writable = engine.check_writable(); !writable) return writable;
  const auto directory = collection_directory(engine, ino);
  if (!directory) return fail(directory.error());
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return begun;
  const auto inodes = gather_collection_end(engine, unit, *directory);
  if (!inodes) return fail(inodes.error());

  end_collection(engine, unit, *directory, **inodes);
  set_ctime(*directory, engine.time_now());
  engine.event.start(VEXFS_EV_REMOVEXATTR, ino, 0).bytes(VEXFS_TAG_NAME, kAttribute);
  engine.emit(unit);
  engine.commit(unit);
  engine.close_if_full();
  return {};
}

Expected<std::string> Volume::collection_value(InodeNumber ino) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  const auto directory = collection_directory(engine, ino);
  if (!directory) return fail(directory.error());
  const auto inodes = collection_inodes_of(engine, *directory);
  if (!inodes) return fail(inodes.error());
  return core::collection_value(parameters_of(inodes->header()));
}

Expected<CollectionView> Volume::collection(const CollectionName& name) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  const auto directory = directory_of_collection(engine, name);
  if (!directory) return fail(directory.error());
  const auto inodes = collection_inodes_of(engine, *directory);
  if (!inodes) return fail(inodes.error());
  const FileSizes sizes = sizes_of(inodes->header());
  return CollectionView{.graph = name.graph,
                        .generation = inodes->graph.raw->generation,
                        .directory = attributes_of(*directory),
                        .vectors_bytes = sizes.vectors,
                        .graph_bytes = sizes.graph_inode + sizes.upper_inode};
}

Expected<std::vector<std::byte>> Volume::door(const CollectionName& name, Door door,
                                              std::span<const std::byte> request) {
  const auto collection = loaded(*engine_, name);
  if (!collection && collection.error() == EUCLEAN) {
    return DoorReply(request).finish({.status = EUCLEAN});
  }
  if (!collection) return fail(collection.error());
  if (door == Door::kQuery) return (*collection)->query(request);
  return (*collection)->update(request);
}

Expected<size_t> Volume::read_vectors(const CollectionName& name, uint64_t offset,
                                      std::span<std::byte> into) {
  Engine& engine = *engine_;
  if (auto checked = loaded(engine, name); !checked) return fail(checked.error());
  const std::shared_lock lock(engine.lock);
  const auto inodes = inodes_of_collection(engine, name);
  if (!inodes) return fail(inodes.error());
  const uint64_t size = sizes_of(inodes->header()).vectors;
  if (offset >= size) return 0;
  into = into.first(std::min<uint64_t>(into.size(), size - offset));
  if (auto read = read_blocks(engine, inodes->vectors, offset, into); !read) {
    return fail(read.error());
  }
  return into.size();
}

Expected<size_t> Volume::read_graph(const CollectionName& name, uint64_t offset,
                                    std::span<std::byte> into) {
  Engine& engine = *engine_;
  if (auto checked = loaded(engine, name); !checked) return fail(checked.error());
  const std::shared_lock lock(engine.lock);
  const auto inodes = inodes_of_collection(engine, name);
  if (!inodes) return fail(inodes.error());
  const FileSizes sizes = sizes_of(inodes->header());
  const uint64_t size = sizes.graph_inode + sizes.upper_inode;
  if (offset >= size) return 0;
  into = into.first(std::min<uint64_t>(into.size(), size - offset));
  const size_t first =
      offset < sizes.graph_inode ? std::min<uint64_t>(into.size(), sizes.graph_inode - offset) : 0;
  if (auto read = read_blocks(engine, inodes->graph, offset, into.first(first)); !read) {
    return fail(read.error());
  }
  const uint64_t rest = offset + first - sizes.graph_inode;
  if (first < into.size()) {
    if (auto read = read_blocks(engine, inodes->upper, rest, into.subspan(first)); !read) {
      return fail(read.error());
    }
  }
  hide_checksums(offset, into);
  return into.size();
}

Expected<std::string> Volume::collection_info(const CollectionName& name) {
  const auto collection = loaded(*engine_, name);
  if (!collection) return fail(collection.error());
  return (*collection)->info();
}

}  // namespace vexfs::core

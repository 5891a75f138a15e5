// SPDX-License-Identifier: MIT
#include "reference/model/collection_inodes.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <set>

#include "reference/contract/limits.h"
#include "reference/model/allocator.h"
#include "reference/model/checksum.h"
#include "reference/model/event.h"
#include "reference/model/extents.h"
#include "reference/model/geometry.h"
#include "reference/model/inode.h"
#include "reference/model/unit.h"

namespace vexfs::model {
namespace {

using vectors::Parameters;

constexpr std::string_view kAttribute = "user.vexfs.collection";
constexpr std::size_t kCrc = offsetof(vexfs_collection, crc);
static_assert(kCrc == offsetof(vexfs_graph_block, crc));

std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) { return (value + by - 1) / by; }

Result<vexfs_inode> load_system_inode(const Mounted& volume, Ino ino, Ino directory) {
  auto inode = load_inode(volume, ino);
  if (!inode || !(inode->flags & VEXFS_INODE_SYSTEM) || inode->home != directory)
    return std::unexpected(EUCLEAN);
  return inode;
}

bool has_room(const vexfs_inode& inode, std::uint64_t bytes) {
  return inode.size % kBlockSize == 0 && inode.size >= bytes;
}

bool is_valid(const CollectionHeader& header) {
  const vexfs_collection& fields = header.fields;
  const Parameters parameters = parameters_of(fields);
  if (fields.magic != VEXFS_COLLECTION_MAGIC || fields.directory != header.directory) return false;
  if (!vectors::is_valid(parameters) || fields.slots > VEXFS_SLOTS_MAX) return false;
  return has_room(header.graph, graph_blocks(parameters, fields.slots) * kBlockSize) &&
         has_room(header.vectors, fields.slots * vectors::stride(parameters)) &&
         has_room(header.upper, upper_blocks(parameters, fields.upper_lists) * kBlockSize);
}

// Whether every unit that the collection will ever need fits a transaction.
bool suits_the_log(const Mounted& volume, const Parameters& parameters) {
  const std::uint64_t one_member = vectors::link_cost(parameters, VEXFS_LEVEL_MAX) + 4096;
  return one_member <= largest_transaction(volume.super) * kBlockSize &&
         vectors::stride(parameters) <= 16384 * std::uint64_t{volume.super.unit_extents};
}

vexfs_inode new_system_inode(const Mounted& volume, Ino directory, std::uint32_t nlink) {
  vexfs_inode inode{};
  inode.mode = S_IFREG;
  inode.flags = VEXFS_INODE_SYSTEM;
  inode.nlink = nlink;
  inode.generation = volume.state.generation;
  inode.home = directory;
  set_atime(inode, timestamp_now(volume));
  set_changed(inode, timestamp_now(volume));
  return inode;
}

vexfs_collection new_header(const Parameters& parameters, Ino directory,
                            const SystemInodes& inodes) {
  vexfs_collection fields{};
  fields.magic = VEXFS_COLLECTION_MAGIC;
  fields.directory = directory;
  fields.vectors_ino = static_cast<__u32>(inodes.vectors);
  fields.upper_ino = static_cast<__u32>(inodes.upper);
  fields.dim = parameters.dim;
  fields.type = parameters.type;
  fields.metric = parameters.metric;
  fields.m = parameters.m;
  fields.ef_construction = parameters.ef_construction;
  fields.seed = parameters.seed;
  fields.entry = VEXFS_SLOT_NONE;
  return fields;
}

// A number whose slot is free, too.
Result<Ino> take_ino(Mounted& volume) {
  VEXFS_TRY(ino, allocate_ino(volume));
  if (!is_free_slot(volume, ino)) return std::unexpected(EUCLEAN);
  return ino;
}

Result<vexfs_inode> load_collection_directory(const Mounted& volume, Ino ino) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  if (!has_collection(inode)) return std::unexpected(ENODATA);
  return inode;
}

}  // namespace

bool has_collection(const vexfs_inode& inode) {
  return is_directory(inode) && (inode.flags & VEXFS_INODE_COLLECTION);
}

Result<CollectionHeader> load_collection_header(const Mounted& volume, Ino directory,
                                                const vexfs_inode& inode) {
  CollectionHeader header;
  header.directory = directory;
  header.graph_ino = inode.collection;
  VEXFS_TRY(graph, load_system_inode(volume, inode.collection, directory));
  header.graph = graph;
  VEXFS_TRY(block, mapped_block(volume, inode.collection, graph, 0));
  if (!block || !is_signed_collection_block(volume, *block)) return std::unexpected(EUCLEAN);
  header.block = *block;
  header.fields = get<vexfs_collection>(volume.store.read(*block));
  VEXFS_TRY(vectors, load_system_inode(volume, header.fields.vectors_ino, directory));
  VEXFS_TRY(upper, load_system_inode(volume, header.fields.upper_ino, directory));
  header.vectors = vectors;
  header.upper = upper;
  const std::set<Ino> three = {inode.collection, header.fields.vectors_ino,
                               header.fields.upper_ino};
  if (three.size() != 3 || !is_valid(header)) return std::unexpected(EUCLEAN);
  return header;
}

Result<CollectionHeader> find_collection(const Mounted& volume, Ino graph) {
  VEXFS_TRY(graph_inode, load_inode(volume, graph));
  if (!(graph_inode.flags & VEXFS_INODE_SYSTEM)) return std::unexpected(ESTALE);
  VEXFS_TRY(directory, load_inode(volume, graph_inode.home));
  if (!has_collection(directory) || directory.collection != graph) return std::unexpected(ESTALE);
  return load_collection_header(volume, graph_inode.home, directory);
}

Parameters parameters_of(const vexfs_collection& fields) {
  return {fields.dim, fields.type, fields.metric, fields.m, fields.ef_construction, fields.seed};
}

std::uint64_t graph_blocks(const Parameters& parameters, std::uint64_t slots) {
  return 1 + divide_up(slots, VEXFS_SLOTS_PER_BLOCK(parameters.m));
}

std::uint64_t upper_blocks(const Parameters& parameters, std::uint64_t lists) {
  return divide_up(lists, VEXFS_LISTS_PER_BLOCK(parameters.m));
}

Result<SystemInodes> create_system_inodes(Mounted& volume, Ino directory,
                                          const Parameters& parameters, std::uint64_t sequence,
                                          std::uint32_t nlink) {
  SystemInodes made;
  VEXFS_TRY(graph_ino, take_ino(volume));
  made.graph = graph_ino;
  vexfs_inode graph = new_system_inode(volume, directory, nlink);
  VEXFS_TRY(vectors_ino, take_ino(volume));
  made.vectors = vectors_ino;
  store_inode(volume, vectors_ino, new_system_inode(volume, directory, nlink));
  VEXFS_TRY(upper_ino, take_ino(volume));
  made.upper = upper_ino;
  store_inode(volume, upper_ino, new_system_inode(volume, directory, nlink));
  VEXFS_TRY(block, map_new_block(volume, graph_ino, graph, 0));
  vexfs_collection fields = new_header(parameters, directory, made);
  fields.sequence = sequence;
  put(volume.store.create(block), 0, fields);
  sign_collection_block(volume, block);
  graph.size = kBlockSize;
  store_inode(volume, graph_ino, graph);
  return made;
}

posix::CollectionAttr collection_attributes(const CollectionHeader& header) {
  const Parameters parameters = parameters_of(header.fields);
  const std::uint64_t blocks = graph_blocks(parameters, header.fields.slots) +
                               upper_blocks(parameters, header.fields.upper_lists);
  return {header.graph_ino, header.directory, header.graph.generation,
          header.fields.slots * vectors::stride(parameters), blocks * kBlockSize};
}

Result<void> set_collection(Mounted& volume, Ino ino, std::string_view value, bool replace) {
  return run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(inode, load_inode(volume, ino));
    if (has_collection(inode)) return std::unexpected(EEXIST);
    if (replace) return std::unexpected(ENODATA);
    if (!is_directory(inode)) return std::unexpected(ENOTDIR);
    if (inode.nlink == 0) return std::unexpected(ENOENT);
    const auto parameters = vectors::parse_parameters(value, volume.super.level_seed);
    if (!parameters || !suits_the_log(volume, *parameters)) return std::unexpected(EINVAL);
    VEXFS_TRY(made, create_system_inodes(volume, ino, *parameters, 0, 1));
    inode.flags |= VEXFS_INODE_COLLECTION;
    inode.collection = static_cast<__u32>(made.graph);
    set_ctime(inode, timestamp_now(volume));
    store_inode(volume, ino, inode);
    Event(VEXFS_EV_SETXATTR, ino, 0)
        .name(kAttribute)
        .text(vectors::to_text(*parameters))
        .emit(volume, current_unit(volume));
    return {};
  });
}

Result<std::string> get_collection(const Mounted& volume, Ino ino) {
  VEXFS_TRY(inode, load_collection_directory(volume, ino));
  VEXFS_TRY(header, load_collection_header(volume, ino, inode));
  return vectors::to_text(parameters_of(header.fields));
}

Result<void> remove_collection(Mounted& volume, Ino ino) {
  return run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(inode, load_collection_directory(volume, ino));
    VEXFS_CHECK(drop_collection(volume, ino, inode));
    set_ctime(inode, timestamp_now(volume));
    store_inode(volume, ino, inode);
    Event(VEXFS_EV_REMOVEXATTR, ino, 0).name(kAttribute).emit(volume, current_unit(volume));
    return {};
  });
}

Result<void> drop_collection(Mounted& volume, Ino directory, vexfs_inode& inode) {
  if (!has_collection(inode)) return {};
  VEXFS_TRY(header, load_collection_header(volume, directory, inode));
  for (const Ino part :
       {header.graph_ino, Ino{header.fields.vectors_ino}, Ino{header.fields.upper_ino}})
    VEXFS_CHECK(orphan_system_inode(volume, part));
  volume.collections.erase(header.graph_ino);
  inode.flags &= static_cast<__u16>(~VEXFS_INODE_COLLECTION);
  inode.collection = 0;
  return {};
}

Result<void> orphan_system_inode(Mounted& volume, Ino ino) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  inode.nlink = 0;
  store_inode(volume, ino, inode);
  set_orphan(volume, ino);
  return {};
}

void sign_collection_block(Mounted& volume, BlockNumber number) {
  const BlockEdit block = volume.store.edit(number);
  put(block, kCrc, structure_checksum(volume.super.uuid, number, block, kCrc));
}

bool is_signed_collection_block(const Mounted& volume, BlockNumber number) {
  const BlockView block = volume.store.read(number);
  return get<std::uint32_t>(block, kCrc) ==
         structure_checksum(volume.super.uuid, number, block, kCrc);
}

}  // namespace vexfs::model

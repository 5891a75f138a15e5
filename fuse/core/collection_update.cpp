// SPDX-License-Identifier: MIT
// The requests of the update door, as units of work (docs/vectors.md, "Units of work").
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "fuse/core/collection.h"
#include "fuse/core/crc32c.h"
#include "fuse/core/operations.h"
#include "fuse/hnsw/link.h"

namespace vexfs::core {

namespace {

/** The header of a collection in a block that a unit has gathered. */
vexfs_collection& header_in(Block& block) {
  return *reinterpret_cast<vexfs_collection*>(block.bytes.data());
}

/**
 * A block of graph or upper, for the unit to change. Only the collection knows what it is: the
 * cache may have dropped it since, and one that no slot used yet has not been loaded.
 */
Expected<Block*> write_listed(Unit& unit, uint64_t number) {
  auto block = unit.write(number);
  if (block) (*block)->kind = BlockKind::kCollection;
  return block;
}

}  // namespace

Expected<std::vector<std::byte>> Collection::update(std::span<const std::byte> bytes) {
  const auto request = read_request(Door::kUpdate, bytes, index_.parameters(), 0);
  if (!request) return DoorReply(bytes).finish(request.error());
  const bool compaction = request->opcode == VEXFS_OP_COMPACT;
  if (!turns_.take(compaction)) return fail(EAGAIN);
  auto reply = compaction ? compact(bytes) : execute(bytes, *request);
  turns_.give_back(compaction);
  if (compaction) engine_.collections.note_compaction_end();
  return reply;
}

Expected<std::vector<std::byte>> Collection::execute(std::span<const std::byte> bytes,
                                                     const DoorRequest& request) {
  if (request.opcode == VEXFS_OP_PUT) {
    return for_each_id(bytes, request, [&](size_t i) -> Expected<bool> {
      const auto replaced =
          put(request.ids[i],
              std::span(request.rows).subspan(i * geometry_.stride, geometry_.stride), {});
      if (!replaced) return replaced;
      if (auto linked = link_tail(); !linked) return fail(linked.error());
      return replaced;
    });
  }
  if (request.opcode == VEXFS_OP_DELETE) {
    return for_each_id(bytes, request, [&](size_t i) { return erase(request.ids[i]); });
  }
  const Mutation lock(engine_);
  if (ended_) return fail(ESTALE);
  DoorReply reply(bytes);
  const auto sequence = emit_event(request);
  if (!sequence) return reply.finish({.status = static_cast<uint32_t>(sequence.error())});
  reply.append(vexfs_sequence_reply{.sequence = *sequence});
  return reply.finish();
}

/** `one(i)` handles the request's id i and answers whether it had a live slot. */
template <typename One>
Expected<std::vector<std::byte>> Collection::for_each_id(std::span<const std::byte> bytes,
                                                         const DoorRequest& request, One one) {
  vexfs_update_reply body{};
  DoorFault fault;
  for (size_t i = 0; i < request.ids.size() && fault.status == 0; ++i) {
    const Mutation lock(engine_);
    if (ended_) return fail(ESTALE);
    const auto had = one(i);
    if (had) {
      ++body.done;
      body.changed += *had ? 1 : 0;
    } else {
      fault.status = static_cast<uint32_t>(had.error());
    }
    body.sequence = sequence_;
  }
  DoorReply reply(bytes);
  reply.append(body);
  return reply.finish(fault);
}

Expected<bool> Collection::put(uint64_t id, std::span<const std::byte> stored,
                               const PutContext& context) {
  if (auto writable = engine_.check_writable(); !writable) return fail(writable.error());
  const uint32_t slots = index_.slots() + 1;
  if (slots > VEXFS_SLOTS_MAX || geometry_.row(slots) > VEXFS_FILE_SIZE_MAX) return fail(ENOSPC);
  hnsw::AlignedBytes row(geometry_.stride);
  std::memcpy(row.data(), stored.data(), stored.size());
  hnsw::PutPlan plan;
  {
    const std::lock_guard lock(index_lock_);
    plan = index_.plan_put(id, row.data(),
                           plain_crc32c({row.data(), index_.parameters().row_bytes()}));
  }
  if (auto grown = grow(slots, index_.upper_lists() + plan.level); !grown) {
    return fail(grown.error());
  }
  if (auto done = put_unit(plan, {row.data(), geometry_.stride}, context); !done) {
    return fail(done.error());
  }
  engine_.close_if_full();
  return plan.died != VEXFS_SLOT_NONE;
}

Expected<void> Collection::put_of_file(InodeNumber file, std::span<const std::byte> row) {
  const auto done = put(VEXFS_ID_FILE | file, row, {.file = file});
  if (!done) return fail(done.error());
  return link_tail();
}

/** Until there is room for so many slots and lists. */
Expected<void> Collection::grow(uint32_t slots, uint32_t lists) {
  if (auto grown = grow_file(vectors_, geometry_.vector_blocks(slots), 0, 0); !grown) return grown;
  auto grown = grow_file(graph_, geometry_.graph_blocks(slots), VEXFS_GRAPH_MAGIC,
                         geometry_.slots_per_block);
  if (!grown) return grown;
  return grow_file(upper_, geometry_.upper_blocks(lists), VEXFS_UPPER_MAGIC,
                   geometry_.lists_per_block);
}

/** Until the file has `blocks` blocks. `magic` 0: they have no header. */
Expected<void> Collection::grow_file(SystemFile& file, uint64_t blocks, uint32_t magic,
                                     uint32_t per_block) {
  while (file.blocks.size() < blocks) {
    // The graph's block 0 is the collection's header.
    const uint64_t before = file.blocks.size() - (magic == VEXFS_GRAPH_MAGIC ? 1 : 0);
    const auto first = static_cast<uint32_t>(before * per_block);
    auto appended = engine_.with_relief([&] { return append_block(file, magic, first); });
    if (!appended) return appended;
    engine_.close_if_full();
  }
  return {};
}

Expected<void> Collection::append_block(SystemFile& file, uint32_t magic, uint32_t first) {
  Unit unit(engine_.cache, engine_.running);
  if (auto begun = engine_.begin(unit); !begun) return begun;
  const auto inode = engine_.inodes.read(file.ino, InodeSource::kSystem);
  if (!inode) return fail(inode.error());
  engine_.inodes.gather(unit, *inode);
  const uint64_t lblk = file.blocks.size();
  if (auto room = gather_block(engine_, unit, *inode, lblk); !room) return room;
  file.blocks.reserve(lblk + 1);

  engine_.allocator.take(unit, engine_.state());
  const uint64_t number = unit.next_pick();
  engine_.tree.insert(unit, *inode, lblk, number);
  Block* block = unit.create(number, magic == 0 ? BlockKind::kPlain : BlockKind::kCollection);
  if (magic != 0) {
    vexfs_graph_block header{};
    header.magic = magic;
    header.directory = directory_;
    header.first = first;
    std::memcpy(block->bytes.data(), &header, sizeof header);
  }
  inode->raw->size += kBlockSize;
  file.blocks.push_back(number);
  engine_.commit(unit);
  return {};
}

Expected<void> Collection::put_unit(const hnsw::PutPlan& plan, std::span<const std::byte> row,
                                    const PutContext& context) {
  Unit unit(engine_.cache, engine_.running);
  if (auto begun = engine_.begin(unit); !begun) return begun;
  InodeRef file;
  if (context.file != 0) {
    auto inode = engine_.inodes.read(context.file, InodeSource::kCaller);
    if (!inode) return fail(inode.error());
    file = std::move(*inode);
    engine_.inodes.gather(unit, file);
  }
  const auto header = write_listed(unit, graph_.blocks[0]);
  if (!header) return fail(header.error());
  const Place place = geometry_.slot(plan.slot);
  const auto graph = write_listed(unit, graph_.blocks[place.lblk]);
  if (!graph) return fail(graph.error());
  Block* died = nullptr;
  if (plan.died != VEXFS_SLOT_NONE) {
    const auto block = write_listed(unit, graph_.blocks[geometry_.slot(plan.died).lblk]);
    if (!block) return fail(block.error());
    died = *block;
  }
  const uint64_t at = geometry_.row(plan.slot);
  std::vector<Block*> rows;
  for (uint64_t b = at / kBlockSize; b * kBlockSize < at + row.size(); ++b) {
    const auto block = unit.write(vectors_.blocks[b]);
    if (!block) return fail(block.error());
    rows.push_back(*block);
  }
  std::vector<std::pair<Block*, uint32_t>> lists;
  for (uint32_t i = 0; i < plan.level; ++i) {
    const Place list = geometry_.list(plan.upper + i);
    const auto block = write_listed(unit, upper_.blocks[list.lblk]);
    if (!block) return fail(block.error());
    lists.emplace_back(*block, list.offset);
  }

  uint64_t copied = 0;
  for (Block* block : rows) {
    const uint64_t from = (at + copied) % kBlockSize;
    const uint64_t count = std::min<uint64_t>(row.size() - copied, kBlockSize - from);
    std::memcpy(block->bytes.data() + from, row.data() + copied, count);
    copied += count;
  }
  vexfs_slot record{};
  record.id = plan.id;
  record.row_crc = plan.row_crc;
  record.first = plan.first;
  record.upper = plan.upper;
  record.level = static_cast<__u8>(plan.level);
  std::byte* slot = (*graph)->bytes.data() + place.offset;
  std::memset(slot, 0xff, geometry_.slot_bytes);
  std::memcpy(slot, &record, sizeof record);
  for (const auto& [block, offset] : lists) {
    std::memset(block->bytes.data() + offset, 0xff, geometry_.list_bytes);
  }
  vexfs_collection& collection = header_in(**header);
  if (died != nullptr) {
    auto* old =
        reinterpret_cast<vexfs_slot*>(died->bytes.data() + geometry_.slot(plan.died).offset);
    if (!engine_.faults.planted(Fault::kStaleTombstone)) old->flags |= VEXFS_SLOT_DEAD;
  } else {
    ++collection.live;
  }
  ++collection.slots;
  collection.upper_lists += plan.level;
  ++collection.sequence;
  if (file.raw != nullptr) {
    file.raw->flags |= VEXFS_INODE_VECTOR;
    set_ctime(file, engine_.time_now());
  }
  if (!context.silent) {
    engine_.event
        .start(died != nullptr ? VEXFS_EV_VECTOR_UPDATE : VEXFS_EV_VECTOR_CREATE, directory_, 0)
        .vector(plan.id, plan.slot, plan.died);
    engine_.emit(unit);
  }
  {
    const std::lock_guard lock(index_lock_);
    index_.apply(plan, row.data());
    sequence_ = collection.sequence;
  }
  engine_.commit(unit);
  return {};
}

hnsw::LinkPlan Collection::plan_link() {
  const auto batch =
      index_.tail().first(hnsw::link_batch(index_, engine_.layout.tx_max * kBlockSize));
  return hnsw::plan_link(index_, batch, workers_, link_scratches_);
}

Expected<void> Collection::link_step(const hnsw::LinkPlan& plan) {
  if (engine_.running.units > 0) engine_.seal();
  if (auto linked = link_unit(plan); !linked) return linked;
  engine_.close_if_full();
  return {};
}

Expected<void> Collection::link_tail() {
  while (must_link()) {
    if (auto linked = link_step(plan_link()); !linked) return linked;
  }
  return {};
}

Expected<void> Collection::link_unit(const hnsw::LinkPlan& plan) {
  Unit unit(engine_.cache, engine_.running);
  if (auto begun = engine_.begin(unit); !begun) return begun;
  const auto header = write_listed(unit, graph_.blocks[0]);
  if (!header) return fail(header.error());
  // The lists come by level and slot, so those of one block come together.
  std::vector<std::byte*> places;
  uint64_t loaded = 0;
  Block* block = nullptr;
  for (const auto& change : plan.lists) {
    const bool upper = change.level > 0;
    const Place place = upper ? geometry_.list(index_.upper(change.slot) + change.level - 1)
                              : geometry_.slot(change.slot);
    const uint64_t number = (upper ? upper_ : graph_).blocks[place.lblk];
    if (number != loaded) {
      const auto written = write_listed(unit, number);
      if (!written) return fail(written.error());
      block = *written;
      loaded = number;
    }
    places.push_back(block->bytes.data() + place.offset + (upper ? 0 : sizeof(vexfs_slot)));
  }

  for (size_t i = 0; i < plan.lists.size(); ++i) {
    const auto& change = plan.lists[i];
    std::memset(places[i], 0xff, size_t{4} * index_.parameters().room(change.level));
    std::memcpy(places[i], change.links.data(), 4 * change.links.size());
  }
  vexfs_collection& collection = header_in(**header);
  collection.linked = plan.linked;
  collection.entry = plan.entry;
  collection.entry_level = plan.entry_level;
  ++collection.sequence;
  {
    const std::lock_guard lock(index_lock_);
    index_.apply(plan);
    sequence_ = collection.sequence;
  }
  engine_.commit(unit);
  return {};
}

Expected<bool> Collection::erase(uint64_t id) {
  if (auto writable = engine_.check_writable(); !writable) return fail(writable.error());
  const auto slot = index_.find(id);
  if (!slot) return false;
  Unit unit(engine_.cache, engine_.running);
  if (auto begun = engine_.begin(unit); !begun) return fail(begun.error());
  const auto dying = gather_death(unit, *slot);
  if (!dying) return fail(dying.error());

  kill(*dying);
  emit_death(unit, *dying);
  engine_.commit(unit);
  engine_.close_if_full();
  return true;
}

Expected<DyingSlot> Collection::gather_death(Unit& unit, uint32_t slot) {
  const auto header = write_listed(unit, graph_.blocks[0]);
  if (!header) return fail(header.error());
  const auto record = write_listed(unit, graph_.blocks[geometry_.slot(slot).lblk]);
  if (!record) return fail(record.error());
  return DyingSlot{*header, *record, slot};
}

void Collection::kill(const DyingSlot& dying) {
  std::byte* record = dying.record->bytes.data() + geometry_.slot(dying.slot).offset;
  reinterpret_cast<vexfs_slot*>(record)->flags |= VEXFS_SLOT_DEAD;
  vexfs_collection& collection = header_in(*dying.header);
  --collection.live;
  ++collection.sequence;
  const std::lock_guard lock(index_lock_);
  index_.kill(dying.slot);
  sequence_ = collection.sequence;
}

void Collection::emit_death(Unit& unit, const DyingSlot& dying) {
  engine_.event.start(VEXFS_EV_VECTOR_DELETE, directory_, 0)
      .vector(index_.id(dying.slot), dying.slot, dying.slot);
  engine_.emit(unit);
}

Expected<uint64_t> Collection::emit_event(const DoorRequest& request) {
  if (auto writable = engine_.check_writable(); !writable) return fail(writable.error());
  Unit unit(engine_.cache, engine_.running);
  if (auto begun = engine_.begin(unit); !begun) return fail(begun.error());
  const uint64_t sequence = engine_.state().next_event;
  engine_.event.start(request.event.type, directory_, 0).cause(request.event.cause);
  engine_.event.bytes(VEXFS_TAG_TEXT,
                      {reinterpret_cast<const char*>(request.text.data()), request.text.size()});
  engine_.emit(unit);
  engine_.commit(unit);
  engine_.close_if_full();
  return sequence;
}

}  // namespace vexfs::core

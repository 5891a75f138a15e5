// SPDX-License-Identifier: MIT
// Compaction: the live vectors of a collection in a new one beside it, which then takes its place
// (docs/vectors.md, "Compaction").
#include <cerrno>

#include "fuse/core/collection.h"
#include "fuse/core/collection_making.h"
#include "fuse/core/operations.h"

namespace vexfs::core {

Expected<std::vector<std::byte>> Collection::compact(std::span<const std::byte> request) {
  DoorReply reply(request);
  std::shared_ptr<Collection> fresh;
  {
    const Mutation lock(engine_);
    if (ended_) return fail(ESTALE);
    if (index_.live() == index_.slots()) {
      reply.append(vexfs_sequence_reply{.sequence = sequence_});
      return reply.finish();
    }
    auto begun = begin_compaction();
    if (!begun) return reply.finish({.status = static_cast<uint32_t>(begun.error())});
    fresh = std::move(*begun);
  }
  auto done = copy_live(*fresh);
  const Mutation lock(engine_);
  if (done) done = change_over(fresh);
  if (!done) {
    // Orphans like others from now on.
    engine_.reclaimable.insert({fresh->graph_.ino, fresh->vectors_.ino, fresh->upper_.ino});
    if (ended_) return fail(ESTALE);
    return reply.finish({.status = static_cast<uint32_t>(done.error())});
  }
  reply.append(vexfs_sequence_reply{.sequence = fresh->sequence_});
  return reply.finish();
}

Expected<void> Collection::check_compaction() const {
  if (ended_) return fail(ESTALE);
  if (engine_.stop_compactions) return fail(EINTR);
  return engine_.check_writable();
}

/** The caller holds the volume's exclusive lock. */
Expected<std::shared_ptr<Collection>> Collection::begin_compaction() {
  if (auto writable = engine_.check_writable(); !writable) return fail(writable.error());
  const NewCollection made{.directory = directory_,
                           .parameters = index_.parameters(),
                           .sequence = sequence_,
                           .beside = true};
  const auto where = engine_.with_relief([&]() -> Expected<MadeCollection> {
    Unit unit(engine_.cache, engine_.running);
    if (auto begun = engine_.begin(unit); !begun) return fail(begun.error());
    auto gathered = gather_collection(engine_, unit, made);
    if (!gathered) return gathered;

    engine_.allocator.take(unit, engine_.state());
    make_collection(engine_, unit, made, *gathered);
    engine_.commit(unit);
    return gathered;
  });
  if (!where) return fail(where.error());
  engine_.close_if_full();
  std::shared_ptr<Collection> fresh(new Collection(engine_, directory_, index_.parameters()));
  fresh->graph_ = {.ino = where->graph, .blocks = {where->header}};
  fresh->vectors_.ino = where->vectors;
  fresh->upper_.ino = where->upper;
  fresh->sequence_ = sequence_;
  return fresh;
}

/** No lock: this has the turn, so that nobody else changes the old index, and nobody else knows the
 * new one. */
Expected<void> Collection::copy_live(Collection& fresh) {
  for (uint32_t slot = 0; slot < index_.slots(); ++slot) {
    if (index_.dead(slot)) continue;
    if (auto copied = copy_slot(fresh, slot); !copied) return copied;
    while (fresh.must_link()) {
      const hnsw::LinkPlan plan = fresh.plan_link();
      const Mutation lock(engine_);
      if (auto checked = check_compaction(); !checked) return checked;
      if (auto linked = fresh.link_step(plan); !linked) return linked;
    }
  }
  return {};
}

Expected<void> Collection::copy_slot(Collection& fresh, uint32_t slot) {
  const Mutation lock(engine_);
  if (auto checked = check_compaction(); !checked) return checked;
  const auto done =
      fresh.put(index_.id(slot), {index_.row(slot), geometry_.stride},
                {.file = 0, .silent = !engine_.faults.planted(Fault::kCompactionHeard)});
  if (!done) return fail(done.error());
  return {};
}

/** One unit: the directory's collection is the new one. The caller holds the volume's exclusive
 * lock. */
Expected<void> Collection::change_over(const std::shared_ptr<Collection>& fresh) {
  if (auto checked = check_compaction(); !checked) return checked;
  Unit unit(engine_.cache, engine_.running);
  if (auto begun = engine_.begin(unit); !begun) return begun;
  const auto directory = engine_.inodes.read(directory_, InodeSource::kCaller);
  if (!directory) return fail(directory.error());
  engine_.inodes.gather(unit, *directory);
  std::vector<InodeRef> inodes;
  for (const Collection* collection : {fresh.get(), static_cast<Collection*>(this)}) {
    for (const SystemFile* file :
         {&collection->graph_, &collection->vectors_, &collection->upper_}) {
      auto inode = engine_.inodes.read(file->ino, InodeSource::kSystem);
      if (!inode) return fail(inode.error());
      engine_.inodes.gather(unit, *inode);
      auto orphan = engine_.inodes.gather_orphan(unit, file->ino);
      if (!orphan) return orphan;
      inodes.push_back(std::move(*inode));
    }
  }
  const auto header = unit.write(fresh->graph_.blocks[0]);
  if (!header) return fail(header.error());
  (*header)->kind = BlockKind::kCollection;  // the cache may have dropped it since

  for (size_t i = 0; i < inodes.size(); ++i) {
    if (i < inodes.size() / 2) {
      inodes[i].raw->nlink = 1;
      engine_.inodes.set_orphan(unit, inodes[i].ino, false);
    } else {
      make_orphan(engine_, unit, inodes[i]);
    }
  }
  auto& stored = *reinterpret_cast<vexfs_collection*>((*header)->bytes.data());
  if (!engine_.faults.planted(Fault::kCompactionUncounted)) ++stored.sequence;
  fresh->sequence_ = stored.sequence;
  directory->raw->collection = static_cast<__le32>(fresh->graph_.ino);
  engine_.commit(unit);
  engine_.collections.replace(graph_.ino, fresh);
  engine_.close_if_full();
  return {};
}

}  // namespace vexfs::core

// SPDX-License-Identifier: MIT
// A collection in memory and on the volume, kept equal (docs/vectors.md).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "fuse/core/collection_files.h"
#include "fuse/core/door_message.h"
#include "fuse/core/shared_lock.h"
#include "fuse/core/update_turns.h"
#include "fuse/hnsw/index.h"
#include "fuse/hnsw/link.h"
#include "fuse/hnsw/row.h"
#include "fuse/hnsw/scratch.h"
#include "fuse/hnsw/workers.h"

namespace vexfs::core {

/** A slot that a unit makes dead, and the blocks that the unit has gathered for it. */
struct DyingSlot {
  Block* header = nullptr;
  Block* record = nullptr;
  uint32_t slot = 0;
};

/**
 * Locking: changes need the volume's exclusive lock, which also keeps planning a link step alone;
 * the index has a lock of its own that a change holds only while it applies what was planned. So
 * searches, which need only that one, go on while a batch is being linked. What holds the volume's
 * lock, shared or not, may read the index without its own.
 *
 * A compaction fills another collection, which nobody else knows, and holds the volume's lock for
 * one unit at a time. Nothing may change this one meanwhile: update requests take turns, and
 * whoever changes it as part of another operation asks compacting() first.
 */
class Collection {
 public:
  /** Reads and checks all of it. EUCLEAN. Shared lock. */
  static Expected<std::shared_ptr<Collection>> load(Engine& engine, const InodeRef& directory);

  InodeNumber graph() const { return graph_.ino; }
  const hnsw::Index& index() const { return index_; }

  /** Executes a request of the query door. No lock of the volume. */
  std::vector<std::byte> query(std::span<const std::byte> request) const;
  /** Executes a request of the update door. Takes the volume's exclusive lock, unit by unit. ESTALE
   * once ended; EAGAIN, and nothing is done, while a compaction runs. */
  Expected<std::vector<std::byte>> update(std::span<const std::byte> request);
  /** The lines of `info`. */
  std::string info() const;

  /** The collection is no more. Exclusive lock. */
  void end() { ended_ = true; }
  /** Whether changes have to wait. Exclusive lock. */
  bool compacting() const { return turns_.compacting(); }

  // Vectors of files. Exclusive lock, and no compaction is running.

  /** A put with its link steps; its unit also marks `file` and sets its ctime. `row`: stored. */
  Expected<void> put_of_file(InodeNumber file, std::span<const std::byte> row);
  /** Gathering and applying: a slot dies in a unit of the caller, who then emits its event. */
  Expected<DyingSlot> gather_death(Unit& unit, uint32_t slot);
  void kill(const DyingSlot& dying);
  void emit_death(Unit& unit, const DyingSlot& dying);

 private:
  friend class CollectionLoader;

  /** What the unit of a put does besides. */
  struct PutContext {
    /** Gets the flag VECTOR and a new ctime; 0: none. */
    InodeNumber file = 0;
    bool silent = false;
  };

  Collection(Engine& engine, InodeNumber directory, const hnsw::Parameters& parameters);

  // Updates, in collection_update.cpp. The caller holds the volume's exclusive lock.
  Expected<std::vector<std::byte>> execute(std::span<const std::byte> bytes,
                                           const DoorRequest& request);
  /** Answers whether the id had a live slot. */
  Expected<bool> put(uint64_t id, std::span<const std::byte> row, const PutContext& context);
  Expected<bool> erase(uint64_t id);
  /** Answers with the event's sequence. */
  Expected<uint64_t> emit_event(const DoorRequest& request);
  Expected<void> grow(uint32_t slots, uint32_t lists);
  Expected<void> grow_file(SystemFile& file, uint64_t blocks, uint32_t magic, uint32_t per_block);
  Expected<void> append_block(SystemFile& file, uint32_t magic, uint32_t first);
  Expected<void> put_unit(const hnsw::PutPlan& plan, std::span<const std::byte> row,
                          const PutContext& context);
  bool must_link() const {
    return index_.tail().size() >=
           VEXFS_TAIL_MAX + (engine_.faults.planted(Fault::kLinkedLate) ? 1 : 0);
  }
  /** No lock of the volume, if nobody else can change the index. */
  hnsw::LinkPlan plan_link();
  Expected<void> link_step(const hnsw::LinkPlan& plan);
  Expected<void> link_unit(const hnsw::LinkPlan& plan);
  Expected<void> link_tail();
  template <typename One>
  Expected<std::vector<std::byte>> for_each_id(std::span<const std::byte> request,
                                               const DoorRequest& read, One one);

  // Compaction, in collection_compact.cpp. No lock of the volume; this has the turn.
  Expected<std::vector<std::byte>> compact(std::span<const std::byte> request);
  Expected<std::shared_ptr<Collection>> begin_compaction();
  Expected<void> copy_live(Collection& fresh);
  Expected<void> copy_slot(Collection& fresh, uint32_t slot);
  Expected<void> change_over(const std::shared_ptr<Collection>& fresh);
  /** The changes of a compaction may go on. ESTALE, EINTR. */
  Expected<void> check_compaction() const;

  // Queries, in collection_query.cpp. The caller holds the index's lock.
  void search(const DoorRequest& request, DoorReply& reply) const;
  void get(const DoorRequest& request, DoorReply& reply) const;
  void list(const DoorRequest& request, DoorReply& reply) const;
  void count(DoorReply& reply) const;

  class BorrowedScratch;

  Engine& engine_;
  InodeNumber directory_;
  CollectionGeometry geometry_;
  SystemFile graph_, vectors_, upper_;
  bool ended_ = false;
  UpdateTurns turns_;

  mutable VolumeLock index_lock_;
  hnsw::Index index_;
  uint64_t sequence_ = 0;

  hnsw::Workers workers_;
  std::vector<hnsw::Scratch> link_scratches_;
  mutable std::mutex scratches_mutex_;
  mutable std::vector<std::unique_ptr<hnsw::Scratch>> scratches_;
};

}  // namespace vexfs::core

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
#include "fuse/hnsw/index.h"
#include "fuse/hnsw/row.h"
#include "fuse/hnsw/scratch.h"
#include "fuse/hnsw/workers.h"

namespace vexfs::core {

/**
 * Locking: changes need the volume's exclusive lock, which also keeps planning a link step alone;
 * the index has a lock of its own that a change holds only while it applies what was planned. So
 * searches, which need only that one, go on while a batch is being linked.
 */
class Collection {
 public:
  /** Reads and checks all of it. EUCLEAN. Shared lock. */
  static Expected<std::shared_ptr<Collection>> load(Engine& engine, const InodeRef& directory);

  InodeNumber directory() const { return directory_; }

  /** Executes a request of the query door. No lock of the volume. */
  std::vector<std::byte> query(std::span<const std::byte> request) const;
  /** Executes a request of the update door. Takes the volume's exclusive lock, unit by unit. ESTALE
   * once ended. */
  Expected<std::vector<std::byte>> update(std::span<const std::byte> request);
  /** The lines of `info`. */
  std::string info() const;

  /** The collection is no more. Exclusive lock. */
  void end() { ended_ = true; }

 private:
  friend class CollectionLoader;

  Collection(Engine& engine, const CollectionInodes& inodes);

  // Updates, in collection_update.cpp. The caller holds the volume's exclusive lock.
  Expected<bool> put(uint64_t id, std::span<const std::byte> row);
  Expected<bool> erase(uint64_t id);
  /** Answers with the event's sequence. */
  Expected<uint64_t> emit_event(const DoorRequest& request);
  Expected<void> grow(SystemFile& file, uint64_t blocks, uint32_t magic, uint32_t per_block);
  Expected<void> append_block(SystemFile& file, uint32_t magic, uint32_t first);
  Expected<void> put_unit(const hnsw::PutPlan& plan, std::span<const std::byte> row);
  Expected<void> link_tail();
  Expected<void> link_unit(std::span<const uint32_t> batch);
  template <typename One>
  Expected<std::vector<std::byte>> for_each_id(std::span<const std::byte> request,
                                               const DoorRequest& read, One one);

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

  mutable VolumeLock index_lock_;
  hnsw::Index index_;
  uint64_t sequence_ = 0;

  hnsw::Workers workers_;
  std::vector<hnsw::Scratch> link_scratches_;
  mutable std::mutex scratches_mutex_;
  mutable std::vector<std::unique_ptr<hnsw::Scratch>> scratches_;
};

}  // namespace vexfs::core

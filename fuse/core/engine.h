// SPDX-License-Identifier: MIT
// The parts of a mounted volume and the machinery that all operations share: units, seal, reclaim,
// checkpoint. The operations themselves are the methods of Volume (volume_*.cpp).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fuse/core/block_allocator.h"
#include "fuse/core/block_cache.h"
#include "fuse/core/collections.h"
#include "fuse/core/data_stage.h"
#include "fuse/core/directory.h"
#include "fuse/core/event_ring.h"
#include "fuse/core/extent_tree.h"
#include "fuse/core/inode_table.h"
#include "fuse/core/layout.h"
#include "fuse/core/log_writer.h"
#include "fuse/core/running.h"
#include "fuse/core/shared_lock.h"
#include "fuse/core/types.h"

namespace vexfs::core {

/** Numbers for the stats file. */
struct Counters {
  std::atomic<uint64_t> units{0};
  std::atomic<uint64_t> transactions{0};
  std::atomic<uint64_t> checkpoints{0};
  std::atomic<uint64_t> sync_points{0};
  std::atomic<uint64_t> reclaimed{0};
  std::atomic<uint64_t> reliefs{0};
  std::atomic<uint64_t> damaged{0};
};

/**
 * A mounted volume's state. Everything below is used under `lock`: exclusively by what changes the
 * volume, shared by what reads it. Exceptions say so.
 */
class Engine {
 public:
  Engine(std::unique_ptr<BlockDevice> device, const MountOptions& options, const Layout& layout);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /** Recovers (or replays in memory) and reads the state. To be called once, before any operation.
   */
  std::expected<void, Error> mount();
  /** Starts the durability timer, if there is one. */
  void start_timer(std::function<void()> sync_point);
  void stop_timer();

  // Units of work (docs/determinism.md).

  vexfs_state& state() { return *reinterpret_cast<vexfs_state*>(state_block_->bytes.data()); }
  /** EROFS if nothing may be changed. */
  Expected<void> check_writable() const;
  /** Gathering, first: loads the state and the place of the next event. */
  Expected<void> begin(Unit& unit);
  /** ENOSPC if fewer than `blocks` blocks are allocatable. */
  Expected<void> check_room(uint64_t blocks);
  /** Applying: appends `event` with this unit's number and time. */
  void emit(Unit& unit);
  /** Applying, last: the unit is done and numbered. */
  void commit(Unit& unit);
  /** Whether the closing rule holds. */
  bool full() const;
  /** The close rule after a unit outside reclaim: seal and reclaim if full. */
  void close_if_full();
  /**
   * Runs `attempt` (one unit: gather, then apply), once more after relief if it answered ENOSPC and
   * relief has something to offer.
   */
  template <typename Attempt>
  auto with_relief(Attempt attempt) -> decltype(attempt()) {
    auto done = attempt();
    if (done || done.error() != ENOSPC || !relief_possible()) return done;
    relief();
    return log.broken() ? done : attempt();
  }
  bool relief_possible() const { return allocator.parked() > 0 || !reclaimable.empty(); }
  void relief();

  // Sealing and what follows.

  void seal();
  void reclaim();
  /** Errors leave the log broken. */
  Expected<void> checkpoint(bool clean);
  /** seal() and reclaim(); what the caller waits for. */
  SyncTicket sync_point();
  /** Waits for the ticket, without `lock`, and raises the readable head. */
  Expected<void> finish_sync(const SyncTicket& ticket);
  /** An inode lost its last link: when it may be reclaimed. */
  void note_orphan(const InodeRef& inode);
  /**
   * One unit that removes the next piece of an orphan, or (`truncation`) of an inode marked
   * TRUNCATING. The last one frees the inode or ends the truncation, and answers true.
   */
  Expected<bool> remove_piece(InodeNumber ino, bool truncation);
  /** Removes all that an unfinished truncation of the inode left. Closes transactions. */
  Expected<void> finish_truncation(InodeNumber ino);

  // Time.

  int64_t now() const;
  static Time time_of(int64_t nanoseconds);
  Time time_now() const { return time_of(now()); }

  // Readable events; any thread, no lock needed.

  void raise_readable_head(uint64_t head);
  /** Calls the hook if the head rose since the last call. Without `lock`. */
  void tell_readers();

  const MountOptions options;
  const PlantedFault faults;
  const Layout layout;
  const std::unique_ptr<BlockDevice> device;
  VolumeLock lock;
  BlockCache cache;
  LogWriter log;
  Running running;
  BlockAllocator allocator;
  InodeTable inodes;
  ExtentTree tree;
  Directories directories;
  Collections collections;
  EventRing events;
  /** The event of the unit that is being applied. */
  EventRecord event;
  DataStage stage;
  Counters counters;

  /** Open handles by inode. */
  std::unordered_map<InodeNumber, uint32_t> handles;
  /** Orphans that may be reclaimed, and those that wait for their last handle. */
  std::set<InodeNumber> reclaimable;
  std::set<InodeNumber> held_orphans;
  std::atomic<int64_t> manual_time{0};
  std::atomic<uint64_t> readable_head{0};
  std::mutex readers_mutex;
  std::condition_variable readers_wake;
  std::function<void(uint64_t)> event_hook;
  bool unmounted = false;
  /** Running compactions give up; any thread. */
  std::atomic<bool> stop_compactions{false};
  /** File data may be newer in the cache than on the device. */
  bool data_in_cache;

 private:
  std::expected<void, Error> read_state();
  Expected<void> finish_recovery(const Anchor& next);
  /** Whether replay leaves the block as it is: never, without a fault. */
  bool skips_image(const Block& block) const;
  /** What recovery does last: nothing, without a fault. */
  Expected<void> plant_after_recovery(bool reclaimed);
  void emit_write_events();
  void mark_sealed(const std::vector<Block*>& logged);
  Expected<void> reclaim_inode(InodeNumber ino);
  Expected<void> bring_home();
  Expected<void> zero_parked();

  BlockRef state_block_;
  /** Blocks logged since the tail, pinned until they are home. */
  std::vector<BlockRef> not_home_;
  /** Their numbers, and those of blocks freed since. */
  std::unordered_set<uint64_t> logged_;
  uint64_t told_head_ = 0;
  std::jthread timer_;
};

/** The exclusive lock for one operation; afterwards readers of events are told. */
class Mutation {
 public:
  explicit Mutation(Engine& engine) : engine_(engine) { engine_.lock.lock(); }
  ~Mutation() {
    engine_.lock.unlock();
    engine_.tell_readers();
  }
  Mutation(const Mutation&) = delete;
  Mutation& operator=(const Mutation&) = delete;

 private:
  Engine& engine_;
};

}  // namespace vexfs::core

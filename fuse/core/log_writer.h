// SPDX-License-Identifier: MIT
// Brings sealed transactions to the log, late and in large writes, and the anchor to its place.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "fuse/core/block_cache.h"
#include "fuse/core/layout.h"
#include "fuse/core/planted.h"

namespace vexfs::core {

/** An anchor in native form (docs/format.md, "Anchors"). */
struct Anchor {
  uint64_t number = 0;
  uint64_t epoch = 0;
  uint64_t tail = 0;
  uint64_t sequence = 0;
  uint32_t prev_crc = 0;
  bool clean = false;
};

/** Reads both anchors and returns the valid one with the higher number. EUCLEAN if none is valid.
 */
Expected<Anchor> read_anchor(BlockDevice& device, const Layout& layout);

/**
 * The log's head and what is on its way to it.
 *
 * append() and the accessors of the head are used under the volume's exclusive lock; make_durable()
 * and the data counters by anyone. One caller at a time is the leader that writes everything queued
 * and flushes once for all who wait (group commit). After a failed write nothing is written any
 * more: broken() and EIO.
 */
class LogWriter {
 public:
  LogWriter(BlockDevice& device, const Layout& layout, PlantedFault faults);

  /** Starts with `anchor` as the durable one and the head at its tail. */
  void start(const Anchor& anchor);

  /** Sequence that the next transaction gets; its epoch; the checksum that it must name. */
  uint64_t next_sequence() const { return next_sequence_; }
  uint64_t epoch() const { return anchor_epoch_; }
  uint32_t prev_crc() const { return prev_crc_; }
  /** Blocks between tail and head, and transactions. */
  uint64_t blocks_in_use() const { return in_use_; }
  uint64_t sealed_since_tail() const { return sealed_; }

  /** Queues a built transaction at the head. `data_first`: the data written so far must be durable
   * before it. */
  void append(std::vector<std::byte> bytes, uint32_t crc, bool data_first);
  /** Bytes queued and not yet written. */
  uint64_t queued_bytes();

  /** A write of file data has failed: the log breaks when it is next made durable. */
  void note_data_error() { data_failed_.store(true, std::memory_order_release); }
  /** Somebody wrote file data to the device. */
  void note_data_write() { data_written_.fetch_add(1, std::memory_order_release); }
  uint64_t data_writes() const { return data_written_.load(std::memory_order_acquire); }

  /** Returns when all transactions up to `sequence` and the first `data_writes` data writes are
   * durable. */
  Expected<void> make_durable(uint64_t sequence, uint64_t data_writes);
  /** Flushes the device for a checkpoint (its home writes). */
  Expected<void> flush();
  /** Writes the next anchor durably: the tail moves to the head. Everything sealed is durable and
   * home. */
  Expected<void> move_tail(bool clean);
  /** Writes the anchor that ends a replay: next epoch, tail at `index`. */
  Expected<void> write_recovery_anchor(const Anchor& next);
  bool anchor_is_clean();
  /** Nothing may reach the log any more: something before it failed. */
  void break_off() { broken_.store(true, std::memory_order_release); }
  bool broken() const { return broken_.load(std::memory_order_acquire); }

  uint64_t flushes() const { return flushes_.load(std::memory_order_relaxed); }
  uint64_t bytes_written() const { return bytes_written_.load(std::memory_order_relaxed); }

 private:
  /** What one leader takes from the queue. */
  struct Batch {
    std::vector<std::byte> bytes;
    uint64_t index = 0;
    uint64_t last_sequence = 0;
    uint64_t data_mark = 0;
    uint64_t data_written = 0;
  };
  Expected<void> lead(std::unique_lock<std::mutex>& lock);
  Expected<void> write_batch(const Batch& batch, bool flush_first, bool anchor_first);
  Expected<void> write_log(const Batch& batch);
  Expected<void> write_anchor(const Anchor& next);
  Expected<void> counted_flush();

  BlockDevice& device_;
  const Layout& layout_;
  PlantedFault faults_;

  // Under the volume's exclusive lock.
  uint64_t head_ = 0;
  uint64_t in_use_ = 0;
  uint64_t sealed_ = 0;
  uint64_t next_sequence_ = 1;
  uint32_t prev_crc_ = 0;
  uint64_t anchor_epoch_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_.
  Anchor anchor_;
  bool leading_ = false;
  std::vector<std::byte> queue_;
  uint64_t queue_index_ = 0;
  uint64_t queue_last_ = 0;
  uint64_t queue_data_mark_ = 0;
  uint64_t durable_sequence_ = 0;
  uint64_t data_flushed_ = 0;

  std::atomic<uint64_t> data_written_{0};
  std::atomic<bool> data_failed_{false};
  std::atomic<bool> broken_{false};
  std::atomic<uint64_t> flushes_{0};
  std::atomic<uint64_t> bytes_written_{0};
  std::unique_ptr<BlockBytes> anchor_bytes_;
};

}  // namespace vexfs::core

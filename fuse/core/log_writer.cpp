// SPDX-License-Identifier: MIT
#include "fuse/core/log_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>

namespace vexfs::core {
namespace {

/** The anchor in `bytes` if it is one that was written whole. */
std::optional<Anchor> parse_anchor(const BlockBytes& bytes, const Layout& layout) {
  const auto& raw = *reinterpret_cast<const vexfs_anchor*>(bytes.data());
  if (raw.magic != VEXFS_ANCHOR_MAGIC) return std::nullopt;
  if (raw.crc != layout.checksum.of(raw.number, bytes, offsetof(vexfs_anchor, crc))) {
    return std::nullopt;
  }
  return Anchor{.number = raw.number,
                .epoch = raw.epoch,
                .tail = raw.tail,
                .sequence = raw.sequence,
                .prev_crc = raw.prev_crc,
                .clean = (raw.flags & VEXFS_ANCHOR_CLEAN) != 0};
}

}  // namespace

Expected<Anchor> read_anchor(BlockDevice& device, const Layout& layout) {
  auto bytes = std::make_unique<BlockBytes>();
  std::optional<Anchor> best;
  for (uint64_t block = VEXFS_ANCHOR_BLOCK; block < VEXFS_ANCHOR_BLOCK + 2; ++block) {
    if (auto read = device.read(block * kBlockSize, *bytes); !read) return fail(read.error());
    const auto anchor = parse_anchor(*bytes, layout);
    // Each anchor has its block: an odd number in the even block's place is none.
    if (anchor && VEXFS_ANCHOR_BLOCK + anchor->number % 2 != block) continue;
    if (anchor && (!best || anchor->number > best->number)) best = anchor;
  }
  if (!best || best->tail >= layout.log.blocks) return fail(EUCLEAN);
  return *best;
}

LogWriter::LogWriter(BlockDevice& device, const Layout& layout, PlantedFault faults)
    : device_(device),
      layout_(layout),
      faults_(faults),
      anchor_bytes_(std::make_unique<BlockBytes>()) {}

void LogWriter::start(const Anchor& anchor) {
  const std::lock_guard lock(mutex_);
  anchor_ = anchor;
  anchor_epoch_ = anchor.epoch;
  head_ = anchor.tail;
  in_use_ = 0;
  sealed_ = 0;
  next_sequence_ = anchor.sequence;
  prev_crc_ = anchor.prev_crc;
  durable_sequence_ = anchor.sequence - 1;
}

void LogWriter::append(std::vector<std::byte> bytes, uint32_t crc, bool data_first) {
  const uint64_t blocks = bytes.size() / kBlockSize;
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) {
    queue_ = std::move(bytes);
    queue_index_ = head_;
  } else {
    queue_.insert(queue_.end(), bytes.begin(), bytes.end());
  }
  queue_last_ = next_sequence_;
  if (data_first) queue_data_mark_ = data_writes();
  head_ = (head_ + blocks) % layout_.log.blocks;
  in_use_ += blocks;
  ++sealed_;
  ++next_sequence_;
  prev_crc_ = crc;
}

uint64_t LogWriter::queued_bytes() {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

Expected<void> LogWriter::make_durable(uint64_t sequence, uint64_t data_writes) {
  std::unique_lock lock(mutex_);
  while (durable_sequence_ < sequence || data_flushed_ < data_writes) {
    if (broken()) return fail(EIO);
    if (leading_) {
      changed_.wait(lock);
      continue;
    }
    if (auto led = lead(lock); !led) return led;
  }
  return {};
}

Expected<void> LogWriter::lead(std::unique_lock<std::mutex>& lock) {
  Batch batch;
  batch.bytes = std::move(queue_);
  queue_ = {};
  batch.index = queue_index_;
  batch.last_sequence = queue_last_;
  batch.data_mark = queue_data_mark_;
  batch.data_written = data_writes();
  const bool has_log = !batch.bytes.empty();
  const bool data_lost = data_failed_.load(std::memory_order_acquire);
  const bool flush_first =
      has_log && batch.data_mark > data_flushed_ && !faults_.planted(Fault::kDataNotAwaited);
  const bool anchor_first = has_log && anchor_.clean;
  leading_ = true;
  lock.unlock();
  // Nothing may become durable that refers to data which did not.
  Expected<void> written = fail(EIO);
  if (!data_lost) written = write_batch(batch, flush_first, anchor_first);
  lock.lock();
  leading_ = false;
  if (written) {
    if (has_log) durable_sequence_ = batch.last_sequence;
    data_flushed_ = std::max(data_flushed_, batch.data_written);
  } else {
    broken_ = true;
    written = fail(EIO);
  }
  changed_.notify_all();
  return written;
}

Expected<void> LogWriter::write_batch(const Batch& batch, bool flush_first, bool anchor_first) {
  if (anchor_first) {
    // No transaction may follow an anchor that says there is none. Its flush also covers the data.
    Anchor next = anchor_;
    ++next.number;
    next.clean = false;
    if (auto written = write_anchor(next); !written) return written;
  } else if (flush_first) {
    if (auto flushed = counted_flush(); !flushed) return flushed;
  }
  if (!batch.bytes.empty()) {
    if (auto written = write_log(batch); !written) return written;
    if (faults_.planted(Fault::kLogNotFlushed)) return {};
  }
  return counted_flush();
}

Expected<void> LogWriter::write_log(const Batch& batch) {
  std::span<const std::byte> rest = batch.bytes;
  uint64_t index = batch.index;
  while (!rest.empty()) {
    const size_t room = (layout_.log.blocks - index) * kBlockSize;
    const size_t size = std::min(rest.size(), room);
    const uint64_t offset = (layout_.log.start + index) * kBlockSize;
    if (auto written = device_.write(offset, rest.first(size)); !written) return written;
    bytes_written_.fetch_add(size, std::memory_order_relaxed);
    rest = rest.subspan(size);
    index = 0;
  }
  return {};
}

Expected<void> LogWriter::counted_flush() {
  flushes_.fetch_add(1, std::memory_order_relaxed);
  return device_.flush();
}

Expected<void> LogWriter::write_anchor(const Anchor& next) {
  anchor_bytes_->fill(std::byte{0});
  auto& raw = *reinterpret_cast<vexfs_anchor*>(anchor_bytes_->data());
  raw.magic = VEXFS_ANCHOR_MAGIC;
  raw.number = next.number;
  raw.epoch = next.epoch;
  raw.tail = next.tail;
  raw.sequence = next.sequence;
  raw.prev_crc = next.prev_crc;
  raw.flags = next.clean ? VEXFS_ANCHOR_CLEAN : 0;
  raw.crc = layout_.checksum.of(next.number, *anchor_bytes_, offsetof(vexfs_anchor, crc));
  const uint64_t block = VEXFS_ANCHOR_BLOCK + next.number % 2;
  if (auto written = device_.write(block * kBlockSize, *anchor_bytes_); !written) return written;
  if (auto flushed = counted_flush(); !flushed) return flushed;
  // Under the leader's flag or the volume's exclusive lock with nobody leading: no other writer of
  // it.
  const std::lock_guard lock(mutex_);
  anchor_ = next;
  return {};
}

Expected<void> LogWriter::flush() {
  auto flushed = counted_flush();
  if (!flushed) broken_ = true;
  return flushed;
}

Expected<void> LogWriter::move_tail(bool clean) {
  Anchor next;
  {
    const std::lock_guard lock(mutex_);
    next = anchor_;
  }
  ++next.number;
  next.tail = head_;
  next.sequence = next_sequence_;
  next.prev_crc = prev_crc_;
  next.clean = clean;
  auto written = write_anchor(next);
  if (!written) {
    broken_ = true;
    return written;
  }
  in_use_ = 0;
  sealed_ = 0;
  return {};
}

Expected<void> LogWriter::write_recovery_anchor(const Anchor& next) {
  auto written = write_anchor(next);
  if (!written) broken_ = true;
  if (written) start(next);
  return written;
}

bool LogWriter::anchor_is_clean() {
  const std::lock_guard lock(mutex_);
  return anchor_.clean;
}

}  // namespace vexfs::core

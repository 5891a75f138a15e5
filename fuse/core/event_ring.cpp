// SPDX-License-Identifier: MIT
#include "fuse/core/event_ring.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace vexfs::core {

EventRecord& EventRecord::start(uint16_t type, uint64_t ino, uint64_t parent) {
  type_ = type;
  ino_ = ino;
  parent_ = parent;
  cause_ = 0;
  size_ = 0;
  return *this;
}

void EventRecord::field(uint16_t tag, const void* value, size_t size) {
  const vexfs_event_field header{tag, static_cast<__le16>(size)};
  const size_t padded = (size + 3) & ~size_t{3};
  assert(size_ + sizeof header + padded <= payload_.size());
  std::memcpy(payload_.data() + size_, &header, sizeof header);
  size_ += sizeof header;
  std::memcpy(payload_.data() + size_, value, size);
  std::memset(payload_.data() + size_ + size, 0, padded - size);
  size_ += padded;
}

EventRecord& EventRecord::bytes(uint16_t tag, std::string_view value) {
  field(tag, value.data(), value.size());
  return *this;
}

EventRecord& EventRecord::words(uint16_t tag, std::initializer_list<uint32_t> values) {
  field(tag, values.begin(), values.size() * sizeof(uint32_t));
  return *this;
}

EventRecord& EventRecord::longs(uint16_t tag, std::initializer_list<uint64_t> values) {
  field(tag, values.begin(), values.size() * sizeof(uint64_t));
  return *this;
}

EventRecord& EventRecord::times(const Time& atime, const Time& mtime) {
  struct {
    int64_t atime, mtime;
    uint32_t atime_nsec, mtime_nsec;
  } const value{atime.seconds, mtime.seconds, atime.nanoseconds, mtime.nanoseconds};
  field(VEXFS_TAG_TIMES, &value, sizeof value);
  return *this;
}

EventRecord& EventRecord::vector(uint64_t id, uint32_t slot, uint32_t died) {
  struct {
    uint64_t id;
    uint32_t slot, died;
  } const value{id, slot, died};
  field(VEXFS_TAG_VECTOR, &value, sizeof value);
  return *this;
}

Expected<void> EventRing::gather(Unit& unit, const vexfs_state& state) {
  if (state.ring_head % kBlockSize == 0) return {};
  if (auto block = unit.write(block_of(state.ring_head)); !block) return fail(block.error());
  return {};
}

void EventRing::emit(Unit& unit, vexfs_state& state, const EventRecord& record,
                     const EventContext& context) {
  const std::span<const std::byte> payload = record.payload();
  const size_t whole = sizeof(vexfs_event) + payload.size();
  const size_t length = (whole + VEXFS_EVENT_ALIGN - 1) / VEXFS_EVENT_ALIGN * VEXFS_EVENT_ALIGN;
  uint64_t position = state.ring_head;
  size_t offset = position % kBlockSize;
  if (offset + length > kBlockSize) {
    position += kBlockSize - offset;
    offset = 0;
  }
  Block& block = offset == 0 ? *unit.create(block_of(position), BlockKind::kPlain)
                             : unit.at(block_of(position));
  std::byte* at = block.bytes.data() + offset;

  vexfs_event event{};
  event.magic = VEXFS_EVENT_MAGIC;
  event.sequence = state.next_event++;
  event.type = record.type();
  event.flags = VEXFS_EVF_ATOMIC | VEXFS_EVF_TRANSACTIONAL;
  event.priority = VEXFS_EVENT_PRIORITY_NORMAL;
  event.clock = context.manual_clock ? VEXFS_EVENT_CLOCK_MANUAL : VEXFS_EVENT_CLOCK_SYSTEM;
  event.length = static_cast<__le16>(length);
  event.time = static_cast<__le64>(context.time);
  event.ino = record.ino();
  event.parent = record.parent();
  event.transaction = context.transaction;
  event.epoch = context.epoch;
  event.cause = record.cause();
  event.clock_volume = layout_.clock_volume;
  event.clock_counter = event.sequence;
  event.unit = context.unit;
  event.payload = static_cast<__le16>(payload.size());
  std::memcpy(at, &event, sizeof event);
  std::memcpy(at + sizeof event, payload.data(), payload.size());
  std::memset(at + whole, 0, length - whole);
  const uint32_t crc =
      layout_.checksum.of(event.sequence, std::span(at, length), offsetof(vexfs_event, crc));
  std::memcpy(at + offsetof(vexfs_event, crc), &crc, sizeof crc);
  state.ring_head = position + length;
}

uint64_t EventRing::oldest(uint64_t ring_head) const {
  if (ring_head == 0) return 0;
  const uint64_t last = (ring_head - 1) / kBlockSize;
  return last + 1 < layout_.ring.blocks ? 0 : (last - layout_.ring.blocks + 1) * kBlockSize;
}

Expected<size_t> EventRing::read(uint64_t position, uint64_t head, std::span<std::byte> into) {
  size_t done = 0;
  while (done < into.size() && position < head) {
    const size_t offset = position % kBlockSize;
    const size_t size = std::min(
        {into.size() - done, size_t{kBlockSize} - offset, static_cast<size_t>(head - position)});
    const auto block = cache_.get(block_of(position));
    if (!block) return fail(block.error());
    std::memcpy(into.data() + done, (*block)->bytes.data() + offset, size);
    done += size;
    position += size;
  }
  return done;
}

}  // namespace vexfs::core

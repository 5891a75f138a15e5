// SPDX-License-Identifier: MIT
#include "reference/model/event.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "reference/model/checksum.h"

namespace vexfs::model {
namespace {

constexpr std::size_t round_up(std::size_t value, std::size_t to) {
  return (value + to - 1) / to * to;
}

BlockNumber ring_block(const Mounted& volume, std::uint64_t position) {
  return volume.super.ring.start + position / kBlockSize % volume.super.ring.blocks;
}

// Where a record of this length goes: never across a block boundary of the stream.
std::uint64_t place_for(std::uint64_t head, std::size_t length) {
  const std::size_t rest = kBlockSize - head % kBlockSize;
  return length <= rest ? head : head + rest;
}

}  // namespace

Event& Event::times(Timestamp atime, Timestamp mtime) {
  std::array<std::byte, 24> value;
  put(value, 0, atime.sec);
  put(value, 8, mtime.sec);
  put(value, 16, atime.nsec);
  put(value, 20, mtime.nsec);
  return field(VEXFS_TAG_TIMES, value);
}

Event& Event::vector(std::uint64_t id, std::uint32_t slot, std::uint32_t died) {
  std::array<std::byte, 16> value;
  put(value, 0, id);
  put(value, 8, slot);
  put(value, 12, died);
  return field(VEXFS_TAG_VECTOR, value);
}

Event& Event::field(std::uint16_t tag, std::span<const std::byte> value) {
  const vexfs_event_field header{tag, static_cast<__u16>(value.size())};
  payload_.insert(payload_.end(), bytes_of(header).begin(), bytes_of(header).end());
  payload_.insert(payload_.end(), value.begin(), value.end());
  payload_.resize(round_up(payload_.size(), 4));
  return *this;
}

void Event::emit(Mounted& volume, std::uint64_t unit) const {
  vexfs_state& state = volume.state;
  std::vector<std::byte> record(round_up(sizeof(vexfs_event) + payload_.size(), VEXFS_EVENT_ALIGN));
  vexfs_event header{};
  header.magic = VEXFS_EVENT_MAGIC;
  header.sequence = state.next_event;
  header.type = type_;
  header.flags = VEXFS_EVF_ATOMIC | VEXFS_EVF_TRANSACTIONAL;
  header.priority = VEXFS_EVENT_PRIORITY_NORMAL;
  header.clock = volume.options.manual_clock ? VEXFS_EVENT_CLOCK_MANUAL : VEXFS_EVENT_CLOCK_SYSTEM;
  header.length = static_cast<__u16>(record.size());
  header.time = static_cast<std::uint64_t>(clock_now(volume));
  header.ino = ino_;
  header.parent = parent_;
  header.transaction = volume.log.sequence;
  header.epoch = volume.anchor.epoch;
  header.cause = cause_;
  header.clock_volume = get<std::uint64_t>(std::as_bytes(std::span(volume.super.uuid)));
  header.clock_counter = state.next_event;
  header.unit = unit;
  header.payload = static_cast<__u16>(payload_.size());
  put(record, 0, header);
  std::ranges::copy(payload_, record.begin() + sizeof(header));
  header.crc =
      structure_checksum(volume.super.uuid, header.sequence, record, offsetof(vexfs_event, crc));
  put(record, 0, header);

  const std::uint64_t place = place_for(state.ring_head, record.size());
  const BlockNumber number = ring_block(volume, place);
  const bool first_in_block = place % kBlockSize == 0;
  const BlockEdit block = first_in_block ? volume.store.create(number) : volume.store.edit(number);
  std::ranges::copy(record, block.subspan(place % kBlockSize).begin());
  state.ring_head = place + record.size();
  ++state.next_event;
}

std::uint64_t oldest_event_position(const Mounted& volume) {
  const std::uint64_t head = volume.state.ring_head;
  if (head == 0) return 0;
  const std::uint64_t last_block = (head - 1) / kBlockSize;
  const std::uint64_t ring = volume.super.ring.blocks;
  return last_block + 1 > ring ? (last_block + 1 - ring) * kBlockSize : 0;
}

Result<std::vector<std::byte>> read_events(const Mounted& volume, std::uint64_t position,
                                           std::uint64_t length) {
  if (position < oldest_event_position(volume)) return std::unexpected(ESTALE);
  std::vector<std::byte> stream;
  if (position >= volume.readable_head) return stream;
  const std::uint64_t end = position + std::min(length, volume.readable_head - position);
  while (position < end) {
    const std::size_t offset = position % kBlockSize;
    const std::size_t count = std::min<std::uint64_t>(kBlockSize - offset, end - position);
    const auto bytes = volume.store.read(ring_block(volume, position)).subspan(offset, count);
    stream.insert(stream.end(), bytes.begin(), bytes.end());
    position += count;
  }
  return stream;
}

}  // namespace vexfs::model

// SPDX-License-Identifier: MIT
// Semantic events: building records and placing them in the ring (docs/format.md, "Events").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "fuse/core/running.h"
#include "fuse/core/types.h"
#include "reference/contract/event.h"
#include "reference/contract/superblock.h"

namespace vexfs::core {

/**
 * A record being put together: type, subject and payload fields, in the order of the calls. One is
 * reused for all events of a volume: it is too large for the stack.
 */
class EventRecord {
 public:
  /** Begins a record without payload. */
  EventRecord& start(uint16_t type, uint64_t ino, uint64_t parent);

  EventRecord& bytes(uint16_t tag, std::string_view value);
  EventRecord& words(uint16_t tag, std::initializer_list<uint32_t> values);
  EventRecord& longs(uint16_t tag, std::initializer_list<uint64_t> values);
  EventRecord& times(const Time& atime, const Time& mtime);
  EventRecord& vector(uint64_t id, uint32_t slot, uint32_t died);
  /** Sequence of the event that caused this one. */
  EventRecord& cause(uint64_t sequence) {
    cause_ = sequence;
    return *this;
  }

  uint16_t type() const { return type_; }
  uint64_t ino() const { return ino_; }
  uint64_t parent() const { return parent_; }
  uint64_t cause() const { return cause_; }
  std::span<const std::byte> payload() const { return std::span(payload_).first(size_); }

 private:
  void field(uint16_t tag, const void* value, size_t size);

  uint16_t type_ = 0;
  uint64_t ino_ = 0;
  uint64_t parent_ = 0;
  uint64_t cause_ = 0;
  size_t size_ = 0;
  /** The longest payloads: two names and numbers, or a name and 512 bytes of a target. */
  std::array<std::byte, 832> payload_;
};

/** What the volume adds to each record. */
struct EventContext {
  int64_t time = 0;
  bool manual_clock = false;
  uint64_t unit = 0;
  uint64_t transaction = 0;
  uint64_t epoch = 0;
};

/** The ring region. Emission under the volume's exclusive lock, reading under the shared one. */
class EventRing {
 public:
  EventRing(const Layout& layout, BlockCache& cache) : layout_(layout), cache_(cache) {}

  /** Gathering: loads the block that the next record continues, if it continues one. */
  Expected<void> gather(Unit& unit, const vexfs_state& state);
  /** Applying: appends the record. */
  void emit(Unit& unit, vexfs_state& state, const EventRecord& record, const EventContext& context);
  /** The oldest stream position that is still kept. */
  uint64_t oldest(uint64_t ring_head) const;
  /** Copies stream bytes from `position`, not beyond `head`; returns how many. */
  Expected<size_t> read(uint64_t position, uint64_t head, std::span<std::byte> into);

 private:
  uint64_t block_of(uint64_t position) const {
    return layout_.ring.start + position / kBlockSize % layout_.ring.blocks;
  }

  const Layout& layout_;
  BlockCache& cache_;
};

}  // namespace vexfs::core

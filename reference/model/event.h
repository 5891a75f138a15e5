// SPDX-License-Identifier: MIT
// Semantic events: records and the ring. docs/format.md, "Events".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "reference/contract/event.h"
#include "reference/model/mounted.h"

namespace vexfs::model {

/// An event in the making: its fields are added in the order in which the record holds them.
class Event {
 public:
  Event(std::uint16_t type, Ino ino, Ino parent) : type_(type), ino_(ino), parent_(parent) {}

  Event& name(std::string_view value) { return bytes(VEXFS_TAG_NAME, value); }
  Event& new_name(std::string_view value) { return bytes(VEXFS_TAG_NEW_NAME, value); }
  Event& new_parent(Ino ino) { return integers<std::uint64_t>(VEXFS_TAG_NEW_PARENT, {ino}); }
  Event& target(std::string_view value) {
    return bytes(VEXFS_TAG_TARGET, value.substr(0, VEXFS_EVENT_TARGET_MAX));
  }
  Event& mode(std::uint32_t before, std::uint32_t now) {
    return integers<std::uint32_t>(VEXFS_TAG_MODE, {before, now});
  }
  Event& owner(std::uint32_t old_uid, std::uint32_t old_gid, std::uint32_t uid, std::uint32_t gid) {
    return integers<std::uint32_t>(VEXFS_TAG_OWNER, {old_uid, old_gid, uid, gid});
  }
  Event& size(std::uint64_t before, std::uint64_t now) {
    return integers<std::uint64_t>(VEXFS_TAG_SIZE, {before, now});
  }
  Event& range(WriteRange written) {
    return integers<std::uint64_t>(VEXFS_TAG_RANGE, {written.first, written.after});
  }
  Event& times(Timestamp atime, Timestamp mtime);
  Event& node(std::uint32_t mode, std::uint32_t rdev) {
    return integers<std::uint32_t>(VEXFS_TAG_NODE, {mode, rdev});
  }
  Event& rename(std::uint32_t flags) { return integers<std::uint32_t>(VEXFS_TAG_RENAME, {flags}); }
  Event& vector(std::uint64_t id, std::uint32_t slot, std::uint32_t died);
  Event& text(std::string_view value) { return bytes(VEXFS_TAG_TEXT, value); }
  /// The event that caused this one; not a field.
  Event& cause(std::uint64_t sequence) {
    cause_ = sequence;
    return *this;
  }
  Event& other(Ino ino) { return integers<std::uint64_t>(VEXFS_TAG_OTHER, {ino}); }

  /// Writes the record into the ring; `unit` is the number of the unit that it belongs to.
  void emit(Mounted& volume, std::uint64_t unit) const;

 private:
  Event& field(std::uint16_t tag, std::span<const std::byte> value);
  Event& bytes(std::uint16_t tag, std::string_view value) {
    return field(tag, std::as_bytes(std::span(value)));
  }
  template <typename T>
  Event& integers(std::uint16_t tag, std::initializer_list<T> values) {
    return field(tag, std::as_bytes(std::span(values.begin(), values.size())));
  }

  std::uint16_t type_;
  Ino ino_;
  Ino parent_;
  std::uint64_t cause_ = 0;
  std::vector<std::byte> payload_;
};

/// The oldest position of the event stream that the ring still holds.
std::uint64_t oldest_event_position(const Mounted& volume);

/// Stream bytes from `position`, at most `length`, up to the readable head. ESTALE below the oldest
/// kept position.
Result<std::vector<std::byte>> read_events(const Mounted& volume, std::uint64_t position,
                                           std::uint64_t length);

}  // namespace vexfs::model

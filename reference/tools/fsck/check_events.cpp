// SPDX-License-Identifier: MIT
// The event ring: structure, sequence, and the fields of each record.
#include <algorithm>
#include <array>
#include <optional>

#include "reference/contract/door.h"
#include "reference/tools/fsck/check_context.h"
#include "reference/tools/inspect/event.h"
#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

// Which fields a record of a type has, in this order.
struct EventShape {
  std::uint16_t type;
  bool has_parent;
  std::array<std::uint16_t, 4> tags;  // 0: none
  std::uint16_t optional_tag;         // may follow
};

constexpr std::array kShapes = {
    EventShape{VEXFS_EV_CREATE, true, {VEXFS_TAG_NODE, VEXFS_TAG_NAME}, 0},
    EventShape{VEXFS_EV_MKDIR, true, {VEXFS_TAG_NODE, VEXFS_TAG_NAME}, 0},
    EventShape{VEXFS_EV_SYMLINK, true, {VEXFS_TAG_NAME, VEXFS_TAG_TARGET}, 0},
    EventShape{VEXFS_EV_HARDLINK, true, {VEXFS_TAG_NAME}, 0},
    EventShape{VEXFS_EV_DELETE, true, {VEXFS_TAG_NAME}, 0},
    EventShape{VEXFS_EV_RMDIR, true, {VEXFS_TAG_NAME}, 0},
    EventShape{VEXFS_EV_RENAME,
               true,
               {VEXFS_TAG_NAME, VEXFS_TAG_NEW_NAME, VEXFS_TAG_NEW_PARENT, VEXFS_TAG_RENAME},
               VEXFS_TAG_OTHER},
    EventShape{VEXFS_EV_TRUNCATE, false, {VEXFS_TAG_SIZE}, VEXFS_TAG_MODE},
    EventShape{VEXFS_EV_CHOWN, false, {VEXFS_TAG_OWNER}, VEXFS_TAG_MODE},
    EventShape{VEXFS_EV_CHMOD, false, {VEXFS_TAG_MODE}, 0},
    EventShape{VEXFS_EV_UTIMENS, false, {VEXFS_TAG_TIMES}, 0},
    EventShape{VEXFS_EV_WRITE, false, {VEXFS_TAG_RANGE}, 0},
    EventShape{VEXFS_EV_SETXATTR, false, {VEXFS_TAG_NAME, VEXFS_TAG_TEXT}, 0},
    EventShape{VEXFS_EV_REMOVEXATTR, false, {VEXFS_TAG_NAME}, 0},
    EventShape{VEXFS_EV_VECTOR_CREATE, false, {VEXFS_TAG_VECTOR}, 0},
    EventShape{VEXFS_EV_VECTOR_UPDATE, false, {VEXFS_TAG_VECTOR}, 0},
    EventShape{VEXFS_EV_VECTOR_DELETE, false, {VEXFS_TAG_VECTOR}, 0},
};

constexpr EventShape kAgentShape{0, false, {VEXFS_TAG_TEXT}, 0};

bool is_agent_event(std::uint16_t type) {
  return type >= VEXFS_EV_AGENT_FIRST && type <= VEXFS_EV_AGENT_LAST;
}

const EventShape* shape_of(std::uint16_t type) {
  if (is_agent_event(type)) return &kAgentShape;
  const auto* shape = std::ranges::find(kShapes, type, &EventShape::type);
  return shape == kShapes.end() ? nullptr : shape;
}

bool length_fits(const EventField& field) {
  const std::size_t length = field.value.size();
  switch (field.tag) {
    case VEXFS_TAG_NAME:
    case VEXFS_TAG_NEW_NAME:
      return length >= 1 && length <= VEXFS_NAME_MAX;
    case VEXFS_TAG_TARGET:
      return length >= 1 && length <= VEXFS_EVENT_TARGET_MAX;
    case VEXFS_TAG_TEXT:
      return length <= VEXFS_EVENT_TEXT_MAX;
    case VEXFS_TAG_RENAME:
      return length == 4;
    case VEXFS_TAG_NEW_PARENT:
    case VEXFS_TAG_MODE:
    case VEXFS_TAG_NODE:
    case VEXFS_TAG_OTHER:
      return length == 8;
    case VEXFS_TAG_OWNER:
    case VEXFS_TAG_SIZE:
    case VEXFS_TAG_RANGE:
    case VEXFS_TAG_VECTOR:
      return length == 16;
    case VEXFS_TAG_TIMES:
      return length == 24;
    default:
      return false;
  }
}

bool tags_match(const EventShape& shape, const std::vector<EventField>& fields) {
  std::size_t at = 0;
  for (std::uint16_t tag : shape.tags) {
    if (tag == 0) break;
    if (at == fields.size() || fields[at].tag != tag) return false;
    ++at;
  }
  if (at < fields.size() && shape.optional_tag != 0 && fields[at].tag == shape.optional_tag) ++at;
  return at == fields.size();
}

class EventCheck {
 public:
  EventCheck(CheckContext& context, const EventRecord& event, const EventRecord* previous)
      : context_(context), event_(event), header_(event.header), previous_(previous) {}

  void run() {
    check_order();
    check_constants();
    check_fields();
    check_origin();
  }

 private:
  template <typename Expected, typename Actual>
  void error(std::string_view rule, std::string_view field, const Expected& expected,
             const Actual& actual) {
    context_.error(rule,
                   fmt::format("event {} @ position {}{}{}", header_.sequence, event_.position,
                               kPathStep, field),
                   expected, actual);
  }

  void require(std::string_view field, std::uint64_t expected, std::uint64_t actual) {
    if (expected != actual) error("event.constant", field, expected, actual);
  }

  void check_order() {
    const auto crc = context_.view.crc(header_.sequence, event_.bytes, kEventType.crc_offset);
    if (header_.crc != crc) {
      error("event.crc", "crc", fmt::format("{:08x}", crc), fmt::format("{:08x}", header_.crc));
    }
    if (previous_ == nullptr) {
      if (event_.position == 0 && header_.sequence != 1) {
        error("event.sequence", "sequence", 1, header_.sequence);
      }
      return;
    }
    const vexfs_event& before = previous_->header;
    if (header_.sequence != before.sequence + 1) {
      error("event.sequence", "sequence", before.sequence + 1, header_.sequence);
    }
    const auto not_below = [&](std::string_view field, std::uint64_t low, std::uint64_t value) {
      if (value < low) error("event.order", field, fmt::format("at least {}", low), value);
    };
    not_below("transaction", before.transaction, header_.transaction);
    not_below("epoch", before.epoch, header_.epoch);
    not_below("unit", before.unit, header_.unit);
  }

  void check_constants() {
    require("flags", VEXFS_EVF_ATOMIC | VEXFS_EVF_TRANSACTIONAL, header_.flags);
    require("priority", VEXFS_EVENT_PRIORITY_NORMAL, header_.priority);
    if (!is_agent_event(header_.type)) require("cause", 0, header_.cause);
    require("clock_volume", load<std::uint64_t>(std::as_bytes(std::span(context_.view.uuid()))),
            header_.clock_volume);
    require("clock_counter", header_.sequence, header_.clock_counter);
    if (header_.clock != VEXFS_EVENT_CLOCK_MANUAL && header_.clock != VEXFS_EVENT_CLOCK_SYSTEM) {
      error("event.constant", "clock", "1 or 2", static_cast<unsigned>(header_.clock));
    }
    if (!all_zero(std::as_bytes(std::span(header_.reserved)))) {
      error("event.zero", "reserved", "zeros", "other bytes");
    }
  }

  void check_fields() {
    const std::size_t end = sizeof(vexfs_event) + header_.payload;
    const std::size_t rounded =
        (end + VEXFS_EVENT_ALIGN - 1) / VEXFS_EVENT_ALIGN * VEXFS_EVENT_ALIGN;
    if (header_.length != rounded) error("event.length", "length", rounded, header_.length);
    if (!event_.fields_fit) {
      return error("event.fields", "payload", "fields that fill it", header_.payload);
    }
    if (!all_zero(event_.bytes.subspan(end))) {
      error("event.zero", "padding", "zeros after the payload", "other bytes");
    }
    const EventShape* shape = shape_of(header_.type);
    if (shape == nullptr) {
      return error("event.type", "type", "a type that is recorded",
                   fmt::format("{:#06x}", header_.type));
    }
    if (!tags_match(*shape, event_.fields)) {
      error("event.fields", "payload", "the fields of its type in their order", "others");
    }
    for (const EventField& field : event_.fields) {
      if (length_fits(field)) continue;
      error("event.field_length", fmt::format("field {}", event_tag_name(field.tag)),
            "the length of its tag", field.value.size());
    }
    if (shape->has_parent != (header_.parent != 0)) {
      error("event.parent", "parent", shape->has_parent ? "a directory" : "0", header_.parent);
    }
  }

  void check_origin() {
    const std::uint64_t inodes = context_.super().inodes;
    if (header_.ino < 1 || header_.ino > inodes || header_.parent > inodes) {
      error("event.ino", "ino and parent", fmt::format("1 to {}", inodes),
            fmt::format("{} and {}", header_.ino, header_.parent));
    }
    if (header_.unit < 1 || header_.unit >= context_.state.next_unit) {
      error("event.unit", "unit", fmt::format("1 to {}", context_.state.next_unit - 1),
            header_.unit);
    }
    const vexfs_anchor* anchor = context_.anchors.active();
    if (anchor == nullptr) return;
    const std::uint64_t next = anchor->sequence + context_.chain.size();
    if (header_.transaction < 1 || header_.transaction >= next) {
      error("event.transaction", "transaction", fmt::format("1 to {}", next - 1),
            header_.transaction);
    }
    if (header_.epoch < 1 || header_.epoch > anchor->epoch) {
      error("event.epoch", "epoch", fmt::format("1 to {}", anchor->epoch), header_.epoch);
    }
  }

  CheckContext& context_;
  const EventRecord& event_;
  const vexfs_event& header_;
  const EventRecord* previous_;
};

// Ring blocks that the stream has never entered are zero.
void check_unused_ring(CheckContext& context, Bytes ring) {
  const std::uint64_t head = context.state.ring_head;
  if (head >= ring.size() || all_zero(ring.subspan(head))) return;
  context.error("ring.unused", fmt::format("ring › position {} and later", head),
                "zeros, because no record has been there", "other bytes");
}

}  // namespace

void check_events(CheckContext& context) {
  const std::vector<std::byte> ring = context.view.region_bytes(context.super().ring);
  const EventRun run = read_events(context.super(), ring, context.state.ring_head);
  for (const auto& fault : run.faults) {
    context.error("ring.records", fmt::format("ring › position {}", fault.position),
                  "records, then zeros to the end of the block", fault.what);
  }
  const EventRecord* previous = nullptr;
  for (const EventRecord& event : run.events) {
    EventCheck(context, event, previous).run();
    previous = &event;
  }
  const std::uint64_t next = previous != nullptr
                                 ? previous->header.sequence + 1
                                 : (context.state.ring_head == 0 ? 1 : context.state.next_event);
  if (run.faults.empty() && context.state.next_event != next) {
    context.error("state.next_event", "state › next_event", next, context.state.next_event);
  }
  check_unused_ring(context, ring);
}

}  // namespace vexfs::tools

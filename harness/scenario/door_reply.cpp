// SPDX-License-Identifier: MIT
#include "harness/scenario/door_reply.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstring>

#include "harness/scenario/error_name.h"
#include "harness/scenario/outcome_codec.h"
#include "harness/scenario/value_codec.h"
#include "reference/contract/door.h"
#include "reference/contract/vector.h"

namespace vexfs::parity {
namespace {

// Takes structures off the front; zeros where the bytes end.
class Parts {
 public:
  explicit Parts(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T next() {
    T value{};
    const std::string_view part = next(sizeof value);
    std::memcpy(&value, part.data(), part.size());
    return value;
  }
  std::string_view next(std::size_t size) {
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(part.size());
    return part;
  }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

Json slot_json(std::uint32_t slot) { return slot == VEXFS_SLOT_NONE ? Json() : Json(slot); }

Json distance_json(std::uint32_t bits, ElementType type) {
  if (type == ElementType::kI8 || type == ElementType::kBinary) {
    return static_cast<std::int32_t>(bits);
  }
  return write_value(Number{std::bit_cast<float>(bits)});
}

void add_answers(Json& json, Parts parts, ElementType type) {
  const auto head = parts.next<vexfs_search_reply>();
  for (const char* name : {"ids", "distances", "slots", "truncated"}) json[name] = Json::array();
  for (std::uint32_t query = 0; query < head.queries && !parts.empty(); ++query) {
    const auto answers = parts.next<vexfs_answers>();
    Json ids = Json::array(), distances = Json::array(), slots = Json::array();
    for (std::uint32_t i = 0; i < answers.count && !parts.empty(); ++i) {
      const auto answer = parts.next<vexfs_answer>();
      ids.push_back(answer.id);
      distances.push_back(distance_json(answer.distance, type));
      slots.push_back(answer.slot);
    }
    json["ids"].push_back(ids);
    json["distances"].push_back(distances);
    json["slots"].push_back(slots);
    json["truncated"].push_back((answers.flags & VEXFS_ANSWERS_TRUNCATED) != 0);
  }
  if (head.visits == 0) return;
  json["visits"] = head.visits;
  json["sequence"] = head.sequence;
}

void add_got(Json& json, Parts parts, ElementType type) {
  const auto head = parts.next<vexfs_get_reply>();
  for (const char* name : {"ids", "slots", "rows"}) json[name] = Json::array();
  for (std::uint32_t i = 0; i < head.count && !parts.empty(); ++i) {
    const auto got = parts.next<vexfs_got>();
    json["ids"].push_back(got.id);
    json["slots"].push_back(slot_json(got.slot));
    json["rows"].push_back(Json());
    if (got.slot == VEXFS_SLOT_NONE) continue;
    Json& row = json["rows"].back() = Json::array();
    for (const Number& number : decode_row(parts.next(head.row_bytes), type)) {
      row.push_back(write_value(number));
    }
    parts.next((8 - head.row_bytes % 8) % 8);
  }
}

void add_list(Json& json, Parts parts) {
  const auto head = parts.next<vexfs_list_reply>();
  for (const char* name : {"ids", "slots"}) json[name] = Json::array();
  for (std::uint32_t i = 0; i < head.count && !parts.empty(); ++i) {
    const auto listed = parts.next<vexfs_listed>();
    json["ids"].push_back(listed.id);
    json["slots"].push_back(listed.slot);
  }
  json["next"] = slot_json(head.next);
}

void add_count(Json& json, Parts parts) {
  const auto count = parts.next<vexfs_count_reply>();
  json["sequence"] = count.sequence;
  json["live"] = count.live;
  json["slots"] = count.slots;
  json["linked"] = count.linked;
  json["tail"] = count.tail;
}

void add_update(Json& json, Parts parts) {
  const auto update = parts.next<vexfs_update_reply>();
  json["done"] = update.done;
  json["changed"] = update.changed;
  json["sequence"] = update.sequence;
}

void add_body(Json& json, std::uint16_t opcode, Parts parts, ElementType type) {
  switch (opcode) {
    case VEXFS_OP_SEARCH:
    case VEXFS_OP_RESUME:
      return add_answers(json, parts, type);
    case VEXFS_OP_GET:
      return add_got(json, parts, type);
    case VEXFS_OP_LIST:
      return add_list(json, parts);
    case VEXFS_OP_COUNT:
      return add_count(json, parts);
    case VEXFS_OP_PUT:
    case VEXFS_OP_DELETE:
      return add_update(json, parts);
    default:
      json["sequence"] = parts.next<vexfs_sequence_reply>().sequence;
  }
}

}  // namespace

Json reply_json(std::string_view reply, ElementType type) {
  Parts parts(reply);
  const auto header = parts.next<vexfs_reply>();
  Json json = {{"status", error_name(static_cast<int>(header.status))}};
  if (header.status != 0) {
    json["field"] = header.field;
    json["index"] = header.index;
  }
  if (!parts.empty()) add_body(json, header.opcode, parts, type);
  return json;
}

ElementType element_type_of(const Operation& operation) {
  return std::visit(
      []<class O>(const O& o) {
        if constexpr (requires { requires std::same_as<decltype(o.type), ElementType>; }) {
          return o.type;
        }
        return ElementType::kF32;
      },
      operation);
}

int answer_of(const Outcome& outcome) {
  if (outcome.error != 0 || !outcome.reply) return outcome.error;
  return static_cast<int>(Parts(*outcome.reply).next<vexfs_reply>().status);
}

bool is_cut_short(const Outcome& outcome) {
  if (answer_of(outcome) != 0 || !outcome.reply) return false;
  Parts parts(*outcome.reply);
  const auto opcode = parts.next<vexfs_reply>().opcode;
  const bool searched = opcode == VEXFS_OP_SEARCH || opcode == VEXFS_OP_RESUME;
  return searched && parts.next<vexfs_search_reply>().visits != 0;
}

std::vector<FieldDifference> differences(const Operation& operation, const Outcome& left,
                                         const Outcome& right) {
  if (!left.reply || !right.reply) return differences(left, right);
  const auto shown = [&](const Outcome& outcome) {
    return Json{{"reply", reply_json(*outcome.reply, element_type_of(operation))}};
  };
  auto found = differences(shown(left), shown(right));
  return found.empty() ? differences(left, right) : found;
}

bool contains(const Json& json, const Json& expected) {
  if (expected.is_object()) {
    return json.is_object() && std::ranges::all_of(expected.items(), [&](const auto& member) {
             return json.contains(member.key()) && contains(json.at(member.key()), member.value());
           });
  }
  if (!expected.is_array()) return json == expected;
  if (!json.is_array() || json.size() != expected.size()) return false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (!contains(json[i], expected[i])) return false;
  }
  return true;
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "tools/vexctl/messages.h"

#include <algorithm>
#include <cstring>

namespace vexfs::ctl {
namespace {

template <typename T>
void append(Bytes& to, const T& value) {
  const auto at = to.size();
  to.resize(at + sizeof(T));
  std::memcpy(to.data() + at, &value, sizeof(T));
}

void append(Bytes& to, const Bytes& bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

Bytes message(std::uint16_t opcode, const Bytes& body, std::uint32_t flags = 0) {
  const vexfs_request header{.magic = VEXFS_REQUEST_MAGIC,
                             .version = VEXFS_DOOR_VERSION,
                             .opcode = opcode,
                             .flags = flags,
                             .length = static_cast<__le32>(sizeof(vexfs_request) + body.size()),
                             .tag = 0,
                             .reserved = 0};
  Bytes bytes;
  append(bytes, header);
  append(bytes, body);
  return bytes;
}

Bytes ids_body(std::span<const std::uint64_t> ids) {
  Bytes body;
  append(body, vexfs_ids{.count = static_cast<__le32>(ids.size()), .reserved = 0});
  for (const std::uint64_t id : ids) append(body, id);
  return body;
}

// Takes structures off the front of a body; `short_of` once it ended too early.
class Cursor {
 public:
  explicit Cursor(const Bytes& bytes) : left_(bytes) {}
  template <typename T>
  T take() {
    T value{};
    const auto bytes = take_bytes(sizeof(T));
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::span<const std::byte> take_bytes(std::size_t count) {
    if (count > left_.size()) {
      short_ = true;
      left_ = {};
      return {};
    }
    const auto taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }
  bool is_short() const { return short_; }

 private:
  std::span<const std::byte> left_;
  bool short_ = false;
};

template <typename T>
Result<T> unless_short(const Cursor& cursor, T value) {
  if (!cursor.is_short()) return value;
  return std::unexpected(
      Failure{"a reply ends too early: the filesystem speaks another version than this program"});
}

std::uint32_t padded(std::uint32_t bytes) { return (bytes + 7) & ~7U; }

}  // namespace

Bytes search_request(const SearchOptions& options, const Bytes& rows, std::uint32_t row_bytes,
                     const Token& token) {
  Bytes body;
  append(body, vexfs_search{.k = options.k,
                            .ef = options.ef,
                            .queries = static_cast<__le32>(rows.size() / row_bytes),
                            .filter = static_cast<__le32>(options.filter.size()),
                            .max_visits = options.max_visits,
                            .visits = token.visits,
                            .sequence = token.sequence,
                            .crc = token.crc,
                            .reserved = 0});
  append(body, rows);
  body.resize((body.size() + 7) & ~std::size_t{7});
  for (const std::uint64_t id : options.filter) append(body, id);
  // A token's limit is at least 1.
  return message(token.visits == 0 ? VEXFS_OP_SEARCH : VEXFS_OP_RESUME, body,
                 options.exact ? VEXFS_SEARCH_EXACT : 0);
}

Bytes get_request(std::span<const std::uint64_t> ids) {
  return message(VEXFS_OP_GET, ids_body(ids));
}

Bytes delete_request(std::span<const std::uint64_t> ids) {
  return message(VEXFS_OP_DELETE, ids_body(ids));
}

Bytes put_request(std::span<const std::uint64_t> ids, const Bytes& rows) {
  Bytes body = ids_body(ids);
  append(body, rows);
  return message(VEXFS_OP_PUT, body);
}

Bytes list_request(std::uint32_t cursor, std::uint32_t max) {
  Bytes body;
  append(body, vexfs_list{.cursor = cursor, .max = max});
  return message(VEXFS_OP_LIST, body);
}

Bytes count_request() { return message(VEXFS_OP_COUNT, {}); }

Bytes compact_request() { return message(VEXFS_OP_COMPACT, {}); }

std::uint32_t puts_that_fit(std::uint32_t row_bytes) {
  constexpr std::uint32_t kFixed = sizeof(vexfs_request) + sizeof(vexfs_ids);
  return (VEXFS_MESSAGE_MAX - kFixed) / (8 + row_bytes);
}

std::uint32_t gets_that_fit(std::uint32_t row_bytes) {
  constexpr std::uint32_t kFixed = sizeof(vexfs_reply) + sizeof(vexfs_get_reply);
  return (VEXFS_MESSAGE_MAX - kFixed) / (sizeof(vexfs_got) + padded(row_bytes));
}

std::uint32_t queries_that_fit(const SearchOptions& options, std::uint32_t row_bytes) {
  constexpr std::uint64_t kRequest = sizeof(vexfs_request) + sizeof(vexfs_search) + 7;
  constexpr std::uint64_t kReply = sizeof(vexfs_reply) + sizeof(vexfs_search_reply);
  const std::uint64_t used = kRequest + 8 * options.filter.size();
  if (used >= VEXFS_MESSAGE_MAX) return 0;
  const std::uint64_t of_reply =
      (VEXFS_MESSAGE_MAX - kReply) /
      (sizeof(vexfs_answers) + std::uint64_t{sizeof(vexfs_answer)} * options.k);
  return static_cast<std::uint32_t>(std::min((VEXFS_MESSAGE_MAX - used) / row_bytes, of_reply));
}

Result<Reply> parse_reply(const Bytes& request, const Bytes& bytes) {
  Cursor cursor(bytes);
  const auto header = cursor.take<vexfs_reply>();
  vexfs_request asked;
  std::memcpy(&asked, request.data(), sizeof asked);
  if (cursor.is_short() || header.magic != VEXFS_REPLY_MAGIC ||
      header.version != VEXFS_DOOR_VERSION || header.length != bytes.size() ||
      header.opcode != asked.opcode) {
    return std::unexpected(Failure{"the door's reply is none that this program understands"});
  }
  return Reply{header.status, header.field, header.index,
               Bytes(bytes.begin() + sizeof header, bytes.end())};
}

Result<Found> parse_found(const Bytes& body) {
  Cursor cursor(body);
  const auto head = cursor.take<vexfs_search_reply>();
  Found found{.queries = {}, .token = {head.visits, head.sequence, head.crc}};
  for (std::uint32_t q = 0; q < head.queries && !cursor.is_short(); q++) {
    const auto answers = cursor.take<vexfs_answers>();
    found.truncated = found.truncated || (answers.flags & VEXFS_ANSWERS_TRUNCATED) != 0;
    auto& query = found.queries.emplace_back();
    for (std::uint32_t i = 0; i < answers.count && !cursor.is_short(); i++) {
      const auto answer = cursor.take<vexfs_answer>();
      query.push_back({answer.id, answer.distance, answer.slot});
    }
  }
  return unless_short(cursor, std::move(found));
}

Result<std::vector<Got>> parse_got(const Bytes& body) {
  Cursor cursor(body);
  const auto head = cursor.take<vexfs_get_reply>();
  std::vector<Got> all;
  for (std::uint32_t i = 0; i < head.count && !cursor.is_short(); i++) {
    const auto got = cursor.take<vexfs_got>();
    auto& one = all.emplace_back(got.id, Bytes());
    if (got.slot == VEXFS_SLOT_NONE) continue;
    const auto row = cursor.take_bytes(padded(head.row_bytes));
    if (!cursor.is_short()) one.row.assign(row.begin(), row.begin() + head.row_bytes);
  }
  return unless_short(cursor, std::move(all));
}

Result<Listed> parse_listed(const Bytes& body) {
  Cursor cursor(body);
  const auto head = cursor.take<vexfs_list_reply>();
  Listed listed{.ids = {}, .next = head.next};
  for (std::uint32_t i = 0; i < head.count && !cursor.is_short(); i++) {
    listed.ids.push_back(cursor.take<vexfs_listed>().id);
  }
  return unless_short(cursor, std::move(listed));
}

Result<vexfs_count_reply> parse_count(const Bytes& body) {
  Cursor cursor(body);
  const auto reply = cursor.take<vexfs_count_reply>();
  return unless_short(cursor, reply);
}

Result<vexfs_update_reply> parse_update(const Bytes& body) {
  Cursor cursor(body);
  const auto reply = cursor.take<vexfs_update_reply>();
  return unless_short(cursor, reply);
}

}  // namespace vexfs::ctl

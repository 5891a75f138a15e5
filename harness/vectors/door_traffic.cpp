// SPDX-License-Identifier: MIT
#include "harness/vectors/door_traffic.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "reference/contract/door.h"
#include "reference/contract/event.h"

namespace vexfs::parity {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::uint32_t kIds = 300;  // ids that requests choose from, so that they meet again
constexpr std::size_t kRowsKept = 200;

template <typename T>
void append(Bytes& to, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void pad(Bytes& to) { to.resize((to.size() + 7) / 8 * 8); }

Bytes with_header(std::uint16_t opcode, std::uint32_t flags, std::uint64_t tag, const Bytes& body) {
  Bytes message;
  append(message, vexfs_request{.magic = VEXFS_REQUEST_MAGIC,
                                .version = VEXFS_DOOR_VERSION,
                                .opcode = opcode,
                                .flags = flags,
                                .length = static_cast<__le32>(sizeof(vexfs_request) + body.size()),
                                .tag = tag,
                                .reserved = 0});
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

// Mostly small numbers, as coordinates are; sometimes any bits, which may not be finite.
std::uint32_t float_bits(std::mt19937_64& random) {
  const auto r = static_cast<std::uint32_t>(random());
  if (random() % 400 == 0) return r;
  const std::uint32_t exponent = random() % 50 == 0 ? r % 254 : 118 + r % 10;
  return (r & 0x807fffff) | exponent << 23;
}

}  // namespace

DoorMessage compaction(std::uint64_t tag) {
  return {posix::Door::kUpdate, with_header(VEXFS_OP_COMPACT, 0, tag, {})};
}

void DoorTraffic::append_row(Bytes& body) {
  const std::size_t size = parameters_.row_bytes();
  const std::uint32_t choice = below(10);
  Bytes row;
  if (choice < 2 && !rows_.empty()) {
    row = rows_[below(static_cast<std::uint32_t>(rows_.size()))];
    if (choice == 1) row[below(static_cast<std::uint32_t>(size))] ^= std::byte{1};
  } else {
    row.resize(size);
    for (std::size_t at = 0; at < size; ++at) row[at] = static_cast<std::byte>(random_());
    if (parameters_.type == hnsw::ElementType::kF32) {
      for (std::size_t at = 0; at < size; at += 4) {
        const std::uint32_t bits = float_bits(random_);
        std::memcpy(row.data() + at, &bits, 4);
      }
    } else if (parameters_.type == hnsw::ElementType::kF16) {
      for (std::size_t at = 1; at < size; at += 2) {
        if (below(500) != 0) row[at] &= std::byte{0xbb};  // finite
      }
    } else if (parameters_.type == hnsw::ElementType::kBinary && parameters_.dim % 8 != 0 &&
               below(100) != 0) {
      row.back() &= static_cast<std::byte>((1U << parameters_.dim % 8) - 1);
    }
  }
  if (rows_.size() < kRowsKept) {
    rows_.push_back(row);
  } else {
    rows_[below(kRowsKept)] = row;
  }
  body.insert(body.end(), row.begin(), row.end());
}

void DoorTraffic::append_ids(Bytes& body, std::uint32_t count) {
  append(body, vexfs_ids{.count = count, .reserved = 0});
  for (std::uint32_t i = 0; i < count; ++i) {
    append(body, std::uint64_t{below(200) == 0 ? random_() : below(kIds)});
  }
}

void DoorTraffic::put(Bytes& body) {
  const std::uint32_t count = 1 + below(below(8) == 0 ? 80 : 4);
  append_ids(body, count);
  for (std::uint32_t i = 0; i < count; ++i) append_row(body);
}

void DoorTraffic::search(Bytes& body) {
  vexfs_search search{};
  search.k = 1 + below(below(10) == 0 ? 400 : 10);
  search.ef = 1 + below(60);
  search.queries = 1 + below(3);
  search.filter = below(3) == 0 ? 1 + below(below(2) == 0 ? 400 : 20) : 0;
  search.max_visits = below(3) == 0 ? 1 + below(12) : 0;
  append(body, search);
  for (std::uint32_t i = 0; i < search.queries; ++i) append_row(body);
  pad(body);
  for (std::uint32_t i = 0; i < search.filter; ++i) append(body, std::uint64_t{below(kIds)});
}

DoorMessage DoorTraffic::well_formed() {
  const std::uint32_t choice = below(100);
  const std::uint64_t tag = random_();
  if (below(150) == 0) {
    return compaction(tag);
  }
  Bytes body;
  if (choice < 35) {
    put(body);
    return {posix::Door::kUpdate, with_header(VEXFS_OP_PUT, 0, tag, body)};
  }
  if (choice < 45) {
    append_ids(body, 1 + below(6));
    return {posix::Door::kUpdate, with_header(VEXFS_OP_DELETE, 0, tag, body)};
  }
  if (choice < 48) {
    const auto text = static_cast<__le16>(below(40));
    append(body, vexfs_custom_event{.type = static_cast<__le16>(VEXFS_EV_AGENT_FIRST + below(6)),
                                    .text = text,
                                    .reserved = 0,
                                    .cause = below(100)});
    body.resize(body.size() + text, std::byte{'x'});
    return {posix::Door::kUpdate, with_header(VEXFS_OP_EVENT, 0, tag, body)};
  }
  if (choice < 82) {
    if (!to_resume_.empty() && below(2) == 0) {
      return {posix::Door::kQuery, std::exchange(to_resume_, {})};
    }
    search(body);
    const std::uint32_t flags = below(6) == 0 ? VEXFS_SEARCH_EXACT : 0;
    return {posix::Door::kQuery, with_header(VEXFS_OP_SEARCH, flags, tag, body)};
  }
  if (choice < 90) {
    append_ids(body, 1 + below(10));
    return {posix::Door::kQuery, with_header(VEXFS_OP_GET, 0, tag, body)};
  }
  if (choice < 95) {
    append(body, vexfs_list{.cursor = below(kIds), .max = 1 + below(50)});
    return {posix::Door::kQuery, with_header(VEXFS_OP_LIST, 0, tag, body)};
  }
  return {posix::Door::kQuery, with_header(VEXFS_OP_COUNT, 0, tag, body)};
}

void DoorTraffic::mutate(Bytes& bytes) {
  for (std::uint32_t edits = 1 + below(3); edits > 0 && !bytes.empty(); --edits) {
    const std::uint32_t near =
        below(static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), 80)));
    switch (below(5)) {
      case 0:
        bytes[near] = static_cast<std::byte>(random_());
        break;
      case 1:
        bytes[near] ^= static_cast<std::byte>(1U << below(8));
        break;
      case 2:
        bytes.resize(below(static_cast<std::uint32_t>(bytes.size()) + 1));
        break;
      case 3:
        bytes.resize(bytes.size() + 1 + below(20));
        break;
      default: {  // a number at its edges
        const std::uint32_t value = below(2) == 0 ? 0xffffffff : 1U << below(32);
        if (near / 4 * 4 + 4 <= bytes.size()) std::memcpy(bytes.data() + near / 4 * 4, &value, 4);
      }
    }
  }
  // A mutation behind the header is only reached if the header's length is right.
  if (bytes.size() >= sizeof(vexfs_request) && below(3) != 0) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(bytes.data() + offsetof(vexfs_request, length), &length, 4);
  }
}

DoorMessage DoorTraffic::next() {
  DoorMessage message = well_formed();
  const std::uint32_t choice = below(20);
  if (choice == 0) message.door = below(2) == 0 ? posix::Door::kQuery : posix::Door::kUpdate;
  if (choice < 5) mutate(message.bytes);
  return message;
}

void DoorTraffic::saw(const DoorMessage& request, std::span<const std::byte> reply) {
  vexfs_request header;
  if (request.bytes.size() < sizeof header + sizeof(vexfs_search)) return;
  std::memcpy(&header, request.bytes.data(), sizeof header);
  const bool searched = header.opcode == VEXFS_OP_SEARCH || header.opcode == VEXFS_OP_RESUME;
  if (!searched || reply.size() < sizeof(vexfs_reply) + sizeof(vexfs_search_reply)) return;
  vexfs_search_reply answered;
  std::memcpy(&answered, reply.data() + sizeof(vexfs_reply), sizeof answered);
  if (answered.visits == 0) return;
  to_resume_ = request.bytes;
  header.opcode = VEXFS_OP_RESUME;
  std::memcpy(to_resume_.data(), &header, sizeof header);
  vexfs_search search;
  std::memcpy(&search, to_resume_.data() + sizeof header, sizeof search);
  search.visits = answered.visits;
  search.sequence = answered.sequence;
  search.crc = answered.crc;
  std::memcpy(to_resume_.data() + sizeof header, &search, sizeof search);
}

}  // namespace vexfs::parity

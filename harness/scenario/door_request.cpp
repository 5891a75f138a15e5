// SPDX-License-Identifier: MIT
#include "harness/scenario/door_request.h"

#include <cstring>
#include <span>

#include "reference/vector/encode.h"

namespace vexfs::parity {
namespace {

constexpr std::size_t kSearchAt = sizeof(vexfs_request);

std::string text_of(const vectors::Message& message) {
  return {reinterpret_cast<const char*>(message.data()), message.size()};
}

template <class T>
T load(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class T>
void store(std::string& bytes, std::size_t at, const T& value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// The messages; each names its door.

std::string message_of(const VectorPut& o) {
  const std::string rows = encode_rows(o.rows, o.type, o.ids.values.size());
  return text_of(vectors::encode_put(o.ids.values, std::as_bytes(std::span(rows))));
}
std::string message_of(const VectorDelete& o) {
  return text_of(vectors::encode_ids(VEXFS_OP_DELETE, o.ids.values));
}
std::string message_of(const VectorGet& o) {
  return text_of(vectors::encode_ids(VEXFS_OP_GET, o.ids.values));
}
std::string message_of(const VectorList& o) {
  return text_of(vectors::encode_list(o.cursor, o.max));
}
std::string message_of(const VectorCount&) { return text_of(vectors::encode_count()); }
std::string message_of(const VectorSearch& o) {
  vexfs_search search{};
  search.k = o.k;
  search.ef = o.ef;
  search.queries = static_cast<__u32>(row_count(o.queries, 1));
  search.max_visits = o.max_visits;
  const std::string rows = encode_rows(o.queries, o.type, 1);
  return text_of(vectors::encode_search(VEXFS_OP_SEARCH, search, std::as_bytes(std::span(rows)),
                                        o.filter.values, o.exact));
}
std::string message_of(const VectorEvent& o) {
  return text_of(vectors::encode_event(static_cast<std::uint16_t>(o.type), o.cause, o.text));
}
std::string message_of(const VectorCompact&) { return text_of(vectors::encode_compact()); }
std::string message_of(const VectorRaw& o) { return expand(o.data); }

template <class O>
Door door_of(const O& o) {
  if constexpr (std::same_as<O, VectorRaw>) {
    return o.door;
  } else if constexpr (std::same_as<O, VectorPut> || std::same_as<O, VectorDelete> ||
                       std::same_as<O, VectorEvent> || std::same_as<O, VectorCompact>) {
    return Door::kUpdate;
  } else {
    return Door::kQuery;
  }
}

template <class O>
std::uint32_t piece_of(const O& o) {
  if constexpr (requires { o.piece; }) return o.piece;
  return 0;
}

}  // namespace

Setxattr setxattr_of(const VectorAttach& o) {
  return {o.path, "user.vexfs.vector", encode_rows(o.row, o.type, 1), o.flags};
}

std::string collection_file(const Path& directory, std::string_view name) {
  const char* slash = directory.bytes.ends_with('/') ? "" : "/";
  return directory.bytes + slash + ".vexfs/" + std::string(name);
}

template <VectorOperation O>
std::optional<DoorRequest> DoorRequests::request_of(const O& o) const {
  const std::string path =
      collection_file(o.path, door_names()[static_cast<std::size_t>(door_of(o))].name);
  if constexpr (std::same_as<O, VectorResume>) {
    const auto found = cut_short_.find(path);
    if (found == cut_short_.end()) return std::nullopt;
    DoorRequest request{path, found->second, 0};
    auto search = load<vexfs_search>(request.bytes, kSearchAt);
    search.max_visits = o.max_visits;
    store(request.bytes, kSearchAt, search);
    return request;
  } else {
    return DoorRequest{path, message_of(o), piece_of(o)};
  }
}

template std::optional<DoorRequest> DoorRequests::request_of(const VectorPut&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorDelete&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorGet&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorList&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorCount&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorSearch&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorResume&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorEvent&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorCompact&) const;
template std::optional<DoorRequest> DoorRequests::request_of(const VectorRaw&) const;

void DoorRequests::replied(const std::string& door_path, std::string_view request,
                           std::string_view reply) {
  if (request.size() < kSearchAt + sizeof(vexfs_search)) return;
  if (reply.size() < sizeof(vexfs_reply) + sizeof(vexfs_search_reply)) return;
  auto header = load<vexfs_request>(request, 0);
  if (header.opcode != VEXFS_OP_SEARCH && header.opcode != VEXFS_OP_RESUME) return;
  const auto token = load<vexfs_search_reply>(reply, sizeof(vexfs_reply));
  if (token.visits == 0) return;
  auto search = load<vexfs_search>(request, kSearchAt);
  header.opcode = VEXFS_OP_RESUME;
  search.visits = token.visits;
  search.sequence = token.sequence;
  search.crc = token.crc;
  std::string& kept = cut_short_[door_path];
  kept = request;
  store(kept, 0, header);
  store(kept, kSearchAt, search);
}

}  // namespace vexfs::parity

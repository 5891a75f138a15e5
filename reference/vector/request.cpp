// SPDX-License-Identifier: MIT
#include "reference/vector/request.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "reference/contract/event.h"
#include "reference/model/bytes.h"
#include "reference/model/checksum.h"

namespace vexfs::vectors {
namespace {

using model::get;
using Bytes = std::span<const std::byte>;
using Checked = std::expected<void, Fault>;

constexpr std::uint32_t kHeader = sizeof(vexfs_request);
constexpr std::uint32_t kLengthField = offsetof(vexfs_request, length);

#define FIELD(type, member) (kHeader + std::uint32_t{offsetof(type, member)})

std::unexpected<Fault> fault(std::size_t field, std::size_t index = 0, int status = EINVAL) {
  return std::unexpected(
      Fault{status, static_cast<std::uint32_t>(field), static_cast<std::uint32_t>(index)});
}

constexpr std::uint64_t round_up_to_8(std::uint64_t value) { return (value + 7) / 8 * 8; }

std::expected<vexfs_request, Fault> parse_header(Bytes request,
                                                 std::initializer_list<unsigned> opcodes) {
  if (request.size() < kHeader) return fault(kLengthField);
  const auto header = get<vexfs_request>(request);
  if (header.magic != VEXFS_REQUEST_MAGIC) return fault(offsetof(vexfs_request, magic));
  if (header.version != VEXFS_DOOR_VERSION) return fault(offsetof(vexfs_request, version));
  if (header.length != request.size()) return fault(kLengthField);
  if (std::ranges::find(opcodes, header.opcode) == opcodes.end())
    return fault(offsetof(vexfs_request, opcode));
  const bool is_search = header.opcode == VEXFS_OP_SEARCH || header.opcode == VEXFS_OP_RESUME;
  if (header.flags & ~(is_search ? VEXFS_SEARCH_EXACT : 0U))
    return fault(offsetof(vexfs_request, flags));
  if (header.reserved != 0) return fault(offsetof(vexfs_request, reserved));
  return header;
}

// The fixed part of a body.
template <typename T>
std::expected<T, Fault> parse_fixed(Bytes request) {
  if (request.size() < kHeader + sizeof(T)) return fault(kLengthField);
  return get<T>(request, kHeader);
}

Checked check_length(Bytes request, std::uint64_t length) {
  if (request.size() != length) return fault(kLengthField);
  return {};
}

std::vector<std::uint64_t> parse_ids(Bytes request, std::size_t offset, std::uint32_t count) {
  std::vector<std::uint64_t> ids(count);
  for (std::uint32_t i = 0; i < count; ++i)
    ids[i] = get<std::uint64_t>(request, offset + 8 * std::size_t{i});
  return ids;
}

std::expected<std::vector<Row>, Fault> parse_rows(const Parameters& parameters, Bytes request,
                                                  std::size_t offset, std::uint32_t count) {
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < count; ++i, offset += row_bytes(parameters)) {
    auto row = stored_row(parameters, request.subspan(offset, row_bytes(parameters)));
    if (!row) return fault(offset + row.error(), i);
    rows.push_back(std::move(*row));
  }
  return rows;
}

Checked check_search(const vexfs_search& search, bool is_resume) {
  constexpr std::uint64_t kReply = sizeof(vexfs_reply) + sizeof(vexfs_search_reply);
  const std::uint64_t longest =
      kReply + std::uint64_t{search.queries} *
                   (sizeof(vexfs_answers) + sizeof(vexfs_answer) * std::uint64_t{search.k});
  if (search.k < 1 || search.k > VEXFS_K_MAX || longest > VEXFS_MESSAGE_MAX)
    return fault(FIELD(vexfs_search, k));
  if (search.ef < 1 || search.ef > VEXFS_EF_MAX) return fault(FIELD(vexfs_search, ef));
  if (search.queries < 1) return fault(FIELD(vexfs_search, queries));
  if (!is_resume && search.visits != 0) return fault(FIELD(vexfs_search, visits));
  if (!is_resume && search.sequence != 0) return fault(FIELD(vexfs_search, sequence));
  if (!is_resume && search.crc != 0) return fault(FIELD(vexfs_search, crc));
  if (search.reserved != 0) return fault(FIELD(vexfs_search, reserved));
  return {};
}

// Of the body with what a resume changes as zero.
std::uint32_t token_crc(Bytes request) {
  Message body(request.begin() + kHeader, request.end());
  auto search = get<vexfs_search>(body);
  search.max_visits = 0;
  search.visits = 0;
  search.sequence = 0;
  search.crc = 0;
  model::put(std::span(body), 0, search);
  return model::crc32c(body);
}

std::uint32_t limit_of(const vexfs_search& search) {
  if (search.max_visits == 0) return 0;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(std::uint64_t{search.visits} + search.max_visits, UINT32_MAX));
}

std::expected<SearchRequest, Fault> parse_search(const Parameters& parameters,
                                                 std::uint64_t sequence,
                                                 const vexfs_request& header, Bytes request) {
  constexpr std::size_t kRows = kHeader + sizeof(vexfs_search);
  const bool is_resume = header.opcode == VEXFS_OP_RESUME;
  const auto search = parse_fixed<vexfs_search>(request);
  if (!search) return std::unexpected(search.error());
  if (auto done = check_search(*search, is_resume); !done) return std::unexpected(done.error());
  const std::uint64_t ids_at =
      kRows + round_up_to_8(std::uint64_t{search->queries} * row_bytes(parameters));
  if (auto done = check_length(request, ids_at + 8 * std::uint64_t{search->filter}); !done)
    return std::unexpected(done.error());
  SearchRequest parsed{{}, limit_of(*search), token_crc(request)};
  if (is_resume && search->crc != parsed.crc) return fault(FIELD(vexfs_search, crc));
  if (is_resume && search->sequence != sequence)
    return fault(FIELD(vexfs_search, sequence), 0, ESTALE);
  auto rows = parse_rows(parameters, request, kRows, search->queries);
  if (!rows) return std::unexpected(rows.error());
  std::optional<std::set<std::uint64_t>> filter;
  if (search->filter > 0) {
    const auto ids = parse_ids(request, ids_at, search->filter);
    filter.emplace(ids.begin(), ids.end());
  }
  for (Row& row : *rows)
    parsed.queries.push_back({std::move(row), search->k, search->ef, filter, parsed.limit,
                              (header.flags & VEXFS_SEARCH_EXACT) != 0});
  return parsed;
}

// The ids of get, put and delete. `bytes_each`: what follows the ids for each of them.
std::expected<std::vector<std::uint64_t>, Fault> parse_id_array(Bytes request,
                                                                std::uint64_t most_ids,
                                                                std::size_t bytes_each) {
  const auto fixed = parse_fixed<vexfs_ids>(request);
  if (!fixed) return std::unexpected(fixed.error());
  if (fixed->count < 1 || fixed->count > most_ids) return fault(FIELD(vexfs_ids, count));
  if (fixed->reserved != 0) return fault(FIELD(vexfs_ids, reserved));
  constexpr std::size_t kIds = kHeader + sizeof(vexfs_ids);
  const std::uint64_t length = kIds + std::uint64_t{fixed->count} * (8 + bytes_each);
  if (auto done = check_length(request, length); !done) return std::unexpected(done.error());
  return parse_ids(request, kIds, fixed->count);
}

std::expected<GetRequest, Fault> parse_get(const Parameters& parameters, Bytes request) {
  constexpr std::uint64_t kReply = sizeof(vexfs_reply) + sizeof(vexfs_get_reply);
  const std::uint64_t most_ids =
      (VEXFS_MESSAGE_MAX - kReply) / (sizeof(vexfs_got) + round_up_to_8(row_bytes(parameters)));
  auto ids = parse_id_array(request, most_ids, 0);
  if (!ids) return std::unexpected(ids.error());
  return GetRequest{std::move(*ids)};
}

std::expected<ListRequest, Fault> parse_list(Bytes request) {
  constexpr std::uint32_t kMost = 1'000'000;
  const auto list = parse_fixed<vexfs_list>(request);
  if (!list) return std::unexpected(list.error());
  if (list->max < 1 || list->max > kMost) return fault(FIELD(vexfs_list, max));
  if (auto done = check_length(request, kHeader + sizeof(vexfs_list)); !done)
    return std::unexpected(done.error());
  return ListRequest{list->cursor, list->max};
}

// Count and compact: requests without a body.
template <typename T>
std::expected<T, Fault> parse_bare(Bytes request) {
  if (auto done = check_length(request, kHeader); !done) return std::unexpected(done.error());
  return T{};
}

std::expected<PutRequest, Fault> parse_put(const Parameters& parameters, Bytes request) {
  constexpr std::size_t kIds = kHeader + sizeof(vexfs_ids);
  auto ids = parse_id_array(request, UINT32_MAX, row_bytes(parameters));
  if (!ids) return std::unexpected(ids.error());
  for (std::size_t i = 0; i < ids->size(); ++i)
    if ((*ids)[i] & VEXFS_ID_FILE) return fault(kIds + 8 * i, i);
  const auto count = static_cast<std::uint32_t>(ids->size());
  auto rows = parse_rows(parameters, request, kIds + 8 * ids->size(), count);
  if (!rows) return std::unexpected(rows.error());
  return PutRequest{std::move(*ids), std::move(*rows)};
}

std::expected<DeleteRequest, Fault> parse_delete(Bytes request) {
  auto ids = parse_id_array(request, UINT32_MAX, 0);
  if (!ids) return std::unexpected(ids.error());
  return DeleteRequest{std::move(*ids)};
}

std::expected<EventRequest, Fault> parse_event(Bytes request) {
  constexpr std::size_t kText = kHeader + sizeof(vexfs_custom_event);
  const auto event = parse_fixed<vexfs_custom_event>(request);
  if (!event) return std::unexpected(event.error());
  if (event->type < VEXFS_EV_AGENT_FIRST || event->type > VEXFS_EV_AGENT_LAST)
    return fault(FIELD(vexfs_custom_event, type));
  if (event->text > VEXFS_EVENT_TEXT_MAX) return fault(FIELD(vexfs_custom_event, text));
  if (event->reserved != 0) return fault(FIELD(vexfs_custom_event, reserved));
  if (auto done = check_length(request, kText + event->text); !done)
    return std::unexpected(done.error());
  const Bytes text = request.subspan(kText);
  return EventRequest{event->type, event->cause,
                      std::string(reinterpret_cast<const char*>(text.data()), text.size())};
}

}  // namespace

std::expected<QueryRequest, Fault> parse_query(const Parameters& parameters, std::uint64_t sequence,
                                               std::span<const std::byte> request) {
  const auto header = parse_header(
      request, {VEXFS_OP_SEARCH, VEXFS_OP_RESUME, VEXFS_OP_GET, VEXFS_OP_LIST, VEXFS_OP_COUNT});
  if (!header) return std::unexpected(header.error());
  switch (header->opcode) {
    case VEXFS_OP_GET:
      return parse_get(parameters, request);
    case VEXFS_OP_LIST:
      return parse_list(request);
    case VEXFS_OP_COUNT:
      return parse_bare<CountRequest>(request);
    default:
      return parse_search(parameters, sequence, *header, request);
  }
}

std::expected<UpdateRequest, Fault> parse_update(const Parameters& parameters,
                                                 std::span<const std::byte> request) {
  const auto header =
      parse_header(request, {VEXFS_OP_PUT, VEXFS_OP_DELETE, VEXFS_OP_EVENT, VEXFS_OP_COMPACT});
  if (!header) return std::unexpected(header.error());
  switch (header->opcode) {
    case VEXFS_OP_PUT:
      return parse_put(parameters, request);
    case VEXFS_OP_DELETE:
      return parse_delete(request);
    case VEXFS_OP_COMPACT:
      return parse_bare<CompactRequest>(request);
    default:
      return parse_event(request);
  }
}

}  // namespace vexfs::vectors

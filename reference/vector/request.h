// SPDX-License-Identifier: MIT
// Requests of the doors, taken apart and checked in the order of docs/vectors.md, "Doors".
#pragma once

#include <cerrno>
#include <expected>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "reference/contract/door.h"
#include "reference/vector/search.h"

namespace vexfs::vectors {

using Message = std::vector<std::byte>;

/// What is wrong with a request.
struct Fault {
  int status = EINVAL;
  std::uint32_t field = 0;  // byte offset in the request
  std::uint32_t index = 0;  // of the row or id in its array
  bool operator==(const Fault&) const = default;
};

/// Search and resume.
struct SearchRequest {
  std::vector<Query> queries;
  std::uint32_t limit = 0;  // of visits, 0: none
  std::uint32_t crc = 0;    // that a token names
};

struct GetRequest {
  std::vector<std::uint64_t> ids;
};

struct ListRequest {
  std::uint32_t cursor = 0;
  std::uint32_t max = 0;
};

struct CountRequest {};

using QueryRequest = std::variant<SearchRequest, GetRequest, ListRequest, CountRequest>;

struct PutRequest {
  std::vector<std::uint64_t> ids;
  std::vector<Row> rows;  // as they are stored
};

struct DeleteRequest {
  std::vector<std::uint64_t> ids;
};

struct EventRequest {
  std::uint16_t type = 0;
  std::uint64_t cause = 0;
  std::string text;
};

struct CompactRequest {};

using UpdateRequest = std::variant<PutRequest, DeleteRequest, EventRequest, CompactRequest>;

/// `sequence`: of the collection.
std::expected<QueryRequest, Fault> parse_query(const Parameters& parameters, std::uint64_t sequence,
                                               std::span<const std::byte> request);
std::expected<UpdateRequest, Fault> parse_update(const Parameters& parameters,
                                                 std::span<const std::byte> request);

}  // namespace vexfs::vectors

// SPDX-License-Identifier: MIT
// Requests and replies of a collection's doors (docs/vectors.md, "Doors") as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reference/contract/door.h"
#include "reference/contract/vector.h"
#include "tools/vexctl/element.h"
#include "tools/vexctl/failure.h"

namespace vexfs::ctl {

using Ids = std::vector<std::uint64_t>;

struct SearchOptions {
  std::uint32_t k = 10;
  std::uint32_t ef = 100;
  bool exact = false;
  std::uint32_t max_visits = 0;  // of one request; 0: no limit
  Ids filter;                    // allowed ids; empty: all
};

// Where a truncated search stopped.
struct Token {
  std::uint32_t visits = 0;
  std::uint64_t sequence = 0;
  std::uint32_t crc = 0;
};

struct Answer {
  std::uint64_t id = 0;
  std::uint32_t distance = 0;  // as in the message: an f32's bits, or an i32
  std::uint32_t slot = 0;
};

struct Found {
  std::vector<std::vector<Answer>> queries;
  bool truncated = false;
  Token token;
};

struct Got {
  std::uint64_t id = 0;
  Bytes row;  // empty: no vector has this id
};

struct Listed {
  Ids ids;
  std::uint32_t next = VEXFS_SLOT_NONE;
};

struct Reply {
  std::uint32_t status = 0;
  std::uint32_t field = 0;
  std::uint32_t index = 0;
  Bytes body;
};

// `rows` are whole rows of `row_bytes` each.
// With a token it is a resume.
Bytes search_request(const SearchOptions& options, const Bytes& rows, std::uint32_t row_bytes,
                     const Token& token = {});
Bytes get_request(std::span<const std::uint64_t> ids);
Bytes delete_request(std::span<const std::uint64_t> ids);
Bytes put_request(std::span<const std::uint64_t> ids, const Bytes& rows);
Bytes list_request(std::uint32_t cursor, std::uint32_t max);
Bytes count_request();
Bytes compact_request();

// How many of them fit into one request and its reply; at least 1 for what create allows.
std::uint32_t puts_that_fit(std::uint32_t row_bytes);
std::uint32_t gets_that_fit(std::uint32_t row_bytes);
// 0: the filter alone is too long.
std::uint32_t queries_that_fit(const SearchOptions& options, std::uint32_t row_bytes);

// Of a whole reply to `request`. Fails on one that is no answer to it.
Result<Reply> parse_reply(const Bytes& request, const Bytes& bytes);
// Of the bodies of replies with status 0; update replies also of failed puts.
Result<Found> parse_found(const Bytes& body);
Result<std::vector<Got>> parse_got(const Bytes& body);
Result<Listed> parse_listed(const Bytes& body);
Result<vexfs_count_reply> parse_count(const Bytes& body);
Result<vexfs_update_reply> parse_update(const Bytes& body);

}  // namespace vexfs::ctl

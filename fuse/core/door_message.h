// SPDX-License-Identifier: MIT
// Requests and replies of the doors (docs/vectors.md, "Doors"): reading a request with every check
// that needs no collection's contents, and building replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "fuse/hnsw/parameters.h"
#include "reference/contract/door.h"
#include "reference/contract/event.h"

namespace vexfs::core {

enum class Door : uint8_t { kQuery, kUpdate };

/** Why a request is refused, as the reply says it. */
struct DoorFault {
  uint32_t status = 0;
  uint32_t field = 0;
  uint32_t index = 0;
};

/** What a checked request asks for; the spans are into its bytes. */
struct DoorRequest {
  uint16_t opcode = 0;
  uint64_t tag = 0;
  bool exact = false;
  vexfs_search search{};            // search, resume
  uint32_t token_crc = 0;           // of search and resume: what a token for this request carries
  vexfs_list list{};                // list
  vexfs_custom_event event{};       // event
  std::span<const std::byte> text;  // event
  std::vector<uint64_t> ids;        // get, put, delete; the filter of search
  std::vector<std::byte> rows;      // search, put: stored rows, stride apart, unaligned
};

/** `sequence`: of the collection, for tokens. */
std::expected<DoorRequest, DoorFault> read_request(Door door, std::span<const std::byte> bytes,
                                                   const hnsw::Parameters& parameters,
                                                   uint64_t sequence);

/** A reply that grows; its header is completed by finish(). */
class DoorReply {
 public:
  /** Opcode and tag are those of the request if that has a header. */
  explicit DoorReply(std::span<const std::byte> request);

  template <typename T>
  void append(const T& value) {
    append(std::as_bytes(std::span(&value, 1)));
  }
  void append(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void pad() { bytes_.resize((bytes_.size() + 7) / 8 * 8); }
  std::vector<std::byte> finish(const DoorFault& fault = {});

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace vexfs::core

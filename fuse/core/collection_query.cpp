// SPDX-License-Identifier: MIT
// The requests of the query door.
#include <algorithm>
#include <cstring>
#include <shared_mutex>

#include "fuse/core/collection.h"
#include "fuse/hnsw/search.h"

namespace vexfs::core {

/** A scratch of the collection for one request; given back at the end. */
class Collection::BorrowedScratch {
 public:
  explicit BorrowedScratch(const Collection& collection) : collection_(collection) {
    const std::lock_guard lock(collection.scratches_mutex_);
    if (collection.scratches_.empty()) {
      scratch_ = std::make_unique<hnsw::Scratch>();
    } else {
      scratch_ = std::move(collection.scratches_.back());
      collection.scratches_.pop_back();
    }
  }
  ~BorrowedScratch() {
    const std::lock_guard lock(collection_.scratches_mutex_);
    collection_.scratches_.push_back(std::move(scratch_));
  }
  BorrowedScratch(const BorrowedScratch&) = delete;
  BorrowedScratch& operator=(const BorrowedScratch&) = delete;

  hnsw::Scratch& operator*() { return *scratch_; }

 private:
  const Collection& collection_;
  std::unique_ptr<hnsw::Scratch> scratch_;
};

std::vector<std::byte> Collection::query(std::span<const std::byte> bytes) const {
  const std::shared_lock lock(index_lock_);
  DoorReply reply(bytes);
  const auto request = read_request(Door::kQuery, bytes, index_.parameters(), sequence_);
  if (!request) return reply.finish(request.error());
  switch (request->opcode) {
    case VEXFS_OP_GET:
      get(*request, reply);
      break;
    case VEXFS_OP_LIST:
      list(*request, reply);
      break;
    case VEXFS_OP_COUNT:
      count(reply);
      break;
    default:
      search(*request, reply);
  }
  return reply.finish();
}

void Collection::search(const DoorRequest& request, DoorReply& reply) const {
  const auto& asked = request.search;
  BorrowedScratch scratch(*this);
  const std::vector<uint32_t> allowed = hnsw::slots_of_ids(index_, request.ids);
  hnsw::AlignedBytes row(geometry_.stride);
  // A resumed search may make as many visits as the truncated one and as many again.
  uint64_t visits = asked.max_visits == 0 ? 0 : uint64_t{asked.max_visits} + asked.visits;
  if (asked.visits != 0 && engine_.faults.planted(Fault::kResumeOffByOne)) ++visits;
  hnsw::Query query{.row = row.data(),
                    .k = asked.k,
                    .ef = asked.ef,
                    .exact = request.exact,
                    .max_visits = static_cast<uint32_t>(std::min<uint64_t>(visits, UINT32_MAX)),
                    .allowed = asked.filter == 0 ? nullptr : &allowed};
  std::vector<hnsw::Answers> results;
  for (uint32_t i = 0; i < asked.queries; ++i) {
    std::memcpy(row.data(), request.rows.data() + i * geometry_.stride, geometry_.stride);
    results.push_back(hnsw::search(index_, query, *scratch));
  }
  const bool truncated = std::ranges::any_of(results, &hnsw::Answers::truncated);
  vexfs_search_reply head{};
  head.queries = asked.queries;
  if (truncated) {
    head.visits = query.max_visits;
    head.sequence = sequence_;
    head.crc = request.token_crc;
  }
  reply.append(head);
  for (const auto& result : results) {
    reply.append(vexfs_answers{.count = static_cast<__le32>(result.answers.size()),
                               .flags = result.truncated ? VEXFS_ANSWERS_TRUNCATED : 0U});
    for (const auto& answer : result.answers) {
      reply.append(vexfs_answer{.id = answer.id, .distance = answer.distance, .slot = answer.slot});
    }
  }
}

void Collection::get(const DoorRequest& request, DoorReply& reply) const {
  const size_t row_bytes = index_.parameters().row_bytes();
  reply.append(vexfs_get_reply{.count = static_cast<__le32>(request.ids.size()),
                               .row_bytes = static_cast<__le32>(row_bytes)});
  for (const uint64_t id : request.ids) {
    const auto slot = index_.find(id);
    reply.append(vexfs_got{.id = id, .slot = slot.value_or(VEXFS_SLOT_NONE), .reserved = 0});
    if (!slot) continue;
    reply.append({index_.row(*slot), row_bytes});
    reply.pad();
  }
}

void Collection::list(const DoorRequest& request, DoorReply& reply) const {
  std::vector<vexfs_listed> listed;
  uint32_t next = VEXFS_SLOT_NONE;
  for (uint32_t slot = request.list.cursor; slot < index_.slots(); ++slot) {
    if (index_.dead(slot)) continue;
    if (listed.size() == request.list.max) {
      next = slot;
      break;
    }
    listed.push_back({.id = index_.id(slot), .slot = slot, .reserved = 0});
  }
  reply.append(vexfs_list_reply{.count = static_cast<__le32>(listed.size()), .next = next});
  reply.append(std::as_bytes(std::span(listed)));
}

void Collection::count(DoorReply& reply) const {
  reply.append(vexfs_count_reply{.sequence = sequence_,
                                 .live = index_.live(),
                                 .slots = index_.slots(),
                                 .linked = index_.linked(),
                                 .tail = static_cast<__le32>(index_.tail().size())});
}

}  // namespace vexfs::core

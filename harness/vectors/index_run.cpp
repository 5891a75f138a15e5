// SPDX-License-Identifier: MIT
#include "harness/vectors/index_run.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <span>
#include <thread>

#include <fmt/core.h>

#include "harness/scenario/error_name.h"
#include "reference/contract/vector.h"
#include "reference/vector/encode.h"

namespace vexfs::parity {
namespace {

using vectors::Message;
using Outcome = std::expected<void, std::string>;

constexpr std::uint32_t kAtOnce = 100;  // vectors and queries in one request

std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) { return (value + by - 1) / by; }

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Rows around a few hundred centres, exact in f32: the graph has regions, and distances differ.
class Rows {
 public:
  explicit Rows(const IndexShape& shape) : shape_(shape) {}

  void append(Message& message, std::uint64_t number) const {
    constexpr std::uint64_t kCentres = 300;
    std::mt19937_64 own(shape_.seed * 1'000'003 + number);
    std::mt19937_64 centre(shape_.seed * 7'000'003 + own() % kCentres);
    for (std::uint32_t i = 0; i < shape_.dim; ++i) {
      const auto value = static_cast<float>(static_cast<int>(centre() % 2001) - 1000) +
                         static_cast<float>(own() % 256) / 2.0F;
      const auto bytes = std::as_bytes(std::span(&value, 1));
      message.insert(message.end(), bytes.begin(), bytes.end());
    }
  }

 private:
  const IndexShape& shape_;
};

class Running {
 public:
  Running(CollectionAccess& collection, const IndexShape& shape)
      : collection_(collection), shape_(shape), rows_(shape) {}

  // Puts them all, one in fifty equal to an earlier one, and deletes one in a hundred.
  Outcome build(Message& replies) const {
    for (std::uint32_t first = 0; first < shape_.vectors; first += kAtOnce) {
      std::vector<std::uint64_t> ids;
      Message rows;
      for (std::uint64_t id = first; id < std::min(first + kAtOnce, shape_.vectors); ++id) {
        ids.push_back(id);
        rows_.append(rows, id % 50 == 49 ? id / 3 : id);
      }
      if (auto done = ask(posix::Door::kUpdate, vectors::encode_put(ids, rows), replies); !done)
        return done;
    }
    std::vector<std::uint64_t> removed;
    for (std::uint64_t id = 7; id < shape_.vectors; id += 100) removed.push_back(id);
    if (removed.empty()) return {};
    return ask(posix::Door::kUpdate, vectors::encode_ids(VEXFS_OP_DELETE, removed), replies);
  }

  Outcome search(unsigned threads, Message& replies) const {
    const std::uint32_t requests = static_cast<std::uint32_t>(divide_up(shape_.queries, kAtOnce));
    std::vector<Message> parts(requests);
    std::vector<Outcome> outcomes(requests);
    const auto work = [&](unsigned thread) {
      for (std::uint32_t i = thread; i < requests; i += threads)
        outcomes[i] = ask(posix::Door::kQuery, search_request(i * kAtOnce), parts[i]);
    };
    {
      std::vector<std::jthread> others;
      for (unsigned thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
      work(0);
    }
    for (std::uint32_t i = 0; i < requests; ++i) {
      if (!outcomes[i]) return outcomes[i];
      replies.insert(replies.end(), parts[i].begin(), parts[i].end());
    }
    return {};
  }

  Outcome read(posix::CollectionFile file, std::vector<std::byte>& bytes) const {
    auto got = collection_.read(file);
    if (!got) return std::unexpected(fmt::format("read: {}", error_name(got.error())));
    bytes = std::move(*got);
    return {};
  }

 private:
  Message search_request(std::uint32_t first) const {
    vexfs_search search{};
    search.k = 10;
    search.ef = 64;
    search.queries = std::min(kAtOnce, shape_.queries - first);
    Message rows;
    for (std::uint32_t i = 0; i < search.queries; ++i)
      rows_.append(rows, std::uint64_t{1} << 40 | (first + i));
    return vectors::encode_search(VEXFS_OP_SEARCH, search, rows, {}, false);
  }

  Outcome ask(posix::Door door, const Message& request, Message& replies) const {
    const auto reply = collection_.ask(door, request);
    if (!reply) return std::unexpected(fmt::format("door: {}", error_name(reply.error())));
    vexfs_reply header;
    std::memcpy(&header, reply->data(), sizeof header);
    if (header.status != 0) {
      return std::unexpected(fmt::format("a request was answered with {}",
                                         error_name(static_cast<int>(header.status))));
    }
    replies.insert(replies.end(), reply->begin(), reply->end());
    return {};
  }

  CollectionAccess& collection_;
  const IndexShape& shape_;
  Rows rows_;
};

std::string difference_of(const char* name, const std::vector<std::byte>& a,
                          const std::vector<std::byte>& b) {
  if (a == b) return {};
  const auto at = std::ranges::mismatch(a, b).in1 - a.begin();
  return fmt::format("{}: {} and {} bytes, the first difference at byte {}", name, a.size(),
                     b.size(), at);
}

}  // namespace

std::uint64_t IndexShape::volume_blocks() const {
  constexpr std::uint64_t kRest = 16384;  // log, ring, bitmaps, inodes
  const std::uint64_t row = divide_up(4 * std::uint64_t{dim}, VEXFS_ROW_ALIGN) * VEXFS_ROW_ALIGN;
  const std::uint64_t slot = VEXFS_SLOT_BYTES(std::uint64_t{m}) * 3 / 2;
  return kRest + divide_up(vectors * (row + slot) / 4 * 5, VEXFS_BLOCK_SIZE);
}

std::string IndexShape::attribute() const {
  return fmt::format("dim={} m={} ef_construction={} seed={}", dim, m, ef_construction, seed);
}

std::expected<IndexRun, std::string> run_index(CollectionAccess& collection,
                                               const IndexShape& shape, unsigned threads) {
  IndexRun run;
  Running running(collection, shape);
  const auto started = std::chrono::steady_clock::now();
  Outcome done = running.build(run.replies);
  run.build_seconds = seconds_since(started);
  const auto built = std::chrono::steady_clock::now();
  if (done) done = running.search(threads, run.replies);
  run.search_seconds = seconds_since(built);
  if (done) done = running.read(posix::CollectionFile::kGraph, run.graph);
  if (done) done = running.read(posix::CollectionFile::kVectors, run.vectors);
  if (!done) return std::unexpected(done.error());
  return run;
}

std::string difference(const IndexRun& reference, const IndexRun& other) {
  std::string what = difference_of("graph", reference.graph, other.graph);
  if (what.empty()) what = difference_of("vectors", reference.vectors, other.vectors);
  if (what.empty()) what = difference_of("replies", reference.replies, other.replies);
  return what;
}

}  // namespace vexfs::parity

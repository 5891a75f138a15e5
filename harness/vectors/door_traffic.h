// SPDX-License-Identifier: MIT
// Random requests for the doors of one collection: most of them right, some mutated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "fuse/core/door_message.h"
#include "fuse/hnsw/parameters.h"
#include "reference/posix/inode_volume.h"

namespace vexfs::parity {

struct DoorMessage {
  posix::Door door = posix::Door::kQuery;
  std::vector<std::byte> bytes;
};

DoorMessage compaction(std::uint64_t tag);

/// The same seed gives the same requests; which they are also depends on the replies it is told.
class DoorTraffic {
 public:
  DoorTraffic(const hnsw::Parameters& parameters, std::uint64_t seed)
      : parameters_(parameters), random_(seed) {}

  DoorMessage next();
  /// A search that was cut short may be resumed by a later request.
  void saw(const DoorMessage& request, std::span<const std::byte> reply);

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  DoorMessage well_formed();
  void put(std::vector<std::byte>& body);
  void search(std::vector<std::byte>& body);
  void append_ids(std::vector<std::byte>& body, std::uint32_t count);
  void append_row(std::vector<std::byte>& body);
  void mutate(std::vector<std::byte>& bytes);

  hnsw::Parameters parameters_;
  std::mt19937_64 random_;
  std::vector<std::vector<std::byte>>
      rows_;  // sent before: duplicates and neighbours come from them
  std::vector<std::byte> to_resume_;
};

}  // namespace vexfs::parity

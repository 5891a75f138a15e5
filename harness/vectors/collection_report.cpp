// SPDX-License-Identifier: MIT
#include "harness/vectors/collection_report.h"

#include <fmt/core.h>

#include "fuse/core/crc32c.h"
#include "harness/scenario/error_name.h"
#include "harness/vectors/door_traffic.h"

namespace vexfs::parity {
namespace {

std::string digest(std::span<const std::byte> bytes) {
  return fmt::format("{} bytes {:08x}", bytes.size(), core::plain_crc32c(bytes));
}

}  // namespace

std::string report_traffic(CollectionAccess& collection, const hnsw::Parameters& parameters,
                           std::uint64_t seed, std::uint64_t messages) {
  std::string lines;
  DoorTraffic traffic(parameters, seed);
  for (std::uint64_t i = 0; i < messages; ++i) {
    const DoorMessage message = traffic.next();
    const auto reply = collection.ask(message.door, message.bytes);
    if (reply) traffic.saw(message, *reply);
    lines += fmt::format("{} {}\n", message.door == posix::Door::kQuery ? "query" : "update",
                         reply ? digest(*reply) : std::string(error_name(reply.error())));
  }
  return lines;
}

std::string report_index(const IndexRun& run) {
  return fmt::format("graph {}\nvectors {}\nreplies {}\n", digest(run.graph), digest(run.vectors),
                     digest(run.replies));
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "harness/crash/record_guest.h"

#include <utility>

namespace vexfs::parity::crash {

std::expected<RecordedRun, std::string> record_guest(GuestTarget& guest,
                                                     std::span<const Step> steps, const Image& base,
                                                     const MountOptions& options,
                                                     const device::RecordOptions& record,
                                                     RecordedPath path) {
  auto recorded = guest.record({base, options, steps, Ending::kUnmount}, record, path);
  if (!recorded) {
    return std::unexpected(guest.name() + ": " + recorded.error().what + recorded.error().evidence);
  }
  return RecordedRun{std::move(recorded->recording), std::move(recorded->result.outcomes)};
}

}  // namespace vexfs::parity::crash

// SPDX-License-Identifier: MIT
#include "harness/crash/tests/laws.h"

#include <limits>

namespace vexfs::parity::crash {
namespace {

// The last durable write in the order that `number` gives, and what is behind it.
template <typename Number>
std::vector<Source> newest(const device::Recording& recording, std::uint64_t crash,
                           std::uint64_t sector, Number number) {
  const LegalStates states(recording, crash);
  std::vector<std::size_t> writes;
  std::uint64_t floor = 0;
  for (std::size_t i = 0; i < states.arrived(); ++i) {
    if (!sectors_of(recording.requests[i]).contains(sector)) continue;
    writes.push_back(i);
    if (states.durable(i)) floor = std::max(floor, number(recording.requests[i]));
  }
  std::vector<Source> choices;
  if (floor == 0) choices.push_back(kBase);
  for (const std::size_t i : writes) {
    if (number(recording.requests[i]) >= floor) choices.push_back(i);
  }
  return choices;
}

}  // namespace

std::vector<Source> law_of_the_model(const device::Recording& recording, std::uint64_t crash,
                                     std::uint64_t sector) {
  return LegalStates(recording, crash).choices(sector);
}

std::vector<Source> newest_by_submission(const device::Recording& recording, std::uint64_t crash,
                                         std::uint64_t sector) {
  return newest(recording, crash, sector,
                [](const device::RecordedRequest& request) { return request.submitted; });
}

std::vector<Source> newest_by_completion(const device::Recording& recording, std::uint64_t crash,
                                         std::uint64_t sector) {
  return newest(recording, crash, sector, [&](const device::RecordedRequest& request) {
    const bool answered = request.completed != 0 && request.completed < crash;
    return answered ? request.completed : std::numeric_limits<std::uint64_t>::max();
  });
}

}  // namespace vexfs::parity::crash

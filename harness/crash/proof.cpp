// SPDX-License-Identifier: MIT
#include "harness/crash/proof.h"

#include <algorithm>

#include <fmt/format.h>

namespace vexfs::parity::crash {
namespace {

constexpr std::size_t kMostLines = 24;

// Why both is legal: that the request shows, and that it does not.
std::string reason(const LegalStates& states, std::size_t request) {
  const device::RecordedRequest& it = states.recording().requests[request];
  if (states.durable(request)) return "it is durable, but so is a concurrent write of a sector";
  if (states.completed(request)) {
    return fmt::format("no flush that arrived after {} was answered before {}", it.completed,
                       states.crash());
  }
  if (it.completed != 0 && it.completed < states.crash()) return "it was answered with an error";
  return "it was in flight";
}

std::string fate(const WriteSet& set, std::size_t request) {
  const auto found = std::ranges::find(set.survivors, request, &Survivor::request);
  if (found == set.survivors.end()) return "is lost";
  return found->whole ? "survives" : "survives in part";
}

}  // namespace

std::vector<std::string> proof_of(const Floor& floor, const WriteSet& set) {
  const LegalStates& states = floor.states();
  const std::vector<std::size_t> undecided = floor.undecided();
  std::vector<std::string> lines{fmt::format(
      "crash state \"{}\": power failed at {}; of {} requests that had arrived {} were undecided",
      to_text(set), set.crash, states.arrived(), undecided.size())};
  for (std::size_t n = 0; n < undecided.size(); ++n) {
    if (n == kMostLines) {
      lines.push_back(fmt::format("and {} more", undecided.size() - n));
      break;
    }
    const std::size_t request = undecided[n];
    const device::RecordedRequest& it = states.recording().requests[request];
    const SectorRange range = sectors_of(it);
    lines.push_back(fmt::format("request {} ({}{} of sectors {} to {}) {}: {}", request,
                                name_of(it.kind), it.fua ? " with FUA" : "", range.first,
                                range.end() - 1, fate(set, request), reason(states, request)));
  }
  return lines;
}

}  // namespace vexfs::parity::crash

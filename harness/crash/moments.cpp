// SPDX-License-Identifier: MIT
#include "harness/crash/moments.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/crash/enumerate.h"
#include "harness/crash/operation_marks.h"
#include "harness/crash/write_set.h"

namespace vexfs::parity::crash {
namespace {

// Crashes from one to the other, both included.
struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
using Found = std::expected<Range, std::string>;

class Finder {
 public:
  Finder(const device::Recording& recording, std::size_t first_step)
      : recording_(recording), first_step_(first_step) {}

  Found operator()(const std::monostate&) const { return Range{recording_.end, recording_.end}; }
  Found operator()(const AnyMoment&) const { return Range{1, recording_.end}; }
  Found operator()(const DuringStep& at) const;
  Found operator()(const AfterStep& at) const;
  Found operator()(const DuringFlush& at) const;
  Found operator()(const OneState& at) const;

 private:
  // The number of a step's mark; 0 if there is none.
  std::uint64_t number_of(std::string (*mark)(std::size_t), std::uint32_t step) const {
    if (step < first_step_) return 0;
    const auto found =
        std::ranges::find(recording_.marks, mark(step - first_step_), &device::RecordedMark::text);
    return found == recording_.marks.end() ? 0 : found->number;
  }
  static Found no_step(std::uint32_t step) {
    return std::unexpected(
        fmt::format("step {} is not one of the mount that the crash ends: name one between the "
                    "crash and the step on the volume before it",
                    step));
  }

  const device::Recording& recording_;
  std::size_t first_step_;
};

Found Finder::operator()(const DuringStep& at) const {
  const std::uint64_t begin = number_of(begin_mark, at.step);
  const std::uint64_t end = number_of(end_mark, at.step);
  if (begin == 0 || end == 0) return no_step(at.step);
  return Range{begin + 1, end};
}

Found Finder::operator()(const AfterStep& at) const {
  const std::uint64_t end = number_of(end_mark, at.step);
  if (end == 0) return no_step(at.step);
  return Range{end + 1, recording_.end};
}

Found Finder::operator()(const DuringFlush& at) const {
  std::uint32_t seen = 0;
  for (const device::RecordedRequest& request : recording_.requests) {
    if (request.kind != device::RequestKind::kFlush || ++seen < at.flush) continue;
    const std::uint64_t last = request.completed == 0 ? recording_.end : request.completed + 1;
    return Range{request.submitted + 1, last};
  }
  return std::unexpected(
      fmt::format("there is no flush {}: the device saw {} in this mount", at.flush, seen));
}

Found Finder::operator()(const OneState& at) const {
  const auto set = parse_write_set(at.write_sets.front());
  if (!set) return std::unexpected(set.error());
  return Range{set->crash, set->crash};
}

}  // namespace

std::expected<std::vector<std::uint64_t>, std::string> moments_of(
    const CrashPlace& place, const device::Recording& recording, std::size_t first_step) {
  const Found range = std::visit(Finder(recording, first_step), place);
  if (!range) return std::unexpected(range.error());
  // What is legal at the beginning of the range is what the last change before it left.
  std::vector<std::uint64_t> moments{range->first};
  for (const std::uint64_t point : crash_points(recording)) {
    if (point > range->first && point <= range->last) moments.push_back(point);
  }
  return moments;
}

}  // namespace vexfs::parity::crash

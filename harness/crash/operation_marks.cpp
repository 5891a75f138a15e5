// SPDX-License-Identifier: MIT
#include "harness/crash/operation_marks.h"

#include <algorithm>

namespace vexfs::parity::crash {
namespace {

constexpr std::string_view kBegin = "begin ";
constexpr std::string_view kEnd = "end ";

}  // namespace

std::string begin_mark(std::size_t operation) {
  return std::string(kBegin) + std::to_string(operation);
}

std::string end_mark(std::size_t operation) {
  return std::string(kEnd) + std::to_string(operation);
}

Timeline::Timeline(const device::Recording& recording) {
  for (const device::RecordedMark& mark : recording.marks) {
    if (mark.text.starts_with(kBegin)) begins_.push_back(mark.number);
    if (mark.text.starts_with(kEnd)) ends_.push_back(mark.number);
  }
}

std::size_t Timeline::before(const std::vector<std::uint64_t>& marks, std::uint64_t moment) {
  return static_cast<std::size_t>(std::ranges::lower_bound(marks, moment) - marks.begin());
}

}  // namespace vexfs::parity::crash

// SPDX-License-Identifier: MIT
// The marks in a recording that say when an operation began and when it had returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/device/recorder.h"

namespace vexfs::parity::crash {

/// "begin 7" and "end 7", of the operation with this number, from 0 on; the unmount counts as the
/// last operation.
std::string begin_mark(std::size_t operation);
std::string end_mark(std::size_t operation);

/// Marks that so many operations have returned, one after the other, and the next begins; `device`
/// is a recorder or what has one.
void mark_between(auto& device, std::size_t returned) {
  if (returned > 0) device.mark(end_mark(returned - 1));
  device.mark(begin_mark(returned));
}

/// Which operations have begun and returned at any moment of a recording, if they came one after
/// the other.
class Timeline {
 public:
  /// Marks with other texts are left alone.
  explicit Timeline(const device::Recording& recording);

  /// Operations begun before the moment, and those of them that have returned.
  std::size_t begun(std::uint64_t moment) const { return before(begins_, moment); }
  std::size_t returned(std::uint64_t moment) const { return before(ends_, moment); }

 private:
  static std::size_t before(const std::vector<std::uint64_t>& marks, std::uint64_t moment);

  std::vector<std::uint64_t> begins_;
  std::vector<std::uint64_t> ends_;
};

}  // namespace vexfs::parity::crash

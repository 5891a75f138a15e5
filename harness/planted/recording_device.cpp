// SPDX-License-Identifier: MIT
#include "harness/planted/recording_device.h"

#include <algorithm>
#include <cerrno>

namespace vexfs::parity {

core::Expected<void> RecordingDevice::read(std::uint64_t offset, std::span<std::byte> into) {
  const std::lock_guard lock(recording_.mutex);
  if (offset > size() || into.size() > size() - offset) return std::unexpected(EIO);
  std::copy_n(recording_.content.begin() + static_cast<std::ptrdiff_t>(offset), into.size(),
              into.begin());
  return {};
}

core::Expected<void> RecordingDevice::write(std::uint64_t offset, std::span<const std::byte> from) {
  const std::lock_guard lock(recording_.mutex);
  if (offset > size() || from.size() > size() - offset) return std::unexpected(EIO);
  std::ranges::copy(from, recording_.content.begin() + static_cast<std::ptrdiff_t>(offset));
  if (!from.empty()) recording_.requests.push_back({offset, {from.begin(), from.end()}});
  return {};
}

core::Expected<void> RecordingDevice::flush() {
  const std::lock_guard lock(recording_.mutex);
  recording_.requests.push_back({});
  return {};
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "harness/planted/recording_device.h"

#include <cerrno>

namespace vexfs::parity {

core::Expected<void> RecordingDevice::read(std::uint64_t offset, std::span<std::byte> into) {
  const std::lock_guard lock(recording_.mutex);
  if (!recording_.content.contains(offset, into.size())) return std::unexpected(EIO);
  recording_.content.read(offset, into);
  return {};
}

core::Expected<void> RecordingDevice::write(std::uint64_t offset, std::span<const std::byte> from) {
  const std::lock_guard lock(recording_.mutex);
  if (!recording_.content.contains(offset, from.size())) return std::unexpected(EIO);
  recording_.content.write(offset, from);
  if (!from.empty()) recording_.requests.push_back({offset, {from.begin(), from.end()}});
  return {};
}

core::Expected<void> RecordingDevice::flush() {
  const std::lock_guard lock(recording_.mutex);
  recording_.requests.push_back({});
  return {};
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "harness/crash/recorded_device.h"

#include <cerrno>

namespace vexfs::parity::crash {

core::Expected<void> RecordedDevice::read(std::uint64_t offset, std::span<std::byte> into) {
  if (!content_.contains(offset, into.size())) return core::fail(EIO);
  content_.read(offset, into);
  return {};
}

core::Expected<void> RecordedDevice::write(std::uint64_t offset, std::span<const std::byte> from) {
  if (!content_.contains(offset, from.size())) return core::fail(EIO);
  if (from.empty()) return {};
  const std::size_t request = recorder_.submit({.kind = device::RequestKind::kWrite,
                                                .offset = offset,
                                                .length = static_cast<std::uint32_t>(from.size()),
                                                .data = from});
  content_.write(offset, from);
  recorder_.complete(request, 0);
  return {};
}

core::Expected<void> RecordedDevice::flush() {
  recorder_.complete(recorder_.submit({.kind = device::RequestKind::kFlush, .data = {}}), 0);
  return {};
}

}  // namespace vexfs::parity::crash

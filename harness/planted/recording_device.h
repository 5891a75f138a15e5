// SPDX-License-Identifier: MIT
// A device in memory that remembers every write and flush, so that states can be made in which
// power failed and unflushed writes are gone.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "fuse/core/block_device.h"
#include "harness/target/target.h"

namespace vexfs::parity {

/// What a device saw, in order. A write without bytes is a flush.
struct RecordedRequest {
  std::uint64_t offset = 0;
  std::vector<std::byte> bytes;
  bool is_flush() const { return bytes.empty(); }
};

/// The device's content and history; outlives the engine that owns the device.
struct Recording {
  std::mutex mutex;  // guards the rest while an engine is mounted
  Image content;
  std::vector<RecordedRequest> requests;
};

class RecordingDevice final : public core::BlockDevice {
 public:
  explicit RecordingDevice(Recording& recording) : recording_(recording) {}

  core::Expected<void> read(std::uint64_t offset, std::span<std::byte> into) override;
  core::Expected<void> write(std::uint64_t offset, std::span<const std::byte> from) override;
  core::Expected<void> flush() override;
  std::uint64_t size() const override { return recording_.content.size(); }

 private:
  Recording& recording_;
};

/// The device after power failed when it had seen `seen` requests: what was flushed is there, and
/// of each unflushed 4096-byte block the writes for which `survives(index of request, block of the
/// request)` says so.
template <typename Survives>
Image crash_state(const Image& base, const std::vector<RecordedRequest>& requests, std::size_t seen,
                  Survives survives) {
  constexpr std::size_t kBlock = 4096;
  std::size_t durable = seen;  // requests below this index are
  while (durable > 0 && !requests[durable - 1].is_flush()) --durable;
  Image image = base;
  for (std::size_t i = 0; i < seen; ++i) {
    const RecordedRequest& request = requests[i];
    for (std::size_t at = 0; at < request.bytes.size(); at += kBlock) {
      if (i >= durable && !survives(i, at / kBlock)) continue;
      const std::size_t end = std::min(at + kBlock, request.bytes.size());
      image.write(request.offset + at, std::span(request.bytes).subspan(at, end - at));
    }
  }
  return image;
}

}  // namespace vexfs::parity

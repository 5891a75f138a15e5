// SPDX-License-Identifier: MIT
// A device in memory that records what the engine asks of it.
#pragma once

#include "fuse/core/block_device.h"
#include "harness/device/recorder.h"
#include "harness/target/target.h"

namespace vexfs::parity::crash {

/// Takes each write at once and answers it at once. Nothing is gained by holding answers back as
/// the NBD server does: the engine's device is synchronous, and a scenario is one thread, so that
/// never are two requests in flight. What the engine does not wait for shows nevertheless, because
/// a completed write is undecided until a flush has followed it.
///
/// The recorder and the content outlive it. Used by one thread at a time.
class RecordedDevice final : public core::BlockDevice {
 public:
  RecordedDevice(device::Recorder& recorder, Image& content)
      : recorder_(recorder), content_(content) {}

  core::Expected<void> read(std::uint64_t offset, std::span<std::byte> into) override;
  core::Expected<void> write(std::uint64_t offset, std::span<const std::byte> from) override;
  core::Expected<void> flush() override;
  std::uint64_t size() const override { return content_.size(); }

 private:
  device::Recorder& recorder_;
  Image& content_;
};

}  // namespace vexfs::parity::crash

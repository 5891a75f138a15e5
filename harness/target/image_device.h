// SPDX-License-Identifier: MIT
// Lets the engine work on an image that shares its blocks with others.
#pragma once

#include <cerrno>

#include "fuse/core/block_device.h"
#include "harness/target/failing_blocks.h"

namespace vexfs::parity {

/// An image, which must outlive it. Used by one thread at a time.
class ImageDevice final : public core::BlockDevice {
 public:
  explicit ImageDevice(Image& image) : image_(image) {}

  core::Expected<void> read(std::uint64_t offset, std::span<std::byte> into) override {
    if (!image_.contains(offset, into.size())) return core::fail(EIO);
    image_.read(offset, into);
    return {};
  }
  core::Expected<void> write(std::uint64_t offset, std::span<const std::byte> from) override {
    if (!image_.contains(offset, from.size())) return core::fail(EIO);
    if (failing_.meets(offset, from.size())) return core::fail(EIO);
    image_.write(offset, from);
    return {};
  }
  core::Expected<void> flush() override { return {}; }
  std::uint64_t size() const override { return image_.size(); }

  void fail_writes(Region region) { failing_.add(image_, region); }

 private:
  Image& image_;
  FailingBlocks failing_;
};

}  // namespace vexfs::parity

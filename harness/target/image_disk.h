// SPDX-License-Identifier: MIT
// Lets the reference model work on an image that shares its blocks with others.
#pragma once

#include "harness/target/target.h"
#include "reference/model/disk.h"

namespace vexfs::parity {

/// The whole blocks of an image, which must outlive it.
class ImageDisk final : public model::Disk {
 public:
  explicit ImageDisk(Image& image) : image_(image) {}

  std::uint64_t blocks() const override { return image_.size() / model::kBlockSize; }
  model::BlockView read(model::BlockNumber number) const override { return image_.chunk(number); }
  model::BlockEdit write(model::BlockNumber number) override { return image_.edit_chunk(number); }

 private:
  static_assert(Image::kChunkBytes == model::kBlockSize);

  Image& image_;
};

}  // namespace vexfs::parity

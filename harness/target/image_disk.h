// SPDX-License-Identifier: MIT
// Lets the reference model work on an image that shares its blocks with others.
#pragma once

#include <algorithm>

#include "harness/target/failing_blocks.h"
#include "reference/model/disk.h"

namespace vexfs::parity {

/// The whole blocks of an image, which must outlive it.
class ImageDisk final : public model::Disk {
 public:
  explicit ImageDisk(Image& image) : image_(image) {}

  std::uint64_t blocks() const override { return image_.size() / model::kBlockSize; }
  model::BlockView read(model::BlockNumber number) const override { return image_.chunk(number); }
  model::BlockEdit write(model::BlockNumber number) override {
    if (!failing_.meets(number * model::kBlockSize, model::kBlockSize)) {
      return image_.edit_chunk(number);
    }
    failed_ = true;
    std::ranges::copy(image_.chunk(number), lost_.begin());
    return lost_;
  }
  bool failed() const override { return failed_; }

  void fail_writes(Region region) { failing_.add(image_, region); }

 private:
  static_assert(Image::kChunkBytes == model::kBlockSize);

  Image& image_;
  FailingBlocks failing_;
  bool failed_ = false;
  model::Block lost_{};  // what is written into a failing block
};

}  // namespace vexfs::parity

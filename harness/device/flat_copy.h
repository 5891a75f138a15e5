// SPDX-License-Identifier: MIT
// A volume in one piece of memory, for code that wants it so.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "harness/device/volume.h"

namespace vexfs::parity::device {

// Follows one volume after the other, at the cost of what they do not share.
class FlatCopy {
 public:
  // The bytes of `volume`. Valid until the next call.
  std::span<const std::byte> of(const Volume& volume) {
    if (bytes_.size() < volume.size()) {
      bytes_.resize(volume.size());
      held_.resize(volume.size());
    }
    volume.follow(held_, bytes_);
    return std::span(bytes_).first(volume.size());
  }

 private:
  std::vector<std::byte> bytes_;
  Volume held_;  // whose bytes they are
};

}  // namespace vexfs::parity::device

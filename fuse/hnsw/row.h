// SPDX-License-Identifier: MIT
// From the bytes of a request to a stored row (docs/vectors.md, "What is stored").
#pragma once

#include <cstddef>
#include <cstdlib>
#include <expected>
#include <memory>
#include <span>

#include "fuse/hnsw/parameters.h"

namespace vexfs::hnsw {

/** What makes a row unacceptable: the byte within it at which the element at fault begins. */
struct RowFault {
  size_t byte = 0;
};

/** Fills `stored` (stride() bytes, padded with zeros) from `wire` (row_bytes()). */
std::expected<void, RowFault> store_row(const Parameters& parameters,
                                        std::span<const std::byte> wire,
                                        std::span<std::byte> stored);

/** Memory that kernels may read: aligned to 64 bytes, zeroed. */
class AlignedBytes {
 public:
  explicit AlignedBytes(size_t size);
  std::byte* data() { return bytes_.get(); }
  const std::byte* data() const { return bytes_.get(); }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<std::byte[], Free> bytes_;
};

}  // namespace vexfs::hnsw

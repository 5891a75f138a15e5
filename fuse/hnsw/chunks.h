// SPDX-License-Identifier: MIT
// Arrays that grow without moving, so that growing costs no copy and no second array.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuse/hnsw/row.h"

namespace vexfs::hnsw {

/** Records of a fixed number of bytes, zeroed at first, aligned to 64 bytes if that number is a
 * multiple of it. */
class Chunks {
 public:
  /** Chunks of up to a MiB, each a power of two of records. */
  explicit Chunks(size_t record_bytes)
      : record_bytes_(record_bytes),
        shift_(static_cast<unsigned>(std::bit_width(kChunkBytes / record_bytes)) - 1) {}

  void reserve(size_t records) {
    while (chunks_.size() << shift_ < records) chunks_.emplace_back(record_bytes_ << shift_);
  }
  std::byte* operator[](size_t i) { return chunks_[i >> shift_].data() + offset(i); }
  const std::byte* operator[](size_t i) const { return chunks_[i >> shift_].data() + offset(i); }

 private:
  static constexpr size_t kChunkBytes = size_t{1} << 20;

  size_t offset(size_t i) const { return (i & ((size_t{1} << shift_) - 1)) * record_bytes_; }

  size_t record_bytes_;
  unsigned shift_;
  std::vector<AlignedBytes> chunks_;
};

template <typename T>
class ChunkedArray {
 public:
  ChunkedArray() : chunks_(sizeof(T)) {}
  void reserve(size_t size) { chunks_.reserve(size); }
  T& operator[](size_t i) { return *reinterpret_cast<T*>(chunks_[i]); }
  const T& operator[](size_t i) const { return *reinterpret_cast<const T*>(chunks_[i]); }

 private:
  Chunks chunks_;
};

}  // namespace vexfs::hnsw

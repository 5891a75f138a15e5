// SPDX-License-Identifier: MIT
// Arrays that grow without moving, so that growing costs no copy and no second array.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace vexfs::hnsw {

/** Records of a fixed number of bytes, aligned to 64 bytes if that number is a multiple of it.
 * Their first contents are not defined. */
class Chunks {
 public:
  explicit Chunks(size_t record_bytes);

  /** Makes room for records 0 to `records` - 1. Throws std::bad_alloc. */
  void reserve(size_t records) {
    while (chunks_.size() << shift_ < records) add_chunk();
  }
  std::byte* operator[](size_t i) { return chunks_[i >> shift_].get() + offset(i); }
  const std::byte* operator[](size_t i) const { return chunks_[i >> shift_].get() + offset(i); }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };

  void add_chunk();
  size_t offset(size_t i) const { return (i & ((size_t{1} << shift_) - 1)) * record_bytes_; }

  size_t record_bytes_;
  unsigned shift_;  // a chunk has a power of two of records
  std::vector<std::unique_ptr<std::byte[], Free>> chunks_;
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

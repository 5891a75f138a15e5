// SPDX-License-Identifier: MIT
#include "fuse/hnsw/chunks.h"

#include <sys/mman.h>

#include <new>

namespace vexfs::hnsw {

namespace {

// A huge page: rows and lists are read at random, and one entry of the TLB then covers thousands of
// them.
constexpr size_t kChunkBytes = size_t{2} << 20;

}  // namespace

Chunks::Chunks(size_t record_bytes)
    : record_bytes_(record_bytes),
      shift_(static_cast<unsigned>(std::bit_width(kChunkBytes / record_bytes)) - 1) {}

void Chunks::add_chunk() {
  auto* bytes = static_cast<std::byte*>(std::aligned_alloc(kChunkBytes, kChunkBytes));
  if (bytes == nullptr) throw std::bad_alloc();
  chunks_.emplace_back(bytes);
  // A small array stays with the pages that it has touched. A refusal costs speed only.
  if (chunks_.size() > 1) madvise(bytes, kChunkBytes, MADV_HUGEPAGE);
}

}  // namespace vexfs::hnsw

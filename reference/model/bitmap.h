// SPDX-License-Identifier: MIT
// Single bits of the bitmaps on the volume.
#pragma once

#include <cstdint>

#include "reference/contract/superblock.h"
#include "reference/model/block_store.h"

namespace vexfs::model {

bool test_bit(const BlockStore& store, const vexfs_region& bitmap, std::uint64_t bit);
void set_bit(BlockStore& store, const vexfs_region& bitmap, std::uint64_t bit);
void clear_bit(BlockStore& store, const vexfs_region& bitmap, std::uint64_t bit);

/// Bits 64 `index` to 64 `index` + 63.
std::uint64_t bitmap_word(const BlockStore& store, const vexfs_region& bitmap, std::uint64_t index);

}  // namespace vexfs::model

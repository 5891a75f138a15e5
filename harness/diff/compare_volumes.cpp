// SPDX-License-Identifier: MIT
#include "harness/diff/compare_volumes.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "harness/diff/comparison.h"

namespace vexfs::parity {
namespace {

// Calls `visit` with each run of blocks in [first, end) that `wanted` asks for.
template <typename Wanted, typename Visit>
void for_each_run(std::uint64_t first, std::uint64_t end, Wanted wanted, Visit visit) {
  for (std::uint64_t block = first; block < end;) {
    if (!wanted(block)) {
      ++block;
      continue;
    }
    const std::uint64_t start = block;
    while (block < end && wanted(block)) ++block;
    visit(start, block);
  }
}

// Appends the blocks of [first, end) that differ. A run without a difference costs one memcmp.
void find_differing(Bytes left, Bytes right, std::uint64_t first, std::uint64_t end,
                    std::vector<std::uint64_t>& found) {
  const auto same = [&](std::uint64_t from, std::uint64_t to) {
    return std::memcmp(left.data() + from * kBlockSize, right.data() + from * kBlockSize,
                       (to - from) * kBlockSize) == 0;
  };
  if (first == end || same(first, end)) return;
  constexpr std::uint64_t kStride = 256;
  for (std::uint64_t from = first; from < end; from += kStride) {
    const std::uint64_t to = std::min(end, from + kStride);
    if (same(from, to)) continue;
    for (std::uint64_t block = from; block < to; ++block) {
      if (!same(block, block + 1)) found.push_back(block);
    }
  }
}

class VolumeComparison {
 public:
  VolumeComparison(tools::VolumeView left, tools::VolumeView right, const CompareOptions& options)
      : comparison_(std::move(left), std::move(right), options), options_(options) {}

  std::vector<Difference> run() {
    const vexfs_superblock& super = comparison_.left().super();
    find();
    const auto part = [&](std::uint64_t first, std::uint64_t end) {
      const auto from = std::ranges::lower_bound(blocks_, first);
      const auto to = std::ranges::lower_bound(blocks_, end);
      return std::span<const std::uint64_t>(from, to);
    };
    for (std::uint64_t block : part(VEXFS_ANCHOR_BLOCK, super.log.start)) {
      compare_block(comparison_, block);
    }
    compare_log(comparison_, part(super.log.start, tools::end_of(super.log)));
    compare_events(comparison_, part(super.ring.start, tools::end_of(super.ring)));
    for (std::uint64_t block : blocks_) {
      if (comparison_.full()) break;
      if (block >= VEXFS_ANCHOR_BLOCK && block < super.state.start) continue;
      if (tools::contains(super.ring, block)) continue;
      compare_block(comparison_, block);
    }
    return comparison_.take();
  }

 private:
  // All blocks to compare that differ, ascending.
  void find() {
    const vexfs_superblock& super = comparison_.left().super();
    const Bytes left = comparison_.left().image();
    const Bytes right = comparison_.right().image();
    find_differing(left, right, 0, super.data.start, blocks_);
    if (!options_.skip_free_blocks) {
      find_differing(left, right, super.data.start, tools::end_of(super.data), blocks_);
    } else {
      const auto left_bits = comparison_.left().region_bytes(super.block_bitmap);
      const auto right_bits = comparison_.right().region_bytes(super.block_bitmap);
      const auto is_used = [&](std::uint64_t block) {
        return tools::bit_is_set(left_bits, block) || tools::bit_is_set(right_bits, block);
      };
      for_each_run(super.data.start, tools::end_of(super.data), is_used,
                   [&](std::uint64_t first, std::uint64_t end) {
                     find_differing(left, right, first, end, blocks_);
                   });
    }
    find_differing(left, right, super.blocks - 1, super.blocks, blocks_);
  }

  Comparison comparison_;
  CompareOptions options_;
  std::vector<std::uint64_t> blocks_;
};

void add_raw(Bytes left, Bytes right, std::uint64_t offset, std::uint64_t size,
             std::vector<Difference>& differences) {
  const Bytes left_part = left.subspan(offset, size);
  const Bytes right_part = right.subspan(offset, size);
  const auto first = static_cast<std::uint64_t>(std::ranges::mismatch(left_part, right_part).in1 -
                                                left_part.begin());
  std::uint64_t end = size;
  while (left_part[end - 1] == right_part[end - 1]) --end;
  differences.push_back(
      {fmt::format("block {}{}bytes {} to {}", offset / kBlockSize, kPathStep, first, end - 1),
       tools::hex_text(left_part.subspan(first, end - first), 16),
       tools::hex_text(right_part.subspan(first, end - first), 16),
       Comparison::range(left, offset + first, end - first),
       Comparison::range(right, offset + first, end - first)});
}

std::vector<Difference> compare_raw(Bytes left, Bytes right, const CompareOptions& options) {
  std::vector<Difference> differences;
  if (left.size() != right.size()) {
    differences.push_back({"image size",
                           fmt::format("{} bytes", left.size()),
                           fmt::format("{} bytes", right.size()),
                           {},
                           {}});
  }
  const std::uint64_t common = std::min(left.size(), right.size());
  if (common == 0 || std::memcmp(left.data(), right.data(), common) == 0) return differences;
  for (std::uint64_t offset = 0; offset < common; offset += kBlockSize) {
    if (differences.size() >= options.max_differences) break;
    const std::uint64_t size = std::min<std::uint64_t>(kBlockSize, common - offset);
    if (std::memcmp(left.data() + offset, right.data() + offset, size) == 0) continue;
    add_raw(left, right, offset, size, differences);
  }
  return differences;
}

// Volumes of different shape cannot be compared further.
std::vector<Difference> compare_shapes(tools::VolumeView left, tools::VolumeView right,
                                       const CompareOptions& options) {
  Comparison comparison(std::move(left), std::move(right), options);
  compare_block(comparison, VEXFS_SUPER_BLOCK);
  return comparison.take();
}

bool same_shape(const vexfs_superblock& left, const vexfs_superblock& right) {
  return left.blocks == right.blocks && left.inodes == right.inodes &&
         std::memcmp(&left.log, &right.log,
                     offsetof(vexfs_superblock, tx_units) - offsetof(vexfs_superblock, log)) == 0;
}

}  // namespace

std::vector<Difference> compare_volumes(std::span<const std::byte> left,
                                        std::span<const std::byte> right,
                                        const CompareOptions& options) {
  if (options.raw) return compare_raw(left, right, options);
  auto left_view = tools::VolumeView::open(left);
  auto right_view = tools::VolumeView::open(right);
  if (!left_view || !right_view) return compare_raw(left, right, options);
  if (!same_shape(left_view->super(), right_view->super())) {
    return compare_shapes(std::move(*left_view), std::move(*right_view), options);
  }
  return VolumeComparison(std::move(*left_view), std::move(*right_view), options).run();
}

}  // namespace vexfs::parity

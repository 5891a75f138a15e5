// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "harness/diff/compare_volumes.h"
#include "harness/lockstep/compare.h"
#include "reference/tools/inspect/bytes.h"
#include "reference/tools/inspect/layout.h"

namespace vexfs::parity {
namespace {

bool has_in_use(const Image& volume, const vexfs_superblock& super, std::uint64_t block) {
  const std::uint64_t bitmap = super.block_bitmap.start + block / VEXFS_BITS_PER_BLOCK;
  return bitmap >= volume.chunks() ||
         tools::bit_is_set(volume.chunk(bitmap), block % VEXFS_BITS_PER_BLOCK);
}

// What a block of the data region holds that neither volume uses is open (docs/determinism.md).
bool is_free_in_both(const Image& left, const Image& right, std::uint64_t block) {
  const auto super = tools::load<vexfs_superblock>(left.chunk(VEXFS_SUPER_BLOCK));
  return tools::contains(super.data, block) && !has_in_use(left, super, block) &&
         !has_in_use(right, super, block);
}

// Whether nothing differs that is compared. Most volumes are alike, and then nothing need be laid
// out in one piece to find the structures that differ.
bool are_alike(const Image& left, const Image& right, bool raw) {
  return left.size() == right.size() &&
         std::ranges::all_of(Image::differing_chunks(left, right), [&](std::size_t block) {
           return !raw && is_free_in_both(left, right, block);
         });
}

}  // namespace

std::optional<Failure> compare_images(const Image& reference, const Image& other, bool raw,
                                      const std::string& target, FailureKind kind) {
  if (are_alike(reference, other, raw)) return std::nullopt;
  CompareOptions options;
  options.skip_free_blocks = !raw;
  options.max_differences = 40;
  const auto differences = compare_volumes(reference.bytes(), other.bytes(), options);
  if (differences.empty()) return std::nullopt;
  Failure failure;
  failure.kind = kind;
  failure.target = target;
  failure.signature =
      fmt::format("{} {} {}", name_of(kind), target, path_signature(differences.front().path));
  for (const Difference& difference : differences) failure.lines.push_back(difference.text());
  failure.evidence = hex_dump(differences.front());
  return failure;
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "harness/lockstep/compare.h"
#include "reference/tools/inspect/volume_view.h"

namespace vexfs::parity {
namespace {

using tools::VolumeView;

// The region that a block lies in, for a person.
std::string place_of(const VolumeView& view, std::uint64_t block) {
  const vexfs_superblock& super = view.super();
  const std::pair<const char*, const vexfs_region*> regions[] = {
      {"log", &super.log},
      {"state", &super.state},
      {"ring", &super.ring},
      {"block bitmap", &super.block_bitmap},
      {"inode bitmap", &super.inode_bitmap},
      {"orphan bitmap", &super.orphan_bitmap},
      {"inode table", &super.inode_table},
      {"data", &super.data},
  };
  for (const auto& [name, region] : regions) {
    if (tools::contains(*region, block)) return name;
  }
  return block == 1 || block == 2 ? "anchor" : "superblock";
}

bool same_block(const Image& a, const Image& b, std::uint64_t block) {
  const std::size_t at = block * tools::kBlockSize;
  return std::memcmp(a.data() + at, b.data() + at, tools::kBlockSize) == 0;
}

// The first differing byte of a differing block.
std::size_t first_byte(const Image& a, const Image& b, std::uint64_t block) {
  std::size_t at = block * tools::kBlockSize;
  while (a[at] == b[at]) ++at;
  return at;
}

}  // namespace

std::optional<Failure> compare_images(const Image& reference, const Image& other, bool raw,
                                      const std::string& target, FailureKind kind) {
  if (reference == other) return std::nullopt;
  const auto view = VolumeView::open(reference);
  if (!view) return std::nullopt;  // fsck says so
  Failure failure;
  failure.kind = kind;
  failure.target = target;
  for (std::uint64_t block = 0; block < view->super().blocks; ++block) {
    const bool compared = raw || !view->is_data_block(block) || view->block_in_use(block);
    if (!compared || same_block(reference, other, block)) continue;
    const std::string place = place_of(*view, block);
    const std::size_t at = first_byte(reference, other, block);
    if (failure.signature.empty()) {
      failure.signature = fmt::format("{} {} {}", name_of(kind), target, place);
    }
    failure.lines.push_back(fmt::format(
        "block {} ({}) byte {}: {:02x} / {:02x} @ {:#x}", block, place, at % tools::kBlockSize,
        static_cast<unsigned>(reference[at]), static_cast<unsigned>(other[at]), at));
    if (failure.lines.size() == 40) break;
  }
  if (failure.lines.empty()) return std::nullopt;
  return failure;
}

}  // namespace vexfs::parity

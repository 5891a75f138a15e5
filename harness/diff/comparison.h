// SPDX-License-Identifier: MIT
// What the parts of a comparison share.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "harness/diff/compare_volumes.h"
#include "reference/tools/inspect/structure.h"
#include "reference/tools/inspect/volume_view.h"

namespace vexfs::parity {

using tools::BlockKind;
using tools::BlockRole;
using tools::Bytes;
using tools::kBlockSize;
using tools::kPathStep;
using tools::NamedField;
using tools::Structure;

class Comparison {
 public:
  Comparison(tools::VolumeView left, tools::VolumeView right, const CompareOptions& options)
      : views_{std::move(left), std::move(right)}, options_(options) {}

  const tools::VolumeView& left() const { return views_[0]; }
  const tools::VolumeView& right() const { return views_[1]; }

  // Roles of blocks on the left; for blocks that are unused there, on the right.
  BlockRole role(std::uint64_t block);
  // The same after the replay of the logs: roles of logged blocks.
  BlockRole logged_role(std::uint64_t block);

  // A difference of the same bytes of both images.
  void add(std::string path, std::string left, std::string right, std::uint64_t offset,
           std::uint64_t size);
  void add(Difference difference);
  // A range of one of the images.
  static ByteRange range(Bytes image, std::uint64_t offset, std::uint64_t size);

  // Reports the fields in which the bytes of a structure differ; its checksum only if nothing else
  // does, for it follows from the rest.
  void compare_fields(const Structure& structure, Bytes left, Bytes right);
  // Reports one run of differing bytes that no structure names.
  void add_bytes(const std::string& path, std::uint64_t offset, std::uint64_t size);

  bool full() const { return differences_.size() >= options_.max_differences; }
  std::vector<Difference> take() { return std::move(differences_); }

 private:
  using TwoRoles = std::array<tools::BlockRoles, 2>;
  static BlockRole pick(const TwoRoles& roles, std::uint64_t block);

  std::array<tools::VolumeView, 2> views_;
  CompareOptions options_;
  std::optional<TwoRoles> roles_;  // made when first asked for: equal volumes need none
  std::optional<TwoRoles> logged_roles_;
  std::vector<Difference> differences_;
};

// The parts. `blocks` are the differing blocks of their regions, ascending.
void compare_log(Comparison& comparison, std::span<const std::uint64_t> blocks);
void compare_events(Comparison& comparison, std::span<const std::uint64_t> blocks);
// Any block that is neither log nor ring.
void compare_block(Comparison& comparison, std::uint64_t block);

}  // namespace vexfs::parity

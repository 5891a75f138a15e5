// SPDX-License-Identifier: MIT
// A collection of vectors as its blocks stand (docs/vectors.md, "On the volume"). Nothing is
// trusted: what cannot be read is left out.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/vector.h"
#include "reference/tools/inspect/volume_view.h"
#include "reference/vector/parameters.h"

namespace vexfs::tools {

// A slot's record and its links at level 0, unused ones included.
struct SlotRecord {
  vexfs_slot fields{};
  std::vector<std::uint32_t> links;
};

class CollectionReader {
 public:
  // Fails, with a sentence for a person, if the directory has no collection or its header or inodes
  // cannot be read at all.
  static std::expected<CollectionReader, std::string> open(const VolumeView& view,
                                                           std::uint64_t directory);

  const vexfs_collection& fields() const { return fields_; }
  vectors::Parameters parameters() const;
  std::uint64_t graph_ino() const { return graph_ino_; }
  // The block of each logical block up to the first that is not mapped.
  const std::vector<std::uint64_t>& graph_blocks() const { return graph_; }
  const std::vector<std::uint64_t>& vectors_blocks() const { return vectors_; }
  const std::vector<std::uint64_t>& upper_blocks() const { return upper_; }

  std::optional<SlotRecord> slot(std::uint32_t number) const;
  // The row with its padding.
  std::optional<std::vector<std::byte>> row(std::uint32_t slot) const;
  // Links of a list of the upper inode.
  std::optional<std::vector<std::uint32_t>> list(std::uint32_t number) const;

 private:
  explicit CollectionReader(const VolumeView& view) : view_(&view) {}

  const VolumeView* view_;
  vexfs_collection fields_{};
  std::uint64_t graph_ino_ = 0;
  std::vector<std::uint64_t> graph_, vectors_, upper_;
};

}  // namespace vexfs::tools

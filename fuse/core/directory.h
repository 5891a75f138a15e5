// SPDX-License-Identifier: MIT
// Directory blocks and their records (docs/format.md, "Directories").
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "fuse/core/directory_index.h"
#include "fuse/core/extent_tree.h"
#include "fuse/core/types.h"
#include "reference/contract/directory.h"

namespace vexfs::core {

/** A used record. */
struct FoundRecord {
  /** Byte of the directory where it starts. */
  uint64_t position = 0;
  InodeNumber ino = 0;
  uint8_t type = 0;
};

/** Where a name will be inserted; gathered. */
struct InsertPlace {
  std::shared_ptr<DirectoryIndex> index;
  uint64_t lblk = 0;
  /** No block has room: one is appended. */
  bool append = false;
};

/** A record that will be removed or replaced; gathered. */
struct RecordPlace {
  /** None if the directory is damaged elsewhere. */
  std::shared_ptr<DirectoryIndex> index;
  uint64_t position = 0;
  uint64_t block = 0;
};

/** Reads and changes the directories of a volume. Reading under the shared lock. */
class Directories {
 public:
  Directories(const Layout& layout, BlockCache& cache, ExtentTree& tree, PlantedFault faults,
              uint64_t index_bytes)
      : layout_(layout), cache_(cache), tree_(tree), faults_(faults), indexes_(index_bytes) {}

  /** The record of `name`, if there is one. */
  Expected<std::optional<FoundRecord>> find(const InodeRef& directory, std::string_view name);
  Expected<bool> empty(const InodeRef& directory);

  using RecordVisitor =
      std::function<bool(std::string_view name, const FoundRecord& record, uint64_t next)>;
  /** Used records that start at or after byte `from`, in order, until the visitor answers false. */
  Expected<void> list(const InodeRef& directory, uint64_t from, const RecordVisitor& visitor);

  /** Gathering: the place for `name`; loads its block unless one is appended. */
  Expected<InsertPlace> gather_insert(Unit& unit, const InodeRef& directory, std::string_view name);
  /** Applying. `appended`: the new block, already mapped and counted in the size, if place.append.
   */
  void insert(Unit& unit, const InsertPlace& place, uint64_t appended, std::string_view name,
              InodeNumber ino, uint8_t type);

  /** Gathering: loads the block of the record at `position`. */
  Expected<RecordPlace> gather_record(Unit& unit, const InodeRef& directory, uint64_t position);
  /** Applying: removes the record. */
  void remove(Unit& unit, const RecordPlace& place);
  /** Applying: the record names another inode. */
  static void replace(Unit& unit, const RecordPlace& place, InodeNumber ino, uint8_t type);

  /** Forgets what memory holds of the directory. */
  void forget(InodeNumber ino) { indexes_.erase(ino); }
  uint64_t index_bytes() { return indexes_.bytes(); }

 private:
  Expected<std::shared_ptr<DirectoryIndex>> index_of(const InodeRef& directory);
  Expected<std::shared_ptr<DirectoryIndex>> index_if_sound(const InodeRef& directory);
  Expected<std::optional<FoundRecord>> find_by_walk(const InodeRef& directory,
                                                    std::string_view name);
  Expected<uint64_t> block_at(const InodeRef& directory, uint64_t lblk);
  Expected<void> build(const InodeRef& directory, DirectoryIndex& index);
  Expected<BlockRef> load(uint64_t number);
  bool block_ok(const Block& block) const;
  bool record_ok(const std::byte* at, uint32_t offset) const;

  const Layout& layout_;
  BlockCache& cache_;
  ExtentTree& tree_;
  PlantedFault faults_;
  DirectoryIndexes indexes_;
};

}  // namespace vexfs::core

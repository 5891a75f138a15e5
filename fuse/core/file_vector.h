// SPDX-License-Identifier: MIT
// Vectors of files as other operations meet them (docs/vectors.md, "Vectors of files").
#pragma once

#include <memory>
#include <optional>

#include "fuse/core/collection.h"

namespace vexfs::core {

/** The directory in whose collection a file's vector is or would be; raw is null if its home is
 * none. EUCLEAN. Shared lock suffices. */
Expected<InodeRef> home_of(Engine& engine, const InodeRef& file);

inline uint64_t vector_id(const InodeRef& file) { return VEXFS_ID_FILE | file.ino; }

/** The vector that a file has. */
struct FileVector {
  std::shared_ptr<Collection> collection;
  uint32_t slot = 0;
};
/** Nothing if it has none, whatever kind of inode it is. EUCLEAN. Shared lock suffices. */
Expected<std::optional<FileVector>> vector_of_file(Engine& engine, const InodeRef& file);

/** EXDEV if a name in `directory` would take the file's vector out of its collection. */
Expected<void> check_stays_home(Engine& engine, const InodeRef& file, InodeNumber directory);

/** A vector that a unit takes from its file. */
struct VectorDeath {
  std::shared_ptr<Collection> collection;
  DyingSlot dying;

  /** Applying; the file's inode was gathered. */
  void apply(const InodeRef& file) const;
  /** Applying, after the unit's own event if it has one. */
  void emit(Unit& unit) const { collection->emit_death(unit, dying); }
};
/** Gathering: the file's vector, if it has one. EUCLEAN; EAGAIN while its collection is compacted.
 */
Expected<std::optional<VectorDeath>> gather_vector_death(Engine& engine, Unit& unit,
                                                         const InodeRef& file);
/** The same if `file` is about to lose the last of its links. */
Expected<std::optional<VectorDeath>> gather_last_link(Engine& engine, Unit& unit,
                                                      const InodeRef& file);

}  // namespace vexfs::core

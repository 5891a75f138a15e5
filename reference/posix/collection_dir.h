// SPDX-License-Identifier: MIT
// DIR/.vexfs of a directory that is a collection, and what is in it: docs/api.md, "Collections".
#pragma once

#include <optional>
#include <string_view>

#include "reference/posix/inode_volume.h"

namespace vexfs::posix {

/// Whether the number is that of such a directory or file.
bool is_collection_ino(Ino ino);

/// The attributes of one of these numbers. ESTALE if the collection is no more, EUCLEAN.
Result<Attr> collection_attr(InodeVolume& volume, Ino ino);

/// DIR/.vexfs of the directory. ENOENT if it is no collection, EUCLEAN.
Result<Attr> collection_dir(InodeVolume& volume, Ino directory);

/// One of the five files of the directory's collection. ENOENT, EUCLEAN.
Result<Attr> collection_lookup(InodeVolume& volume, Ino directory, std::string_view name);
/// The same below DIR/.vexfs, whose number is `dot`.
Result<Attr> collection_lookup_below(InodeVolume& volume, Ino dot, std::string_view name);

/// The five files of this collection, at positions that begin after `passed` other entries.
std::vector<DirEntry> collection_entries(Ino graph, std::uint64_t passed);
/// All of DIR/.vexfs, "." and ".." first. ESTALE, EUCLEAN.
Result<std::vector<DirEntry>> collection_dir_entries(InodeVolume& volume, Ino dot);

/// pread(2) of `vectors`, `graph` or `info`.
Result<std::vector<std::byte>> collection_read(InodeVolume& volume, Ino ino, std::uint64_t offset,
                                               std::uint64_t length);

/// Which door the number is, if it is one.
std::optional<Door> door_of(Ino ino);

/// The graph inode that the number stands for.
Ino graph_of(Ino ino);

}  // namespace vexfs::posix

// SPDX-License-Identifier: MIT
// Names and records: docs/format.md, "Directories".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "reference/model/inode.h"

namespace vexfs::model {

/// A used record and where it stands.
struct FoundName {
  BlockNumber block = 0;
  std::size_t offset = 0;
  Ino ino = 0;
  std::uint8_t type = 0;
};

/// EUCLEAN if a block on the way is not valid.
Result<std::optional<FoundName>> find_name(const Mounted& volume, Ino dir, const vexfs_inode& inode,
                                           std::string_view name);

/// Puts the name into the first place that fits; may append a block, which changes `inode`. EFBIG,
/// ENOSPC, EUCLEAN; the caller then undoes the unit.
Result<void> insert_name(Mounted& volume, Ino dir, vexfs_inode& inode, std::string_view name,
                         Ino ino, std::uint8_t type);

/// Takes the name away. ENOENT, EUCLEAN.
Result<void> delete_name(Mounted& volume, Ino dir, const vexfs_inode& inode, std::string_view name);

/// Lets a record name another inode.
void replace_name(Mounted& volume, const FoundName& found, Ino ino, std::uint8_t type);

Result<bool> is_empty_directory(const Mounted& volume, Ino dir, const vexfs_inode& inode);

/// Up to `most` entries from `position`, "." and ".." included.
Result<std::vector<posix::DirEntry>> list_directory(const Mounted& volume, Ino dir,
                                                    const vexfs_inode& inode,
                                                    std::uint64_t position, std::size_t most);

}  // namespace vexfs::model

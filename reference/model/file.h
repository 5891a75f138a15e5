// SPDX-License-Identifier: MIT
// The contents of files and symlinks.
#pragma once

#include <string>
#include <vector>

#include "reference/model/mounted.h"

namespace vexfs::model {

Result<std::vector<std::byte>> read_file(const Mounted& volume, Ino ino, std::uint64_t offset,
                                         std::uint64_t length);
Result<std::size_t> write_file(Mounted& volume, Ino ino, std::uint64_t offset,
                               std::span<const std::byte> bytes, std::uint32_t kill_setid);
Result<std::string> read_symlink(const Mounted& volume, Ino ino);

/// A data block of a file, to be changed: in place, or under data=journal as part of the
/// transaction. In place it cannot be taken back, so it comes after everything that may fail.
BlockEdit edit_file_block(Mounted& volume, BlockNumber number);

}  // namespace vexfs::model

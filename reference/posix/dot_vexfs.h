// SPDX-License-Identifier: MIT
// The files of /.vexfs, which are on no volume: docs/api.md.
#pragma once

#include <string_view>

#include "reference/posix/inode_volume.h"

namespace vexfs::posix {

inline constexpr std::string_view kDotName = ".vexfs";
inline constexpr Ino kDotDir = Ino{1} << 62;
inline constexpr Ino kEventsFile = kDotDir + 1;
inline constexpr Ino kStatsFile = kDotDir + 3;
inline constexpr Ino kControlFile = kDotDir + 4;

/// Whether the number is one of these.
bool is_dot(Ino ino);

/// The attributes of one of these numbers.
Attr dot_attr(Ino ino);

/// What is in the directory. ENOENT for all but three names.
Result<Attr> dot_lookup(std::string_view name);

/// All of its own entries, "." and ".." first.
std::vector<DirEntry> dot_entries();

/// pread(2) of one of the files.
Result<std::vector<std::byte>> dot_read(InodeVolume& volume, Ino ino, std::uint64_t offset,
                                        std::uint64_t length);

/// write(2) to one of the files: executes the lines of `control`. EINVAL for the others.
Result<std::size_t> dot_write(InodeVolume& volume, Ino ino, std::string_view text);

}  // namespace vexfs::posix

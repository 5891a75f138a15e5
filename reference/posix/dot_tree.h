// SPDX-License-Identifier: MIT
// The nodes of /.vexfs, which are on no volume (docs/api.md).
#pragma once

#include <string_view>
#include <vector>

#include "reference/posix/inode_volume.h"

namespace vexfs::posix {

/// Whether this number names /.vexfs or something in it.
bool is_dot_node(Ino ino);

/// Attributes of such a node.
Attr dot_attr(Ino ino);

/// A name within /.vexfs; ENOENT.
Result<Attr> dot_lookup(std::string_view name);

/// The listing of /.vexfs from `position`.
std::vector<DirEntry> dot_readdir(std::uint64_t position, std::size_t most);

}  // namespace vexfs::posix

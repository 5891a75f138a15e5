// SPDX-License-Identifier: MIT
// Names of the files whose vectors are in a collection.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace vexfs::ctl {

// Ids of vectors of files: the inode number with bit 63 (docs/vectors.md, "Vectors of files").
bool is_file_id(std::uint64_t id);

// Which entry of `directory` each of the ids that are of files belongs to. A file that was renamed
// away, or that the caller cannot see, is left out.
std::map<std::uint64_t, std::string> file_names(const std::string& directory,
                                                std::span<const std::uint64_t> ids);

}  // namespace vexfs::ctl

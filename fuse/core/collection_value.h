// SPDX-License-Identifier: MIT
// The value of user.vexfs.collection (docs/api.md, "Collections").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fuse/core/result.h"
#include "fuse/hnsw/parameters.h"

namespace vexfs::core {

/** The longest value that is accepted, bytes. */
inline constexpr size_t kCollectionValueMax = 255;

/** EINVAL for what is not of the form, is not named, or is out of bounds. `level_seed`: the default
 * seed. */
Expected<hnsw::Parameters> parse_collection_value(std::string_view value, uint64_t level_seed);
/** As getxattr returns it. */
std::string collection_value(const hnsw::Parameters& parameters);

std::string_view name_of(hnsw::ElementType type);
std::string_view name_of(hnsw::Metric metric);

}  // namespace vexfs::core

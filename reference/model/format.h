// SPDX-License-Identifier: MIT
// mkfs: what a fresh volume is made of.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "reference/model/geometry.h"

namespace vexfs::model {

/// Writes an empty volume into `image`, which has at least `geometry.blocks` blocks. The data
/// region stays as it is. On failure nothing is written and the answer says why.
std::expected<void, std::string> format(std::span<std::byte> image, const Geometry& geometry);

}  // namespace vexfs::model

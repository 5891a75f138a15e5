// SPDX-License-Identifier: MIT
// What changes a collection: docs/vectors.md, "Units of work".
#pragma once

#include "reference/model/mounted.h"

namespace vexfs::model {

/// Everything that a put is: growing, the unit that puts, link steps. `row` is a stored row.
/// Answers whether a vector was replaced. ENOSPC, EFBIG.
Result<bool> put_vector(Mounted& volume, Collection& collection, std::uint64_t id,
                        vectors::Row row);

/// Answers whether there was one. No unit if not.
Result<bool> delete_vector(Mounted& volume, Collection& collection, std::uint64_t id);

}  // namespace vexfs::model

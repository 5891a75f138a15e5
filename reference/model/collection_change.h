// SPDX-License-Identifier: MIT
// What changes a collection: docs/vectors.md, "Units of work".
#pragma once

#include "reference/model/mounted.h"
#include "reference/model/unit.h"

namespace vexfs::model {

/// What a unit does if nobody wants more of it.
inline Result<void> nothing_more() { return {}; }

/// Everything that a put is: growing, the unit that puts, link steps. `row` is a stored row. `also`
/// happens in the unit that puts. Answers whether a vector was replaced. ENOSPC, EFBIG.
Result<bool> put_vector(Mounted& volume, Collection& collection, std::uint64_t id, vectors::Row row,
                        const UnitBody& also = nothing_more);

/// The same without an event, for an id that the collection does not have.
Result<void> copy_vector(Mounted& volume, Collection& collection, std::uint64_t id,
                         vectors::Row row);

/// Answers whether there was one. No unit if not. `also` happens in the unit.
Result<bool> delete_vector(Mounted& volume, Collection& collection, std::uint64_t id,
                           const UnitBody& also = nothing_more);

/// Within a unit: writes that the slot is dead. The caller applies it to the graph if the unit
/// succeeds.
Result<void> write_death(Mounted& volume, const Collection& collection, vectors::SlotNumber slot);
/// Within the same unit: its VectorDelete event.
void emit_death(Mounted& volume, const Collection& collection, vectors::SlotNumber slot);

}  // namespace vexfs::model

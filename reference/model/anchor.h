// SPDX-License-Identifier: MIT
// Anchors: where the log starts. docs/format.md, "Anchors" and "Recovery".
#pragma once

#include "reference/model/mounted.h"

namespace vexfs::model {

/// The valid anchor with the higher number. EUCLEAN if there is none, or if its tail lies outside
/// the log.
Result<vexfs_anchor> read_anchor(const Mounted& volume);

/// Writes `volume.anchor` with the next number and these flags.
void write_next_anchor(Mounted& volume, std::uint32_t flags);

/// Lets the anchor name the log's head as its tail: what comes next is the running transaction.
/// Does not write it.
void move_anchor_to_head(Mounted& volume);

}  // namespace vexfs::model

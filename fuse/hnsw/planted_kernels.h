// SPDX-License-Identifier: MIT
// Distances that are wrong on purpose. Only in builds with VEXFS_PLANTED (vexfs_hnsw_planted).
#pragma once

#include "fuse/core/planted.h"
#include "fuse/hnsw/kernels.h"

namespace vexfs::hnsw {

/** The distance with the planted mistake; null if the fault is none of distances, or the type has
 * no floats. */
DistanceKernel planted_kernel(core::PlantedFault faults, ElementType type, Metric metric);

}  // namespace vexfs::hnsw

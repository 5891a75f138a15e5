// SPDX-License-Identifier: MIT
// What each instruction set's translation unit provides.
#pragma once

#include "fuse/hnsw/kernels.h"

namespace vexfs::hnsw {

/** One kernel for each type and metric that go together. */
struct KernelTable {
  DistanceKernel f32_l2, f32_cosine, f32_dot, f32_manhattan;
  DistanceKernel f16_l2, f16_dot, f16_manhattan;
  DistanceKernel i8_l2, i8_dot, i8_manhattan;
  DistanceKernel hamming;
};

extern const KernelTable kScalarKernels;
extern const KernelTable kSse2Kernels;
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;

}  // namespace vexfs::hnsw

// SPDX-License-Identifier: MIT
#define VEXFS_KERNEL_WIDTH 4
#include "fuse/hnsw/kernel_table.h"
#include "fuse/hnsw/kernel_vectors.h"

namespace vexfs::hnsw {

const KernelTable kSse2Kernels = vector_kernels();

}  // namespace vexfs::hnsw

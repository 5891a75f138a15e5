// SPDX-License-Identifier: MIT
#define VEXFS_KERNEL_WIDTH 8
#include "fuse/hnsw/kernel_table.h"
#include "fuse/hnsw/kernel_vectors.h"

namespace vexfs::hnsw {

const KernelTable kAvx2Kernels = vector_kernels();

}  // namespace vexfs::hnsw

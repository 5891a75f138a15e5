// SPDX-License-Identifier: MIT
#define VEXFS_KERNEL_WIDTH 16
#include "fuse/hnsw/kernel_table.h"
#include "fuse/hnsw/kernel_vectors.h"

namespace vexfs::hnsw {

const KernelTable kAvx512Kernels = vector_kernels();

}  // namespace vexfs::hnsw

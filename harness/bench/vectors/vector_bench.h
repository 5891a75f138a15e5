// SPDX-License-Identifier: MIT
// vexfs-parity bench vectors: the engine's vector search beside hnswlib, in one run, as ratios.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "harness/bench/figure.h"
#include "harness/bench/vectors/vector_set.h"

namespace vexfs::parity {

struct VectorBenchOptions {
  VectorSetSize size;
  std::uint64_t seed = 1;
};

/// Both sides work in turns on one thread and are timed by the CPU time that they use, so that a
/// busy machine changes the ratios little. `on_figure` is called for each as it is there.
std::vector<Figure> run_vector_bench(const VectorBenchOptions& options,
                                     const std::function<void(const Figure&)>& on_figure);

}  // namespace vexfs::parity

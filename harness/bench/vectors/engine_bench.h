// SPDX-License-Identifier: MIT
// A large collection on a volume: how fast the engine fills it, opens it and searches it, in this
// process and through a mount.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "harness/bench/figure.h"
#include "harness/bench/vectors/vector_set.h"

namespace vexfs::parity {

struct EngineBenchOptions {
  std::size_t vectors = 100000;
  std::size_t dim = 128;
  std::size_t queries = 2000;
  std::uint64_t seed = 1;
};

/// The volume is a file in the folder for temporary files. `on_figure` is called for each figure as
/// it is there. The error says what could not be done; without root or /dev/fuse the figures that
/// need a mount are left out, and a figure without value says so.
std::expected<void, std::string> run_engine_bench(
    const EngineBenchOptions& options, const std::function<void(const Figure&)>& on_figure);

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "harness/scenario/generate_draw.h"

#include <numeric>

#include <rapidcheck.h>

namespace vexfs::parity {

std::uint64_t Draw::below(std::uint64_t bound) {
  return *rc::gen::inRange<std::uint64_t>(0, bound);
}

std::size_t Draw::weighted(std::span<const unsigned> weights) {
  std::uint64_t left = below(std::accumulate(weights.begin(), weights.end(), std::uint64_t{0}));
  std::size_t index = 0;
  while (left >= weights[index]) left -= weights[index++];
  return index;
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
// Random choices, drawn from RapidCheck. Only usable inside a RapidCheck generator, in its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vexfs::parity {

/// Each call is one draw. Never make two in one expression: their order would be the compiler's.
class Draw {
 public:
  /// 0 to `bound` - 1; `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound);
  /// `least` to `most`.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + below(most - least + 1);
  }
  bool chance(unsigned percent) { return below(100) < percent; }
  /// An index, with the probability of its weight; not all weights are 0.
  std::size_t weighted(std::span<const unsigned> weights);

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <class T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + below(from.size()));
  }
};

}  // namespace vexfs::parity

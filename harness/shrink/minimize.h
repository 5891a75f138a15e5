// SPDX-License-Identifier: MIT
// Delta debugging: the smallest part of a list that still has a property. Knows nothing about the
// items.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

namespace vexfs::parity {

using Deadline = std::chrono::steady_clock::time_point;

/// Numbers, ascending, of the items that are kept.
using Kept = std::vector<std::size_t>;

struct MinimizeResult {
  Kept kept;
  std::size_t runs = 0;   // calls of the predicate
  bool finished = false;  // false: the deadline ended it
};

/// Drops items while `holds` stays true of the rest. `holds` is taken to be true of all `count`
/// items; it is never asked twice about the same subset and never asked after `deadline` (a call in
/// progress is not interrupted). `improved` is called with each new smallest subset, before the
/// search goes on. Where the search finishes, no single item of the result can be dropped, and no
/// two of them if there are at most kPairLimit.
MinimizeResult minimize_indices(std::size_t count, const std::function<bool(const Kept&)>& holds,
                                Deadline deadline,
                                const std::function<void(const Kept&)>& improved);

inline constexpr std::size_t kPairLimit = 16;

/// The same on a list of values.
template <class T>
std::vector<T> minimize(const std::vector<T>& items,
                        const std::function<bool(const std::vector<T>&)>& holds, Deadline deadline,
                        const std::function<void(const std::vector<T>&)>& improved) {
  const auto pick = [&items](const Kept& kept) {
    std::vector<T> part;
    part.reserve(kept.size());
    for (const std::size_t i : kept) part.push_back(items[i]);
    return part;
  };
  const auto result = minimize_indices(
      items.size(), [&](const Kept& kept) { return holds(pick(kept)); }, deadline,
      [&](const Kept& kept) { improved(pick(kept)); });
  return pick(result.kept);
}

}  // namespace vexfs::parity

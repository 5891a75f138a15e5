// SPDX-License-Identifier: MIT
#include "harness/shrink/minimize.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace vexfs::parity {
namespace {

class Search {
 public:
  Search(std::size_t count, const std::function<bool(const Kept&)>& holds, Deadline deadline,
         const std::function<void(const Kept&)>& improved)
      : holds_(holds), improved_(improved), deadline_(deadline), best_(count) {
    std::iota(best_.begin(), best_.end(), std::size_t{0});
  }

  MinimizeResult run() {
    do {
      drop_chunks();
    } while (!expired_ && best_.size() <= kPairLimit && drop_a_pair());
    return {best_, runs_, !expired_};
  }

 private:
  // Chunks from half the list down to single items, the last ones first: what happens after the
  // failure goes at once, and later items depend on earlier ones more often than the other way
  // round.
  void drop_chunks() {
    for (std::size_t chunk = std::max<std::size_t>(best_.size() / 2, 1);; chunk = (chunk + 1) / 2) {
      while (drop_each_chunk(chunk) && chunk == 1) {
      }
      if (chunk == 1 || expired_) return;
    }
  }

  bool drop_each_chunk(std::size_t chunk) {
    bool dropped = false;
    for (std::size_t end = best_.size(); end > 0 && !expired_;) {
      const std::size_t begin = end > chunk ? end - chunk : 0;
      Kept rest(best_.begin(), best_.begin() + static_cast<std::ptrdiff_t>(begin));
      rest.insert(rest.end(), best_.begin() + static_cast<std::ptrdiff_t>(end), best_.end());
      dropped = accept(rest) || dropped;
      end = begin;
    }
    return dropped;
  }

  bool drop_a_pair() {
    for (std::size_t j = best_.size(); j-- > 1;) {
      for (std::size_t i = j; i-- > 0 && !expired_;) {
        Kept rest = best_;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
        if (accept(rest)) return true;
      }
    }
    return false;
  }

  bool accept(const Kept& candidate) {
    if (!tried_.insert(candidate).second) return false;
    expired_ = std::chrono::steady_clock::now() >= deadline_;
    if (expired_) return false;
    ++runs_;
    if (!holds_(candidate)) return false;
    best_ = candidate;
    improved_(best_);
    return true;
  }

  const std::function<bool(const Kept&)>& holds_;
  const std::function<void(const Kept&)>& improved_;
  Deadline deadline_;
  Kept best_;
  std::set<Kept> tried_;
  std::size_t runs_ = 0;
  bool expired_ = false;
};

}  // namespace

MinimizeResult minimize_indices(std::size_t count, const std::function<bool(const Kept&)>& holds,
                                Deadline deadline,
                                const std::function<void(const Kept&)>& improved) {
  return Search(count, holds, deadline, improved).run();
}

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
#include "harness/bench/vectors/vector_bench.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>

#include <fmt/format.h>

#include "fuse/hnsw/standalone.h"
#include "harness/bench/vectors/hnswlib_index.h"
#include "harness/bench/vectors/resident_memory.h"

namespace vexfs::parity {
namespace {

constexpr std::size_t kAnswers = 10;
constexpr std::size_t kTurn = 64;  // puts or searches of one side before the other's turn
constexpr std::size_t kPeerEfs[] = {40, 100, 200, 400};
constexpr std::size_t kEfs[] = {10, 16, 24, 32, 40, 56, 80, 100, 130, 160, 200, 260, 320, 400, 520};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <typename Work>
double seconds_of(Work work) {
  const double begin = cpu_seconds();
  work();
  return cpu_seconds() - begin;
}

hnsw::Parameters parameters(const VectorSetSize& size) {
  return {.dim = static_cast<std::uint32_t>(size.dim), .seed = 42};
}

using Ids = std::set<std::uint64_t>;

// How good and how fast a side is at one ef.
struct Quality {
  std::size_t ef = 0;
  double recall = 0;
  double queries_per_second = 0;
};

class Comparison {
 public:
  Comparison(const VectorSet& set, const VectorSetSize& size, std::function<void(Figure)> tell)
      : set_(set),
        ours_(parameters(size)),
        peer_(size.dim, set.vectors.size()),
        tell_(std::move(tell)) {}

  void run() {
    build();
    find_truth();
    double ours_sum = 0, peer_sum = 0;
    for (const std::size_t ef : kPeerEfs) {
      const Quality ours = measure_ours(ef);
      const Quality peer = measure_peer(ef);
      ours_sum += ours.recall;
      peer_sum += peer.recall;
      tell_({.name = fmt::format("{}: recall at ef {}, less hnswlib's", set_.name, ef),
             .value = ours.recall - peer.recall,
             .unit = "",
             .target = -0.003,
             .more_is_better = true,
             .note = fmt::format("{:.4f} / {:.4f}", ours.recall, peer.recall)});
      tell_speed(peer);
    }
    mean_difference = (ours_sum - peer_sum) / static_cast<double>(std::size(kPeerEfs));
  }

  double mean_difference = 0;

 private:
  void build() {
    double ours = 0, peer = 0;
    for (std::size_t from = 0; from < set_.vectors.size(); from += kTurn) {
      const std::size_t to = std::min(from + kTurn, set_.vectors.size());
      ours += seconds_of([&] {
        for (std::size_t id = from; id < to; ++id) ours_.put(id, set_.vectors[id]);
      });
      peer += seconds_of([&] {
        for (std::size_t id = from; id < to; ++id) peer_.put(id, set_.vectors[id]);
      });
    }
    const auto count = static_cast<double>(set_.vectors.size());
    tell_({.name = fmt::format("{}: build, times hnswlib's rate", set_.name),
           .value = peer / ours,
           .unit = "x",
           .target = 1.3,
           .more_is_better = true,
           .note = fmt::format("{:.0f}/s / {:.0f}/s", count / ours, count / peer)});
    for (const std::uint64_t id : set_.deleted) {
      ours_.erase(id);
      peer_.erase(id);
    }
  }

  void find_truth() {
    for (const Vector& query : set_.queries) {
      Ids ids;
      const auto exact = ours_.search(query, {.k = kAnswers, .ef = 1, .exact = true});
      for (const auto& answer : exact.answers) ids.insert(answer.id);
      nearest_.push_back(std::move(ids));
    }
  }

  template <typename Search>
  Quality measure(std::size_t ef, Search search) const {
    std::size_t found = 0;
    double seconds = 0;
    std::vector<std::vector<std::uint64_t>> results(set_.queries.size());
    seconds = seconds_of([&] {
      for (std::size_t i = 0; i < results.size(); ++i) results[i] = search(set_.queries[i]);
    });
    for (std::size_t i = 0; i < results.size(); ++i) {
      for (const std::uint64_t id : results[i]) found += nearest_[i].count(id);
    }
    const auto queries = static_cast<double>(results.size());
    return {ef, static_cast<double>(found) / (queries * kAnswers), queries / seconds};
  }

  Quality measure_ours(std::size_t ef) {
    return measure(ef, [&](const Vector& query) {
      const auto found = ours_.search(query, {.k = kAnswers, .ef = static_cast<std::uint32_t>(ef)});
      std::vector<std::uint64_t> ids;
      for (const auto& answer : found.answers) ids.push_back(answer.id);
      return ids;
    });
  }

  Quality measure_peer(std::size_t ef) {
    return measure(ef, [&](const Vector& query) { return peer_.search(query, kAnswers, ef); });
  }

  // The smallest ef with which we find as much as the peer found, and what it costs.
  void tell_speed(const Quality& peer) {
    for (const std::size_t ef : kEfs) {
      const Quality ours = measure_ours(ef);
      if (ours.recall < peer.recall) continue;
      const Quality again = measure_peer(peer.ef);  // beside ours in time
      tell_({.name = fmt::format("{}: searches at recall {:.3f}, times hnswlib's rate", set_.name,
                                 peer.recall),
             .value = ours.queries_per_second / again.queries_per_second,
             .unit = "x",
             .target = 1.3,
             .more_is_better = true,
             .note = fmt::format("{:.0f}/s at ef {} / {:.0f}/s at ef {}", ours.queries_per_second,
                                 ef, again.queries_per_second, peer.ef)});
      return;
    }
    tell_({.name = fmt::format("{}: searches at recall {:.3f}", set_.name, peer.recall),
           .value = 0,
           .unit = "x",
           .target = 1.3,
           .more_is_better = true,
           .note = "not reached at any ef tried"});
  }

  const VectorSet& set_;
  hnsw::Standalone ours_;
  HnswlibIndex peer_;
  std::function<void(Figure)> tell_;
  std::vector<Ids> nearest_;
};

double build_seconds(const VectorSet& set, const VectorSetSize& size, std::size_t threads) {
  hnsw::Standalone index(parameters(size), hnsw::best_simd_level(), threads);
  const double begin = wall_seconds();
  for (std::size_t id = 0; id < set.vectors.size(); ++id) index.put(id, set.vectors[id]);
  return wall_seconds() - begin;
}

Figure threads_figure(const VectorSet& set, const VectorSetSize& size) {
  const double one = build_seconds(set, size, 1);
  const double two = build_seconds(set, size, 2);
  return {.name = fmt::format("{}: build on two threads, times one thread's rate", set.name),
          .value = one / two,
          .unit = "x",
          .target = 1.5,
          .more_is_better = true,
          .note = "by the wall clock: needs two idle CPUs"};
}

Figure memory_figure(const VectorSet& set, const VectorSetSize& size) {
  const auto per_vector = [&](auto build) {
    return static_cast<double>(resident_growth(build)) / static_cast<double>(set.vectors.size());
  };
  const double ours = per_vector([&](auto measure) {
    hnsw::Standalone index(parameters(size));
    for (std::size_t id = 0; id < set.vectors.size(); ++id) index.put(id, set.vectors[id]);
    measure();
  });
  const double peer = per_vector([&](auto measure) {
    HnswlibIndex index(size.dim, set.vectors.size());
    for (std::size_t id = 0; id < set.vectors.size(); ++id) index.put(id, set.vectors[id]);
    measure();
  });
  Figure figure{.name = fmt::format("{}: memory for a vector of dim {}", set.name, size.dim),
                .value = ours,
                .unit = "bytes",
                .target = {},
                .more_is_better = false,
                .note = fmt::format("hnswlib {:.0f}", peer)};
  if (size.dim == 128) figure.target = 700;
  return figure;
}

}  // namespace

std::vector<Figure> run_vector_bench(const VectorBenchOptions& options,
                                     const std::function<void(const Figure&)>& on_figure) {
  std::vector<Figure> figures;
  const auto tell = [&](Figure figure) {
    figures.push_back(std::move(figure));
    on_figure(figures.back());
  };
  const auto sets = vector_sets(options.size, options.seed);
  tell(memory_figure(sets.front(),
                     options.size));  // before anything else has left free memory behind
  double differences = 0;
  for (const VectorSet& set : sets) {
    Comparison comparison(set, options.size, tell);
    comparison.run();
    differences += comparison.mean_difference;
  }
  tell({.name = "mean recall over the sets, less hnswlib's",
        .value = differences / static_cast<double>(sets.size()),
        .unit = "",
        .target = 0,
        .more_is_better = true,
        .note = {}});
  tell(threads_figure(sets.front(), options.size));
  return figures;
}

}  // namespace vexfs::parity

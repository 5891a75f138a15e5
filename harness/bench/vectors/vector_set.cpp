// SPDX-License-Identifier: MIT
#include "harness/bench/vectors/vector_set.h"

#include <algorithm>
#include <functional>
#include <random>

namespace vexfs::parity {
namespace {

using Random = std::mt19937_64;
using Draw = std::function<Vector(Random&)>;

constexpr std::size_t kHidden = 16;
constexpr std::size_t kCentres = 1000;
constexpr std::size_t kCopied = 50;

Vector gaussian(Random& random, std::size_t dim) {
  std::normal_distribution<float> normal;
  Vector vector(dim);
  for (float& x : vector) x = normal(random);
  return vector;
}

void add(Vector& to, const Vector& vector, float factor) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * vector[i];
}

/// Points of a flat of few dimensions, a little off it.
Draw manifold(Random& random, std::size_t dim) {
  std::vector<Vector> basis;
  for (std::size_t i = 0; i < kHidden; ++i) basis.push_back(gaussian(random, dim));
  return [basis, dim](Random& draw) {
    Vector vector(dim, 0);
    add(vector, gaussian(draw, dim), 0.1f);
    const Vector hidden = gaussian(draw, kHidden);
    for (std::size_t i = 0; i < kHidden; ++i) add(vector, basis[i], hidden[i]);
    return vector;
  };
}

Draw clusters(Random& random, std::size_t dim) {
  std::vector<Vector> centres;
  for (std::size_t i = 0; i < kCentres; ++i) centres.push_back(gaussian(random, dim));
  return [centres, dim](Random& draw) {
    Vector vector = centres[draw() % kCentres];
    add(vector, gaussian(draw, dim), 0.3f);
    return vector;
  };
}

VectorSet drawn(std::string name, const VectorSetSize& size, Random& random, const Draw& draw) {
  VectorSet set{.name = std::move(name), .vectors = {}, .queries = {}, .deleted = {}};
  for (std::size_t i = 0; i < size.vectors; ++i) set.vectors.push_back(draw(random));
  for (std::size_t i = 0; i < size.queries; ++i) set.queries.push_back(draw(random));
  return set;
}

/// The half that is nearest to one of the vectors.
std::vector<std::uint64_t> region(const VectorSet& set) {
  std::vector<std::pair<double, std::uint64_t>> order;
  for (std::uint64_t id = 0; id < set.vectors.size(); ++id) {
    double distance = 0;
    for (std::size_t i = 0; i < set.vectors[id].size(); ++i) {
      const double d = set.vectors[id][i] - set.vectors[0][i];
      distance += d * d;
    }
    order.emplace_back(distance, id);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < order.size() / 2; ++i) ids.push_back(order[i].second);
  return ids;
}

}  // namespace

VectorSet manifold_set(const VectorSetSize& size, std::uint64_t seed) {
  Random random(seed);
  return drawn("manifold", size, random, manifold(random, size.dim));
}

std::vector<VectorSet> vector_sets(const VectorSetSize& size, std::uint64_t seed) {
  Random random(seed);
  const Draw normal = [&](Random& draw) { return gaussian(draw, size.dim); };
  std::vector<VectorSet> sets;
  sets.push_back(drawn("gaussian", size, random, normal));
  sets.push_back(drawn("manifold", size, random, manifold(random, size.dim)));
  sets.push_back(drawn("clustered", size, random, clusters(random, size.dim)));
  VectorSet duplicates = drawn("duplicates", size, random, manifold(random, size.dim));
  for (std::size_t i = 0; i < size.vectors; i += 2) {
    duplicates.vectors[i] = duplicates.vectors[1 + 2 * (random() % kCopied)];
  }
  sets.push_back(std::move(duplicates));
  VectorSet deleted = drawn("deleted", size, random, manifold(random, size.dim));
  deleted.deleted = region(deleted);
  sets.push_back(std::move(deleted));
  return sets;
}

}  // namespace vexfs::parity

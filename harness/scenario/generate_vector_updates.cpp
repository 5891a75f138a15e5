// SPDX-License-Identifier: MIT
// Generators of what makes, changes and removes collections and their vectors.
#include <algorithm>
#include <limits>

#include "harness/scenario/generate_scene.h"
#include "reference/contract/event.h"

namespace vexfs::parity {
namespace {

constexpr const char* kAttribute = "user.vexfs.collection";
constexpr std::size_t kMostCollections = 4;
constexpr std::uint64_t kMostRowElements = 16384;  // of one request: bounds its work
constexpr std::uint64_t kIdBases = 3;

std::string kind_of(Draw& draw) {
  return draw.pick<const char*>(
      {"", "", " metric=cosine", " metric=dot", " type=f32 metric=manhattan", " type=f16",
       " type=f16 metric=dot", " metric=manhattan type=f16", " type=i8 metric=l2",
       " type=i8 metric=dot", " type=i8 metric=manhattan", " type=binary"});
}

std::uint64_t some_dim(Draw& draw) {
  const std::uint64_t kind = draw.below(100);
  if (kind < 15) return 1;
  if (kind < 65) return draw.between(2, 9);
  if (kind < 92) return draw.between(10, 70);
  return draw.pick<std::uint64_t>({384, 1000, 4096, 16384});
}

std::string value_of(Draw& draw) {
  std::string value = "dim=" + std::to_string(some_dim(draw));
  value += kind_of(draw);
  if (!draw.chance(8)) value += " m=" + std::to_string(draw.between(4, 8));
  if (!draw.chance(8)) value += " ef_construction=" + std::to_string(draw.between(1, 24));
  if (draw.chance(50)) value += " seed=" + std::to_string(draw.below(1000));
  return value;
}

std::string wrong_value(Draw& draw) {
  return draw.pick<const char*>({"", "dim=0", "dim=16385", "type=f32", "dim=3 dim=3", "dim=3  m=4",
                                 "dim=3 m=3", "dim=3 m=65", "dim=3 metric=hamming",
                                 "dim=3 type=i8 metric=cosine", "dim=-1", "dim=3 seed=x", "dim=3 ",
                                 "dim=4294967299", "dim=3 ef_construction=0", "DIM=3"});
}

std::optional<Operation> make_collect(Scene& scene) {
  const auto known = scene.world.collections();
  const bool again = scene.draw.chance(15);
  if (known.size() >= kMostCollections && !again) return std::nullopt;
  const Node* node = scene.node([&](const Node& n) {
    const bool is_one =
        std::ranges::any_of(known, [&](const Collection& c) { return c.path == n.path; });
    return again || (n.is_directory() && !is_one && (n.path != "/" || known.empty()));
  });
  if (node == nullptr) return std::nullopt;
  Setxattr setxattr{Path{node->path}, kAttribute, {}, {}};
  if (scene.draw.chance(8))
    setxattr.name = scene.draw.pick<const char*>({"user.other", "user.vexfs"});
  setxattr.value = scene.draw.chance(14) ? wrong_value(scene.draw) : value_of(scene.draw);
  if (scene.draw.chance(30)) setxattr.flags.bits = scene.draw.pick<std::uint32_t>({1, 1, 2, 3});
  return setxattr;
}

// Collections go by removexattr, and with their directories.
std::optional<Operation> make_change_collection(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  const Path path{collection->path};
  const bool is_root = collection->path == "/";
  switch (scene.draw.below(5)) {
    case 0:
      return Removexattr{path, kAttribute};
    case 1:
      if (!is_root) return Rmdir{path};
      [[fallthrough]];
    case 2: {
      const std::string to = scene.fresh_path();
      if (!is_root && !to.starts_with(collection->path)) return Rename{path, Path{to}, {}};
      [[fallthrough]];
    }
    case 3: {
      const Node* node = scene.node([](const Node&) { return true; });
      return Removexattr{Path{node->path}, scene.draw.chance(70) ? kAttribute : "user.none"};
    }
    default: {
      const Node* other = scene.node([&](const Node& n) {
        return n.is_directory() && n.path != "/" && !collection->path.starts_with(n.path);
      });
      if (is_root || other == nullptr) return std::nullopt;
      return Rename{Path{other->path}, path, {}};
    }
  }
}

std::optional<Operation> make_look_at_xattrs(Scene& scene) {
  const auto collection = scene.collection();
  const Node* node = scene.node([](const Node&) { return true; });
  const Path path{collection && scene.draw.chance(60) ? collection->path : node->path};
  if (scene.draw.chance(40)) return Listxattr{path};
  return Getxattr{path, scene.draw.chance(85) ? kAttribute : "user.none"};
}

// One number that no vector may have, a row of the wrong length, an id of a file.
void spoil_put(Scene& scene, VectorPut& put) {
  RowList rows = list_of(put.rows, put.type, put.ids.values.size());
  const std::size_t row = scene.draw.below(rows.size());
  switch (scene.draw.below(4)) {
    case 0:
      rows[row].pop_back();
      break;
    case 1:
      put.ids.values[row] |= std::uint64_t{1} << 63;
      break;
    case 2:
      put.ids.values.pop_back();
      break;
    default: {
      const std::size_t column = scene.draw.below(rows[row].size());
      rows[row][column].value = scene.draw.pick<double>(
          {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()});
    }
  }
  put.rows = rows;
}

std::uint64_t most_rows(const Collection& collection) {
  return std::max<std::uint64_t>(1, kMostRowElements / collection.parameters.dim);
}

std::optional<Operation> make_put(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  VectorPut put;
  put.path.bytes = collection->path;
  put.ids = scene.ids(std::min<std::uint64_t>(most_rows(*collection), 4));
  put.rows = scene.pattern(*collection);
  put.type = collection->type();
  if (scene.draw.chance(25)) put.piece = scene.draw.pick<std::uint32_t>({100, 1000, 4096});
  const bool is_small = collection->parameters.dim <= 64;
  if (is_small && scene.draw.chance(12)) spoil_put(scene, put);
  return put;
}

// Enough for link steps.
std::optional<Operation> make_put_many(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  VectorPut put;
  put.path.bytes = collection->path;
  const std::uint64_t count = std::min(most_rows(*collection), scene.draw.between(20, 100));
  const std::uint64_t first = scene.draw.below(kIdBases) * 100;
  for (std::uint64_t i = 0; i < count; ++i) put.ids.values.push_back(first + i);
  put.rows = scene.pattern(*collection);
  put.type = collection->type();
  return put;
}

std::optional<Operation> make_delete(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  const Path path{collection->path};
  if (scene.draw.chance(6)) return VectorDelete{path, {}};
  return VectorDelete{path, scene.ids(8)};
}

// All that is near a point: what a search there meets is dead.
std::optional<Operation> make_delete_region(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  const RowPattern query = scene.pattern(*collection);
  const auto k = static_cast<std::uint32_t>(scene.draw.between(5, 60));
  const Ids ids = scene.world.nearest(*collection, query, k);
  if (ids.values.empty()) return std::nullopt;
  return VectorDelete{Path{collection->path}, ids};
}

std::optional<Operation> make_agent_event(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  VectorEvent event;
  event.path.bytes = collection->path;
  event.type = static_cast<std::uint32_t>(VEXFS_EV_AGENT_FIRST + scene.draw.below(6));
  if (scene.draw.chance(12)) event.type = scene.draw.pick<std::uint32_t>({0, 1, 0x0407, 0xffff});
  event.text = std::string(scene.draw.pick<std::size_t>({0, 5, 30, 511, 512, 513}), 't');
  event.cause = scene.draw.below(100);
  return event;
}

constexpr Move kMoves[] = {{"collect", 0, make_collect},
                           {"change_collection", 0, make_change_collection},
                           {"look_at_xattrs", 0, make_look_at_xattrs},
                           {"put", 0, make_put},
                           {"put_many", 0, make_put_many},
                           {"delete", 0, make_delete},
                           {"delete_region", 0, make_delete_region},
                           {"agent_event", 0, make_agent_event}};

}  // namespace

std::span<const Move> vector_update_moves() { return kMoves; }

}  // namespace vexfs::parity

// SPDX-License-Identifier: MIT
// Generators of operations on attributes, and of those that only look.
#include "harness/scenario/generate_scene.h"

namespace vexfs::parity {
namespace {

// Any node, as a path.
Path any_path(Scene& scene) {
  return Path{scene.node([](const Node&) { return true; })->path};
}

// Not the root: what root does there would shut everybody else out of the scenario.
std::optional<Path> any_child(Scene& scene) {
  const Node* node = scene.node([](const Node& n) { return n.path != "/"; });
  if (node == nullptr) return std::nullopt;
  return Path{node->path};
}

std::optional<Operation> make_chmod(Scene& scene) {
  const auto path = any_child(scene);
  if (!path) return std::nullopt;
  const Mode mode{
      scene.draw.pick<std::uint32_t>({0644, 0755, 0777, 0600, 0000, 01777, 02755, 04711, 06777})};
  return Chmod{*path, mode};
}

std::optional<Operation> make_chown(Scene& scene) {
  const auto path = any_child(scene);
  if (!path) return std::nullopt;
  Chown chown{*path, kKeepId, kKeepId, true};
  if (scene.draw.chance(70))
    chown.uid = scene.draw.pick<std::uint32_t>({0, 1000, 1001, 65534, 4000000000u});
  if (scene.draw.chance(60)) chown.gid = scene.draw.pick<std::uint32_t>({0, 1000, 1001, 50});
  chown.follow = scene.draw.chance(70);
  return chown;
}

TimeChange time_change(Scene& scene) {
  const std::uint64_t kind = scene.draw.below(100);
  if (kind < 20) return {TimeChange::Kind::kNow, 0, 0};
  if (kind < 35) return {};
  const std::int64_t sec =
      scene.draw.pick<std::int64_t>({0, 1, 1000000000, -1, 2147483648, 17179869183, -2147483649});
  const std::int64_t nsec = scene.draw.pick<std::int64_t>({0, 1, 999999999, 123456789});
  return {TimeChange::Kind::kSet, sec, nsec};
}

std::optional<Operation> make_utimens(Scene& scene) {
  const auto path = any_child(scene);
  if (!path) return std::nullopt;
  Utimens utimens{*path, {}, {}, true};
  utimens.atime = time_change(scene);
  utimens.mtime = time_change(scene);
  utimens.follow = scene.draw.chance(70);
  return utimens;
}

std::optional<Operation> make_stat(Scene& scene) {
  const Path path = any_path(scene);
  return Stat{path, scene.draw.chance(60)};
}

std::optional<Operation> make_fstat(Scene& scene) {
  const OpenHandle* handle = scene.handle([](const OpenHandle&) { return true; });
  if (handle == nullptr) return std::nullopt;
  return Fstat{handle->name};
}

std::optional<Operation> make_statfs(Scene& scene) { return Statfs{any_path(scene)}; }

std::optional<Operation> make_readdir(Scene& scene) { return Readdir{Path{scene.directory()}}; }

std::optional<Operation> make_readdir_piece(Scene& scene) {
  const OpenHandle* handle = scene.handle([](const OpenHandle& h) { return h.directory; });
  if (handle == nullptr) return std::nullopt;
  const auto count = scene.draw.pick<std::uint32_t>({1, 2, 3, 7, 100});
  return ReaddirPiece{handle->name, count, scene.draw.chance(25)};
}

constexpr Move kMoves[] = {{"chmod", 5, make_chmod},     {"chown", 5, make_chown},
                           {"utimens", 4, make_utimens}, {"stat", 5, make_stat},
                           {"fstat", 3, make_fstat},     {"statfs", 4, make_statfs},
                           {"readdir", 4, make_readdir}, {"readdir_piece", 20, make_readdir_piece}};

}  // namespace

std::span<const Move> attribute_moves() { return kMoves; }

}  // namespace vexfs::parity

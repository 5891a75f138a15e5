// SPDX-License-Identifier: MIT
// Generators of operations on names.
#include <algorithm>

#include "harness/scenario/generate_scene.h"

namespace vexfs::parity {
namespace {

// Majors that Linux keeps for local use, so that no driver ever has them.
constexpr std::uint64_t kLeastMajor = 120;
constexpr std::uint64_t kMostMajor = 127;

bool is_root(const Node& node) { return node.path == "/"; }

std::optional<Operation> make_mkdir(Scene& scene) {
  const std::string path = scene.fresh_path();
  return Mkdir{Path{path}, scene.directory_mode()};
}

std::optional<Operation> make_rmdir(Scene& scene) {
  const bool any = scene.draw.chance(8);
  const Node* node = scene.node(
      [any](const Node& n) { return n.is_directory() && !is_root(n) && (any || n.children == 0); });
  if (node == nullptr) return std::nullopt;
  return Rmdir{Path{node->path}};
}

std::optional<Operation> make_mknod(Scene& scene) {
  Mknod mknod;
  mknod.path = Path{scene.fresh_path()};
  mknod.mode = scene.file_mode();
  mknod.type = static_cast<NodeType>(scene.draw.below(4));
  if (mknod.type == NodeType::kCharacter || mknod.type == NodeType::kBlock) {
    mknod.major = static_cast<std::uint32_t>(scene.draw.between(kLeastMajor, kMostMajor));
    mknod.minor =
        static_cast<std::uint32_t>(scene.draw.pick<std::uint64_t>({0, 1, 255, 256, 0xfffff}));
  }
  return mknod;
}

std::optional<Operation> make_unlink(Scene& scene) {
  const Node* node = scene.node([](const Node& n) { return !n.is_directory(); });
  if (node == nullptr) return std::nullopt;
  return Unlink{Path{node->path}};
}

std::optional<Operation> make_link(Scene& scene) {
  const bool regular = scene.draw.chance(60);
  const Node* node =
      scene.node([regular](const Node& n) { return regular ? n.is_regular() : !n.is_directory(); });
  if (node == nullptr) return std::nullopt;
  const Path from{node->path};
  return Link{from, Path{scene.fresh_path()}};
}

std::string symlink_target(Scene& scene, const std::string& own_path) {
  const std::uint64_t kind = scene.draw.below(100);
  if (kind < 18) return own_path;  // a loop
  if (kind < 28) {
    std::string target(scene.draw.pick<std::size_t>({128, 129, 1000, 4095}), 't');
    for (std::size_t i = 100; i < target.size(); i += 100) target[i] = '/';
    return target;
  }
  if (kind < 38) return scene.draw.pick<const char*>({"..", ".", "dangling", "../..", "/"});
  if (kind < 52) {  // two links that may come to point at each other
    const Node* link = scene.node([](const Node& n) { return n.is_symlink(); });
    if (link != nullptr) return link->path;
  }
  const Node* node = scene.node([](const Node&) { return true; });
  return node->path;
}

std::optional<Operation> make_symlink(Scene& scene) {
  const std::string path = scene.fresh_path();
  return Symlink{Path{symlink_target(scene, path)}, Path{path}};
}

std::optional<Operation> make_readlink(Scene& scene) {
  const Node* node = scene.node([](const Node& n) { return n.is_symlink(); });
  if (node == nullptr) return std::nullopt;
  return Readlink{Path{node->path}};
}

bool is_below(const std::string& path, const std::string& directory) {
  return path == directory || path.starts_with(directory + "/");
}

// The one with the most subdirectories: the first to reach max_links.
std::string fullest_directory(Scene& scene) {
  const auto& nodes = scene.world.nodes();
  const auto links = [](const Node& n) { return n.is_directory() ? n.attr.nlink : 0; };
  return std::ranges::max_element(nodes, {}, links)->path;
}

std::optional<Operation> make_rename(Scene& scene) {
  const Node* moved = scene.node([](const Node& n) { return !is_root(n); });
  if (moved == nullptr) return std::nullopt;
  const Node from = *moved;
  if (scene.draw.chance(35)) {
    const bool any = scene.draw.chance(20);
    const Node* victim = scene.node([&](const Node& n) {
      const bool same_kind = n.is_directory() == from.is_directory();
      return !is_root(n) && same_kind && (any || n.children == 0) && !is_below(n.path, from.path);
    });
    if (victim != nullptr) return Rename{Path{from.path}, Path{victim->path}, {}};
  }
  std::string to = scene.fresh_path();
  if (from.is_directory() && scene.draw.chance(25)) {
    const std::string full = fullest_directory(scene);
    to = join_path(full, scene.fresh_name(full));
  }
  if (from.is_directory() && is_below(to, from.path) && scene.draw.chance(85)) {
    to = join_path("/", scene.fresh_name("/"));
  }
  RenameFlags flags;
  if (scene.draw.chance(25)) flags.bits = RenameFlags::kNoReplace;
  return Rename{Path{from.path}, Path{to}, flags};
}

std::optional<Operation> make_exchange(Scene& scene) {
  const Node* one = scene.node([](const Node& n) { return !is_root(n); });
  if (one == nullptr) return std::nullopt;
  const std::string from = one->path;
  const Node* other = scene.node([&](const Node& n) {
    return !is_root(n) && !is_below(n.path, from) && !is_below(from, n.path);
  });
  if (other == nullptr) return std::nullopt;
  return Rename{Path{from}, Path{other->path}, RenameFlags{RenameFlags::kExchange}};
}

constexpr Move kMoves[] = {
    {"mkdir", 10, make_mkdir},      {"rmdir", 11, make_rmdir},  {"mknod", 5, make_mknod},
    {"unlink", 6, make_unlink},     {"link", 6, make_link},     {"symlink", 8, make_symlink},
    {"readlink", 7, make_readlink}, {"rename", 8, make_rename}, {"exchange", 3, make_exchange}};

}  // namespace

std::span<const Move> name_moves() { return kMoves; }

}  // namespace vexfs::parity

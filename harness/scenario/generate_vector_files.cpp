// SPDX-License-Identifier: MIT
// Generators of vectors of files: what gives, shows and takes them, and what moves the files.
#include <algorithm>
#include <limits>

#include "harness/scenario/generate_scene.h"
#include "reference/contract/vector.h"

namespace vexfs::parity {
namespace {

constexpr const char* kAttribute = "user.vexfs.vector";
constexpr std::size_t kMostFiles = 6;  // of one collection

bool is_in(const Node& node, const Collection& collection) {
  return node.is_regular() && node.path.substr(0, node.path.rfind('/')) ==
                                  (collection.path == "/" ? std::string() : collection.path);
}

// A file of the collection; nullptr if it has none.
const Node* some_file(Scene& scene, const Collection& collection) {
  return scene.node([&](const Node& n) { return is_in(n, collection); });
}

// One that has a vector; nullptr if there is none.
const Node* embedded(Scene& scene) {
  return scene.node([&](const Node& n) { return n.is_regular() && scene.world.has_vector(n); });
}

const Node* embedded_or_any(Scene& scene) {
  const Node* file = scene.draw.chance(75) ? embedded(scene) : nullptr;
  return file != nullptr ? file : scene.node([](const Node&) { return true; });
}

std::optional<Operation> make_file(Scene& scene, const Collection& collection) {
  const Handle handle = scene.fresh_handle();
  if (handle.empty()) return std::nullopt;
  const OpenFlags flags{+OpenFlags::kReadWrite | OpenFlags::kCreate};
  const Path path{join_path(collection.path, scene.fresh_name(collection.path))};
  return Open{handle, path, flags, scene.file_mode()};
}

// A row that no collection takes, or another one.
void spoil_row(Scene& scene, VectorAttach& attach) {
  if (scene.draw.chance(50)) {
    std::get<RowPattern>(attach.row).dim += 8;
    return;
  }
  RowList row = list_of(attach.row, attach.type, 1);
  row[0][scene.draw.below(row[0].size())].value = std::numeric_limits<double>::quiet_NaN();
  attach.row = row;
}

std::optional<Operation> make_attach(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  const auto& nodes = scene.world.nodes();
  const auto files = static_cast<std::size_t>(
      std::ranges::count_if(nodes, [&](const Node& n) { return is_in(n, *collection); }));
  if (files == 0 || (files < kMostFiles && scene.draw.chance(25))) {
    return make_file(scene, *collection);
  }
  VectorAttach attach;
  const Node* file = scene.draw.chance(92) ? some_file(scene, *collection)
                                           : scene.node([](const Node&) { return true; });
  attach.path.bytes = file->path;
  attach.row = scene.pattern(*collection);
  attach.type = collection->type();
  if (scene.draw.chance(10)) spoil_row(scene, attach);
  if (scene.draw.chance(25)) attach.flags.bits = scene.draw.pick<std::uint32_t>({1, 2});
  return attach;
}

std::optional<Operation> make_look_at_vector(Scene& scene) {
  const Path path{embedded_or_any(scene)->path};
  if (scene.draw.chance(25)) return Listxattr{path};
  return Getxattr{path, kAttribute};
}

std::optional<Operation> make_detach(Scene& scene) {
  return Removexattr{Path{embedded_or_any(scene)->path}, kAttribute};
}

// Within the collection all of it works; out of it nothing does.
std::optional<Operation> make_move_embedded(Scene& scene) {
  const Node* file = embedded(scene);
  if (file == nullptr) return std::nullopt;
  const Path from{file->path};
  const std::string home = from.bytes.substr(0, std::max<std::size_t>(from.bytes.rfind('/'), 1));
  const std::string directory = scene.draw.chance(50) ? home : scene.directory();
  const Path to{join_path(directory, scene.fresh_name(directory))};
  const Node* other = scene.node([](const Node& n) { return !n.is_directory(); });
  switch (scene.draw.below(6)) {
    case 0:
      return Unlink{from};
    case 1:
      return Link{from, to};
    case 2:
      return Rename{Path{other->path}, from, {}};
    case 3:
      return Rename{from, Path{other->path}, RenameFlags{RenameFlags::kExchange}};
    default:
      return Rename{from, to, {}};
  }
}

// The doors know the vector by the file's number.
std::optional<Operation> make_use_file_id(Scene& scene) {
  const auto collection = scene.collection();
  const Node* file = collection ? some_file(scene, *collection) : nullptr;
  if (file == nullptr) return std::nullopt;
  const Path path{collection->path};
  const Ids ids{{VEXFS_ID_FILE | file->attr.ino, scene.draw.below(300)}};
  if (scene.draw.chance(50)) return VectorDelete{path, ids};
  return VectorGet{path, ids, collection->type()};
}

// Mostly where something is dead: elsewhere it does nothing.
std::optional<Operation> make_compact(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  if (!scene.world.has_dead(*collection) && !scene.draw.chance(10)) return std::nullopt;
  return VectorCompact{Path{collection->path}};
}

constexpr Move kMoves[] = {
    {"attach", 0, make_attach},           {"look_at_vector", 0, make_look_at_vector},
    {"detach", 0, make_detach},           {"move_embedded", 0, make_move_embedded},
    {"use_file_id", 0, make_use_file_id}, {"compact", 0, make_compact}};

}  // namespace

std::span<const Move> vector_file_moves() { return kMoves; }

}  // namespace vexfs::parity

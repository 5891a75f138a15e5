// SPDX-License-Identifier: MIT
// Moves that push a scenario towards its theme.
#include <algorithm>

#include "harness/scenario/generate_scene.h"
#include "reference/contract/directory.h"

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kBlock = 4096;
constexpr const char* kFragmentFile = "/fragments";
constexpr Handle::size_type kLongName = 200;

bool writable_file(const OpenHandle& handle) {
  return !handle.directory && handle.flags.access() != OpenFlags::kReadOnly;
}

Operation create_file(Scene& scene, const std::string& path) {
  const OpenFlags flags{+OpenFlags::kReadWrite | OpenFlags::kCreate};
  return Open{scene.fresh_handle(), Path{path}, flags, Mode{0666}};
}

// Long names in one directory: about fifteen fill a block.
std::optional<Operation> make_widen(Scene& scene) {
  const std::string& wide = scene.habits.favourite;
  const Node* directory =
      scene.node([&](const Node& n) { return n.path == wide && n.is_directory(); });
  if (directory == nullptr) return Mkdir{Path{wide}, Mode{0777}};
  const std::string start = std::to_string(scene.draw.below(1000000));
  const std::string name =
      start + std::string(scene.draw.between(kLongName, 255) - start.size(), 'w');
  const Path path{join_path(wide, name)};
  switch (scene.draw.below(5)) {
    case 0:
      return Mkdir{path, Mode{0755}};
    case 1:
      return Symlink{Path{"somewhere"}, path};
    case 2: {
      const Node* file = scene.node([](const Node& n) { return n.is_regular(); });
      if (file != nullptr) return Link{Path{file->path}, path};
      break;
    }
    default:
      break;
  }
  return Mknod{path, Mode{0644}, NodeType::kFifo, 0, 0};
}

// Every second block, from the end: each is an extent of its own and splits a node low.
std::optional<Operation> make_fragment(Scene& scene) {
  const Node* file = scene.node([](const Node& n) { return n.path == kFragmentFile; });
  const OpenHandle* handle = file == nullptr ? nullptr : scene.handle([&](const OpenHandle& h) {
    return h.ino == file->attr.ino && h.flags.access() == OpenFlags::kReadWrite &&
           !h.flags.has(OpenFlags::kAppend);
  });
  if (handle == nullptr) {
    if (scene.fresh_handle().empty()) return std::nullopt;
    return create_file(scene, kFragmentFile);
  }
  constexpr std::uint64_t kFragments = 120;
  const std::uint64_t block = 2 * (kFragments - 1 - scene.next_fragment++ % kFragments);
  return Write{handle->name, static_cast<std::int64_t>(block * kBlock), scene.data(100)};
}

std::optional<Operation> make_flood(Scene& scene) {
  const OpenHandle* handle = scene.handle(writable_file);
  if (handle == nullptr) {
    if (scene.fresh_handle().empty()) return std::nullopt;
    const std::string path = scene.fresh_path();
    return create_file(scene, path);
  }
  const auto offset = static_cast<std::int64_t>(scene.draw.below(8) * kBlock);
  const std::uint64_t bytes = scene.draw.between(8, 40) * kBlock;
  return Write{handle->name, offset, PrngFill{scene.draw.below(1000), bytes}};
}

bool is_open(const Scene& scene, const Node& node) {
  const auto& open = scene.world.handles();
  return std::any_of(open.begin(), open.end(),
                     [&](const OpenHandle& handle) { return handle.ino == node.attr.ino; });
}

std::optional<Operation> make_unlink_open(Scene& scene) {
  const Node* node = scene.node([&](const Node& n) { return n.is_regular() && is_open(scene, n); });
  if (node == nullptr) return std::nullopt;
  return Unlink{Path{node->path}};
}

std::optional<Operation> make_fstat_unlinked(Scene& scene) {
  const OpenHandle* handle = scene.handle([&](const OpenHandle& h) {
    return !h.directory &&
           scene.node([&](const Node& n) { return n.attr.ino == h.ino; }) == nullptr;
  });
  if (handle == nullptr) return std::nullopt;
  return Fstat{handle->name};
}

std::optional<Operation> make_remove_open(Scene& scene) {
  const Node* node = scene.node(
      [&](const Node& n) { return n.is_directory() && n.children == 0 && is_open(scene, n); });
  if (node == nullptr || node->path == "/") return std::nullopt;
  return Rmdir{Path{node->path}};
}

// A directory that is gone answers as long as it is not reclaimed, and then no more.
std::optional<Operation> make_use_removed(Scene& scene) {
  const OpenHandle* handle = scene.handle([&](const OpenHandle& h) {
    return h.directory && scene.node([&](const Node& n) { return n.attr.ino == h.ino; }) == nullptr;
  });
  if (handle == nullptr) return std::nullopt;
  switch (scene.draw.below(4)) {
    case 0:
      return Fstat{handle->name};
    case 1:
      return Fsync{handle->name};
    case 2:
      return Fdatasync{handle->name};
    default:
      return ReaddirPiece{handle->name, static_cast<std::uint32_t>(scene.draw.between(1, 5)),
                          scene.draw.chance(50)};
  }
}

// The files below /.vexfs, which have no data of their own.
std::optional<Operation> make_use_dot(Scene& scene) {
  const OpenHandle* handle =
      scene.handle([](const OpenHandle& h) { return h.ino >= VEXFS_INO_DOT_DIR; });
  if (handle == nullptr) {
    const Handle name = scene.fresh_handle();
    if (name.empty()) return std::nullopt;
    const char* path = scene.draw.pick<const char*>(
        {"/.vexfs", "/.vexfs/control", "/.vexfs/events", "/.vexfs/events"});
    return Open{name, Path{path}, {}, {}};
  }
  switch (scene.draw.below(8)) {
    case 0:
      return Fstat{handle->name};
    case 1:
      return Fsync{handle->name};
    case 2:
      return Fdatasync{handle->name};
    case 3:
      return ReaddirPiece{handle->name, static_cast<std::uint32_t>(scene.draw.between(1, 5)),
                          scene.draw.chance(50)};
    default:
      return Read{handle->name, scene.draw.pick<std::int64_t>({0, 0, 4096, 40000}), 4096};
  }
}

std::optional<Operation> make_fill(Scene& scene) {
  const OpenHandle* handle = scene.handle(writable_file);
  const bool names = scene.draw.chance(30);
  if (handle == nullptr || names) {
    const std::string path = scene.fresh_path();
    if (names) return Mknod{Path{path}, Mode{0644}, NodeType::kFifo, 0, 0};
    if (scene.fresh_handle().empty()) return std::nullopt;
    return create_file(scene, path);
  }
  return Write{handle->name, std::nullopt,
               PrngFill{scene.draw.below(1000), scene.draw.between(1, 12) * kBlock}};
}

// Without it nobody but root could make anything.
std::optional<Operation> make_open_to_all(Scene& scene) {
  const std::string& all = scene.habits.favourite;
  const Node* directory = scene.node([&](const Node& n) { return n.path == all; });
  if (directory == nullptr)
    return Mkdir{Path{all}, Mode{scene.draw.pick<std::uint32_t>({0777, 01777, 03777})}};
  const Node* closed = scene.node([](const Node& n) { return (n.attr.mode & 0007) != 0007; });
  if (closed == nullptr) return std::nullopt;
  return Chmod{Path{closed->path}, Mode{closed->is_directory() ? 01777u : 0666u}};
}

constexpr Move kMoves[] = {{"widen", 0, make_widen},
                           {"fragment", 0, make_fragment},
                           {"flood", 0, make_flood},
                           {"unlink_open", 3, make_unlink_open},
                           {"fstat_unlinked", 10, make_fstat_unlinked},
                           {"remove_open", 4, make_remove_open},
                           {"use_removed", 6, make_use_removed},
                           {"use_dot", 2, make_use_dot},
                           {"fill", 0, make_fill},
                           {"open_to_all", 0, make_open_to_all}};

}  // namespace

std::span<const Move> theme_moves() { return kMoves; }

}  // namespace vexfs::parity

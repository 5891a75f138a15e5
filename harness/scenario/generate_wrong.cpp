// SPDX-License-Identifier: MIT
// Breaks one argument of an operation, so that it meets the checks of the VFS and of the
// filesystem.
#include "harness/scenario/generate_scene.h"
#include "harness/scenario/operation_fields.h"

namespace vexfs::parity {
namespace {

constexpr std::int64_t kMostFileSize = std::int64_t{1} << 44;

std::string existing(Scene& scene) {
  return scene.node([](const Node&) { return true; })->path;
}

// A symlink if there is one: through loops, dangling links and links to files.
std::string link_or_existing(Scene& scene) {
  const Node* link = scene.node([](const Node& n) { return n.is_symlink(); });
  return link != nullptr ? link->path : existing(scene);
}

std::string loop_or_link(Scene& scene) {
  const Node* loop = scene.node([&](const Node& n) { return scene.world.is_loop(n); });
  return loop != nullptr ? loop->path : link_or_existing(scene);
}

std::string file_or_existing(Scene& scene) {
  const Node* file = scene.node([](const Node& n) { return !n.is_directory() && !n.is_symlink(); });
  return file != nullptr ? file->path : existing(scene);
}

std::string reserved(Scene& scene) {
  return scene.draw.pick<const char*>(
      {"/.vexfs", "/.vexfs/control", "/.vexfs/nothing", "/.vexfs/events"});
}

std::string wrong_path(Scene& scene) {
  const std::string directory = scene.directory();
  switch (scene.draw.below(19)) {
    case 0:
      return "";
    case 1:
      return join_path(directory, "missing/x");
    case 2:
      return join_path(directory, std::string(256, 'n'));
    case 3: {
      std::string path;
      while (path.size() < 4100) path += "/.";
      return path;
    }
    case 4:
      return join_path(file_or_existing(scene), "x");
    case 5:
      return existing(scene) + "/";
    case 6:
      return join_path(directory, ".");
    case 7:
      return join_path(directory, "..");
    case 8:
      return reserved(scene);
    case 9:
      return join_path(directory, ".vexfs");
    case 10:
    case 17:
    case 18:
      return join_path(loop_or_link(scene), "x");
    case 11:
      return join_path(directory, scene.fresh_name(directory));
    case 12:
      return loop_or_link(scene);
    case 13:
    case 14:
      return link_or_existing(scene);
    default:
      return existing(scene);
  }
}

// Calls `pick` on the field whose turn it is; counts the fields that could be spoiled.
class Spoiler {
 public:
  Spoiler(Scene& scene, std::size_t turn) : scene_(scene), turn_(turn) {}

  template <class T>
  void required(std::string_view name, T& field) {
    if constexpr (std::same_as<T, Path>) {
      if (name != "target" && is_turn()) field.bytes = wrong_path(scene_);
      if (name == "target" && is_turn())
        field.bytes = std::string(scene_.draw.pick<std::size_t>({0, 4096}), 't');
    } else if constexpr (std::same_as<T, std::int64_t>) {
      if (is_turn()) field = wrong_number();
    } else if constexpr (std::same_as<T, std::optional<std::int64_t>>) {
      if (is_turn()) field = wrong_number();
    } else if constexpr (std::same_as<T, OpenFlags>) {
      if (is_turn()) spoil_flags(field);
    } else if constexpr (std::same_as<T, RenameFlags>) {
      if (is_turn()) field.bits = scene_.draw.pick<std::uint32_t>({1, 2, 3});
    } else if constexpr (std::same_as<T, TimeChange>) {
      if (is_turn()) field = {TimeChange::Kind::kSet, 0, 1000000000};
    } else if constexpr (std::same_as<T, Handle>) {
      if (name == "handle" && is_turn()) spoil_handle(field);
    }
  }
  template <class T, class Default>
  void optional(std::string_view name, T& field, const Default&) {
    required(name, field);
  }

  std::size_t fields() const { return fields_; }

 private:
  bool is_turn() { return fields_++ == turn_; }

  std::int64_t wrong_number() {
    return scene_.draw.pick<std::int64_t>(
        {-1, kMostFileSize, kMostFileSize - 10, kMostFileSize + 1, INT64_MAX});
  }
  void spoil_flags(OpenFlags& flags) {
    flags.bits |= scene_.draw.pick<std::uint32_t>({OpenFlags::kDirectory,
                                                   OpenFlags::kExclusive | OpenFlags::kCreate,
                                                   OpenFlags::kNoFollow, OpenFlags::kTruncate});
    // What Linux makes of both together changed between the kernels under test.
    if (flags.has(OpenFlags::kDirectory)) flags.bits &= ~OpenFlags::kCreate;
  }
  void spoil_handle(Handle& handle) {
    const OpenHandle* other = scene_.handle([](const OpenHandle&) { return true; });
    handle = other == nullptr || scene_.draw.chance(30) ? "closed" : other->name;
  }

  Scene& scene_;
  std::size_t turn_;
  std::size_t fields_ = 0;
};

constexpr std::size_t kNoTurn = SIZE_MAX;

}  // namespace

void spoil(Operation& operation, Scene& scene) {
  Spoiler counter(scene, kNoTurn);
  visit_fields(counter, operation);
  if (counter.fields() == 0) return;
  Spoiler spoiler(scene, scene.draw.below(counter.fields()));
  visit_fields(spoiler, operation);
}

}  // namespace vexfs::parity

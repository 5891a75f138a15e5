// SPDX-License-Identifier: MIT
#include "harness/scenario/generate_scene.h"

#include <algorithm>

namespace vexfs::parity {
namespace {

constexpr std::size_t kMostDepth = 6;
constexpr std::size_t kHandles = 12;
constexpr std::uint64_t kVectorIds = 300;

std::size_t depth_of(const std::string& path) {
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

std::string long_name(Draw& draw) {
  const std::size_t length = draw.between(200, 255);
  const char letter = static_cast<char>('a' + draw.below(26));
  std::string name = std::to_string(draw.below(100000));
  name.resize(length, letter);
  return name;
}

std::string odd_name(Draw& draw) {
  return draw.pick<const char*>(
      {"\xc3\xa4\xc3\xb6", "\xff\xfe", "a b", "-rf", "new\nline", "...", "\\", "*"});
}

std::string plain_name(Draw& draw) {
  const std::uint64_t number = draw.below(60);
  const std::string letter(1, static_cast<char>('a' + number % 26));
  return number < 26 ? letter : letter + std::to_string(number);
}

}  // namespace

const Node* Scene::node(const std::function<bool(const Node&)>& condition) {
  std::vector<const Node*> fitting;
  for (const Node& candidate : world.nodes()) {
    if (condition(candidate)) fitting.push_back(&candidate);
  }
  return fitting.empty() ? nullptr : draw.pick(fitting);
}

std::string Scene::directory() {
  const bool favour = !habits.favourite.empty() && draw.chance(50);
  const Node* favourite =
      favour
          ? node([this](const Node& n) { return n.is_directory() && n.path == habits.favourite; })
          : nullptr;
  if (favourite != nullptr) return favourite->path;
  return node([](const Node& n) { return n.is_directory() && depth_of(n.path) < kMostDepth; })
      ->path;
}

std::string Scene::fresh_name(const std::string& directory) {
  const auto& nodes = world.nodes();
  for (;;) {
    const std::uint64_t kind = draw.below(100);
    std::string name = kind < habits.long_name_percent       ? long_name(draw)
                       : kind < habits.long_name_percent + 4 ? odd_name(draw)
                                                             : plain_name(draw);
    const std::string path = join_path(directory, name);
    const bool taken =
        std::any_of(nodes.begin(), nodes.end(), [&](const Node& n) { return n.path == path; });
    if (!taken) return name;
    if (draw.chance(50)) return long_name(draw);
  }
}

std::string Scene::fresh_path() {
  const std::string parent = directory();
  return join_path(parent, fresh_name(parent));
}

const OpenHandle* Scene::handle(const std::function<bool(const OpenHandle&)>& condition) {
  std::vector<const OpenHandle*> fitting;
  for (const OpenHandle& candidate : world.handles()) {
    if (condition(candidate)) fitting.push_back(&candidate);
  }
  return fitting.empty() ? nullptr : draw.pick(fitting);
}

Handle Scene::fresh_handle() {
  for (std::size_t i = 0; i < kHandles; ++i) {
    const Handle name = "h" + std::to_string(i);
    const auto& open = world.handles();
    if (std::none_of(open.begin(), open.end(), [&](const OpenHandle& h) { return h.name == name; }))
      return name;
  }
  return {};
}

Data Scene::data(std::uint64_t most) {
  const std::uint64_t kind = draw.below(100);
  const std::uint64_t limit = kind < 45 ? 200 : kind < 75 ? 9000 : most;
  const std::uint64_t bytes = draw.between(kind < 2 ? 0 : 1, std::min(limit, most));
  if (draw.chance(15)) return ByteFill{static_cast<std::uint8_t>(draw.below(256)), bytes};
  return PrngFill{draw.below(1000), bytes};
}

std::optional<Collection> Scene::collection() {
  const auto found = world.collections();
  return found.empty() ? std::nullopt : std::optional(draw.pick(found));
}

RowPattern Scene::pattern(const Collection& collection) {
  RowPattern pattern;
  pattern.fill =
      draw.pick({RowPattern::Fill::kPrng, RowPattern::Fill::kPrng, RowPattern::Fill::kGrid,
                 RowPattern::Fill::kCluster, RowPattern::Fill::kCluster, RowPattern::Fill::kEdges});
  pattern.seed = draw.below(8);
  pattern.dim = collection.parameters.dim;
  return pattern;
}

Ids Scene::ids(std::uint64_t most) {
  Ids ids;
  for (std::uint64_t left = draw.between(1, most); left > 0; --left) {
    ids.values.push_back(draw.below(kVectorIds));
  }
  return ids;
}

Mode Scene::file_mode() {
  return Mode{draw.pick<std::uint32_t>({0644, 0600, 0666, 0755, 0400, 04755, 02755, 0640})};
}

Mode Scene::directory_mode() {
  return Mode{draw.pick<std::uint32_t>({0755, 0755, 0777, 0700, 01777, 02775, 0555})};
}

}  // namespace vexfs::parity

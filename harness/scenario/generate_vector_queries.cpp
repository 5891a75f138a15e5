// SPDX-License-Identifier: MIT
// Generators of what asks collections, and of requests that are no requests.
#include <algorithm>
#include <cstring>

#include "harness/scenario/door_request.h"
#include "harness/scenario/generate_scene.h"
#include "reference/contract/directory.h"
#include "reference/contract/door.h"

namespace vexfs::parity {
namespace {

std::optional<Operation> make_get(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  const Path path{collection->path};
  if (scene.draw.chance(6)) return VectorGet{path, {}, collection->type()};
  return VectorGet{path, scene.ids(8), collection->type()};
}

std::optional<Operation> make_list(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  VectorList list;
  list.path.bytes = collection->path;
  list.cursor = scene.draw.pick<std::uint32_t>({0, 0, 1, 50, 500, UINT32_MAX});
  list.max = scene.draw.pick<std::uint32_t>({1, 7, 1000, 1000000});
  if (scene.draw.chance(8)) list.max = scene.draw.pick<std::uint32_t>({0, 1000001});
  return list;
}

std::optional<Operation> make_count(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  return VectorCount{Path{collection->path}};
}

// What a search may not ask.
void spoil_search(Scene& scene, VectorSearch& search) {
  switch (scene.draw.below(4)) {
    case 0:
      search.k = scene.draw.pick<std::uint32_t>({0, VEXFS_K_MAX + 1, UINT32_MAX});
      break;
    case 1:
      search.ef = scene.draw.pick<std::uint32_t>({0, VEXFS_EF_MAX + 1, UINT32_MAX});
      break;
    case 2:
      search.queries = RowList{};
      break;
    default:
      std::get<RowPattern>(search.queries).dim += 2;
  }
}

VectorSearch search_of(Scene& scene, const Collection& collection) {
  VectorSearch search;
  search.path.bytes = collection.path;
  RowPattern queries = scene.pattern(collection);
  queries.rows = static_cast<std::uint32_t>(scene.draw.between(1, 3));
  search.queries = queries;
  search.type = collection.type();
  search.k = scene.draw.pick<std::uint32_t>({1, 2, 5, 10, 100});
  search.ef = scene.draw.pick<std::uint32_t>({1, 1, 4, 10, 40});
  if (scene.draw.chance(30))
    search.filter = scene.ids(scene.draw.pick<std::uint64_t>({3, 20, 200}));
  if (scene.draw.chance(50)) {
    search.max_visits = scene.draw.pick<std::uint32_t>({1, 1, 2, 3, 5, 8});
  }
  search.exact = scene.draw.chance(12);
  return search;
}

std::optional<Operation> make_search(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection) return std::nullopt;
  VectorSearch search = search_of(scene, *collection);
  if (scene.draw.chance(10)) search.piece = scene.draw.pick<std::uint32_t>({1000, 4096});
  if (scene.draw.chance(7)) spoil_search(scene, search);
  return search;
}

std::optional<Operation> make_resume(Scene& scene) {
  const auto& cut_short = scene.world.cut_short();
  VectorResume resume;
  resume.max_visits = scene.draw.pick<std::uint32_t>({0, 1, 2, 5, 100, UINT32_MAX});
  if (cut_short.empty() || scene.draw.chance(10)) {
    const auto collection = scene.collection();
    if (!collection || scene.draw.chance(80)) return std::nullopt;
    resume.path.bytes = collection->path;
    return resume;
  }
  const std::vector<std::string> paths(cut_short.begin(), cut_short.end());
  resume.path.bytes = scene.draw.pick(paths);
  return resume;
}

// A small request of some kind.
DoorRequest some_request(Scene& scene, const Collection& collection) {
  const DoorRequests requests;
  const Path path{collection.path};
  switch (scene.draw.below(7)) {
    case 0: {
      VectorPut put{path, scene.ids(3), {}, collection.type()};
      put.rows = scene.pattern(collection);
      return *requests.request_of(put);
    }
    case 1:
      return *requests.request_of(VectorDelete{path, scene.ids(4)});
    case 2:
      return *requests.request_of(VectorGet{path, scene.ids(4)});
    case 3:
      return *requests.request_of(VectorList{path, 0, 10});
    case 4:
      return *requests.request_of(VectorCount{path});
    case 5:
      return *requests.request_of(VectorEvent{path, 0x0401, "text", 0});
    default:
      return *requests.request_of(search_of(scene, collection));
  }
}

// Changes a few bytes, mostly of the header and of what follows it.
void mutate(Draw& draw, std::string& bytes) {
  for (std::uint64_t edits = draw.between(1, 3); edits > 0 && !bytes.empty(); --edits) {
    const std::size_t at = draw.below(std::min<std::size_t>(bytes.size(), 80));
    switch (draw.below(5)) {
      case 0:
        bytes[at] = static_cast<char>(draw.below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ 1 << draw.below(8));
        break;
      case 2:
        bytes.resize(draw.below(bytes.size() + 1));
        break;
      case 3:
        bytes.resize(bytes.size() + draw.between(1, 20));
        break;
      default: {  // a number at its edges
        const auto value = draw.pick<std::uint32_t>({0, 1, 0x7fffffff, 0x80000000, UINT32_MAX});
        if (at / 4 * 4 + 4 <= bytes.size()) std::memcpy(bytes.data() + at / 4 * 4, &value, 4);
      }
    }
  }
  // What follows the header is looked at only if the header's length is right.
  if (bytes.size() >= sizeof(vexfs_request) && draw.chance(70)) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(bytes.data() + offsetof(vexfs_request, length), &length, sizeof length);
  }
}

std::optional<Operation> make_raw(Scene& scene) {
  const auto collection = scene.collection();
  if (!collection || collection->parameters.dim > 64) return std::nullopt;
  DoorRequest request = some_request(scene, *collection);
  const bool updates = request.path.ends_with("update");
  VectorRaw raw{Path{collection->path}, updates ? Door::kUpdate : Door::kQuery, {}};
  if (scene.draw.chance(6)) {
    raw.door = updates ? Door::kQuery : Door::kUpdate;
  } else if (scene.draw.chance(50)) {
    mutate(scene.draw, request.bytes);
  }
  raw.data = TextData{request.bytes};
  if (scene.draw.chance(20)) raw.piece = scene.draw.pick<std::uint32_t>({1, 7, 33});
  return raw;
}

// The files below DIR/.vexfs as files: opened, read, asked for what they are.
std::optional<Operation> make_read_collection(Scene& scene) {
  const auto collection = scene.collection();
  const OpenHandle* handle =
      scene.handle([](const OpenHandle& h) { return h.ino >= VEXFS_INO_DOT_DIR && !h.directory; });
  if (handle != nullptr && !scene.draw.chance(30)) {
    if (scene.draw.chance(20)) return Fstat{handle->name};
    return Read{handle->name, scene.draw.pick<std::int64_t>({0, 0, 64, 4096}),
                scene.draw.pick<std::uint64_t>({100, 65536})};
  }
  if (!collection) return std::nullopt;
  const auto name =
      scene.draw.pick<const char*>({"vectors", "graph", "info", "info", "query", "update"});
  const Path path{collection_file(Path{collection->path}, name)};
  if (scene.draw.chance(30)) return Stat{path, true};
  if (scene.draw.chance(10)) return Readdir{Path{join_path(collection->path, ".vexfs")}};
  const Handle fresh = scene.fresh_handle();
  if (fresh.empty()) return std::nullopt;
  return Open{fresh, path, {}, {}};
}

constexpr Move kMoves[] = {{"get", 0, make_get},
                           {"list", 0, make_list},
                           {"count", 0, make_count},
                           {"search", 0, make_search},
                           {"resume", 0, make_resume},
                           {"raw", 0, make_raw},
                           {"read_collection", 0, make_read_collection}};

}  // namespace

std::span<const Move> vector_query_moves() { return kMoves; }

}  // namespace vexfs::parity

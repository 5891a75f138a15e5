// SPDX-License-Identifier: MIT
#include "reference/posix/collection_dir.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <dirent.h>

#include "reference/posix/dot_vexfs.h"

namespace vexfs::posix {
namespace {

constexpr Ino kNumbersEach = 16;

enum Kind : Ino { kDirectory, kQuery, kUpdate, kVectors, kGraph, kInfo };

struct File {
  std::string_view name;
  Kind kind;
};

// In the order in which the directory lists them.
constexpr std::array<File, 5> kFiles = {{{"query", kQuery},
                                         {"update", kUpdate},
                                         {"vectors", kVectors},
                                         {"graph", kGraph},
                                         {"info", kInfo}}};

Ino number_of(Ino graph, Kind kind) { return kDotDir + kNumbersEach * graph + kind; }
Kind kind_of(Ino ino) { return static_cast<Kind>((ino - kDotDir) % kNumbersEach); }

// `bits` of each class for which the directory's mode has one of `any`.
std::uint32_t for_classes(std::uint32_t mode, std::uint32_t any, std::uint32_t bits) {
  std::uint32_t result = 0;
  for (const unsigned shift : {0U, 3U, 6U})
    if (mode >> shift & any) result |= bits << shift;
  return result;
}

std::uint32_t mode_for(Kind kind, std::uint32_t mode) {
  switch (kind) {
    case kDirectory:
      return S_IFDIR | for_classes(mode, 6, 5);
    case kQuery:
      return S_IFREG | for_classes(mode, 4, 6);
    case kUpdate:
      return S_IFREG | for_classes(mode, 2, 6);
    default:
      return S_IFREG | for_classes(mode, 4, 4);
  }
}

Result<Attr> attr_of(InodeVolume& volume, const CollectionAttr& collection, Kind kind) {
  const auto directory = volume.getattr(collection.directory);
  if (!directory) return directory;
  Attr attr;
  attr.ino = number_of(collection.graph, kind);
  attr.mode = mode_for(kind, directory->mode);
  attr.nlink = kind == kDirectory ? 2 : 1;
  attr.uid = directory->uid;
  attr.gid = directory->gid;
  attr.generation = collection.generation;
  if (kind == kVectors) attr.size = collection.vectors_size;
  if (kind == kGraph) attr.size = collection.graph_size;
  return attr;
}

Result<Attr> lookup_in(InodeVolume& volume, const Result<CollectionAttr>& collection,
                       std::string_view name) {
  if (!collection) return std::unexpected(collection.error());
  const auto file = std::ranges::find(kFiles, name, &File::name);
  if (file == kFiles.end()) return std::unexpected(ENOENT);
  return attr_of(volume, *collection, file->kind);
}

}  // namespace

bool is_collection_ino(Ino ino) { return ino >= kDotDir + kNumbersEach; }

Ino graph_of(Ino ino) { return (ino - kDotDir) / kNumbersEach; }

Result<Attr> collection_attr(InodeVolume& volume, Ino ino) {
  const auto collection = volume.collection(graph_of(ino));
  if (!collection) return std::unexpected(collection.error());
  return attr_of(volume, *collection, kind_of(ino));
}

Result<Attr> collection_dir(InodeVolume& volume, Ino directory) {
  const auto collection = volume.collection_of(directory);
  if (!collection) return std::unexpected(collection.error());
  return attr_of(volume, *collection, kDirectory);
}

Result<Attr> collection_lookup(InodeVolume& volume, Ino directory, std::string_view name) {
  return lookup_in(volume, volume.collection_of(directory), name);
}

Result<Attr> collection_lookup_below(InodeVolume& volume, Ino dot, std::string_view name) {
  return lookup_in(volume, volume.collection(graph_of(dot)), name);
}

std::vector<DirEntry> collection_entries(Ino graph, std::uint64_t passed) {
  std::vector<DirEntry> entries;
  for (const File& file : kFiles)
    entries.push_back(
        {std::string(file.name), number_of(graph, file.kind), DT_REG, passed + entries.size() + 1});
  return entries;
}

Result<std::vector<DirEntry>> collection_dir_entries(InodeVolume& volume, Ino dot) {
  const auto collection = volume.collection(graph_of(dot));
  if (!collection) return std::unexpected(collection.error());
  std::vector<DirEntry> entries = {{".", dot, DT_DIR, 1}, {"..", collection->directory, DT_DIR, 2}};
  for (DirEntry& entry : collection_entries(collection->graph, 2))
    entries.push_back(std::move(entry));
  return entries;
}

Result<std::vector<std::byte>> collection_read(InodeVolume& volume, Ino ino, std::uint64_t offset,
                                               std::uint64_t length) {
  const Kind kind = kind_of(ino);
  const CollectionFile which = kind == kVectors ? CollectionFile::kVectors
                               : kind == kGraph ? CollectionFile::kGraph
                                                : CollectionFile::kInfo;
  auto bytes = volume.collection_file(graph_of(ino), which);
  if (!bytes) return bytes;
  const std::uint64_t first = std::min<std::uint64_t>(offset, bytes->size());
  const std::uint64_t count = std::min<std::uint64_t>(length, bytes->size() - first);
  const auto part = std::span(*bytes).subspan(first, count);
  return std::vector<std::byte>(part.begin(), part.end());
}

std::optional<Door> door_of(Ino ino) {
  if (!is_collection_ino(ino)) return std::nullopt;
  if (kind_of(ino) == kQuery) return Door::kQuery;
  if (kind_of(ino) == kUpdate) return Door::kUpdate;
  return std::nullopt;
}

}  // namespace vexfs::posix

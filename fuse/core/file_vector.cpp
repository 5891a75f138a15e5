// SPDX-License-Identifier: MIT
#include "fuse/core/file_vector.h"

#include <cerrno>

namespace vexfs::core {

Expected<InodeRef> home_of(Engine& engine, const InodeRef& file) {
  auto home = engine.inodes.read(file.raw->home, InodeSource::kCaller);
  if (!home && home.error() != ESTALE) return home;
  if (!home || !home->is_directory() || !home->is_collection()) return InodeRef{};
  return home;
}

Expected<std::optional<FileVector>> vector_of_file(Engine& engine, const InodeRef& file) {
  if ((file.raw->flags & VEXFS_INODE_VECTOR) == 0) return std::nullopt;
  const auto home = home_of(engine, file);
  if (!home) return fail(home.error());
  if (home->raw == nullptr) return std::nullopt;
  auto collection = engine.collections.get(engine, *home);
  if (!collection) return fail(collection.error());
  const auto slot = (*collection)->index().find(vector_id(file));
  if (!slot) return std::nullopt;
  return FileVector{std::move(*collection), *slot};
}

Expected<void> check_stays_home(Engine& engine, const InodeRef& file, InodeNumber directory) {
  if (file.raw->home == directory || engine.faults.planted(Fault::kVectorMoves)) return {};
  const auto vector = vector_of_file(engine, file);
  if (!vector) return fail(vector.error());
  if (*vector) return fail(EXDEV);
  return {};
}

void VectorDeath::apply(const InodeRef& file) const {
  collection->kill(dying);
  file.raw->flags &= static_cast<__le16>(~VEXFS_INODE_VECTOR);
}

Expected<std::optional<VectorDeath>> gather_vector_death(Engine& engine, Unit& unit,
                                                         const InodeRef& file) {
  auto vector = vector_of_file(engine, file);
  if (!vector) return fail(vector.error());
  if (!*vector) return std::nullopt;
  auto& [collection, slot] = **vector;
  if (collection->compacting()) return fail(EAGAIN);
  const auto dying = collection->gather_death(unit, slot);
  if (!dying) return fail(dying.error());
  return VectorDeath{std::move(collection), *dying};
}

Expected<std::optional<VectorDeath>> gather_last_link(Engine& engine, Unit& unit,
                                                      const InodeRef& file) {
  if (file.raw->nlink > 1 || engine.faults.planted(Fault::kFileVectorKept)) return std::nullopt;
  return gather_vector_death(engine, unit, file);
}

}  // namespace vexfs::core

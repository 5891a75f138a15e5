// SPDX-License-Identifier: MIT
// The attribute that gives a file a vector.
#include <sys/xattr.h>

#include <cerrno>
#include <shared_mutex>

#include "fuse/core/file_vector.h"
#include "fuse/core/operations.h"
#include "fuse/core/volume.h"
#include "fuse/hnsw/row.h"

namespace vexfs::core {

namespace {

/** The collection that is to have the vector of `file`. */
Expected<std::shared_ptr<Collection>> check_attaching(Engine& engine, const InodeRef& file,
                                                      int flags) {
  if (!file.is_regular()) return fail(EOPNOTSUPP);
  const auto home = home_of(engine, file);
  if (!home) return fail(home.error());
  if (home->raw == nullptr) return fail(EOPNOTSUPP);
  if (file.raw->nlink == 0) return fail(ENOENT);
  if (file.raw->nlink > 1) return fail(EMLINK);
  auto collection = engine.collections.get(engine, *home);
  if (!collection) return collection;
  if ((*collection)->compacting()) return fail(EAGAIN);
  const bool has = (file.raw->flags & VEXFS_INODE_VECTOR) != 0 &&
                   (*collection)->index().find(vector_id(file)).has_value();
  if (has && (flags & XATTR_CREATE) != 0) return fail(EEXIST);
  if (!has && (flags & XATTR_REPLACE) != 0) return fail(ENODATA);
  return collection;
}

}  // namespace

Expected<void> Volume::set_vector(InodeNumber ino, std::span<const std::byte> value, int flags) {
  Engine& engine = *engine_;
  const Mutation lock(engine);
  if (auto writable = engine.check_writable(); !writable) return writable;
  const auto file = engine.inodes.read(ino, InodeSource::kCaller);
  if (!file) return fail(file.error());
  const auto collection = check_attaching(engine, *file, flags);
  if (!collection) return fail(collection.error());
  const hnsw::Parameters& parameters = (*collection)->index().parameters();
  if (value.size() != parameters.row_bytes()) return fail(EINVAL);
  std::vector<std::byte> row(parameters.stride());
  if (auto stored = hnsw::store_row(parameters, value, row); !stored) return fail(EINVAL);
  return (*collection)->put_of_file(ino, row);
}

Expected<void> Volume::remove_vector(InodeNumber ino) {
  Engine& engine = *engine_;
  const Mutation lock(engine);
  if (auto writable = engine.check_writable(); !writable) return writable;
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return begun;
  const auto file = engine.inodes.read(ino, InodeSource::kCaller);
  if (!file) return fail(file.error());
  engine.inodes.gather(unit, *file);
  const auto death = gather_vector_death(engine, unit, *file);
  if (!death) return fail(death.error());
  if (!*death) return fail(ENODATA);

  (*death)->apply(*file);
  set_ctime(*file, engine.time_now());
  (*death)->emit(unit);
  engine.commit(unit);
  engine.close_if_full();
  return {};
}

Expected<std::vector<std::byte>> Volume::vector(InodeNumber ino) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  const auto file = engine.inodes.read(ino, InodeSource::kCaller);
  if (!file) return fail(file.error());
  const auto found = vector_of_file(engine, *file);
  if (!found) return fail(found.error());
  if (!*found) return fail(ENODATA);
  const hnsw::Index& index = (*found)->collection->index();
  const std::byte* row = index.row((*found)->slot);
  return std::vector<std::byte>(row, row + index.parameters().row_bytes());
}

Expected<bool> Volume::has_vector(InodeNumber ino) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  const auto file = engine.inodes.read(ino, InodeSource::kCaller);
  if (!file) return fail(file.error());
  const auto found = vector_of_file(engine, *file);
  if (!found) return fail(found.error());
  return found->has_value();
}

uint64_t Volume::compactions_ended() { return engine_->collections.compactions_ended(); }
void Volume::wait_for_compaction(uint64_t seen) { engine_->collections.wait_for_compaction(seen); }
void Volume::stop_compactions() { engine_->stop_compactions = true; }

}  // namespace vexfs::core

// SPDX-License-Identifier: MIT
#include "reference/model/file_vector.h"

#include <sys/xattr.h>

#include <cerrno>

#include "reference/model/collection_change.h"
#include "reference/model/collection_inodes.h"
#include "reference/model/collection_load.h"
#include "reference/model/inode.h"

namespace vexfs::model {
namespace {

std::uint64_t id_of(Ino ino) { return VEXFS_ID_FILE | ino; }

// The file's home, if it is a collection.
Result<std::optional<vexfs_inode>> find_home(const Mounted& volume, const vexfs_inode& inode) {
  const auto home = load_inode(volume, inode.home);
  if (!home && home.error() != ESTALE) return std::unexpected(home.error());
  if (!home || !has_collection(*home)) return std::nullopt;
  return *home;
}

Result<Collection*> use_home(Mounted& volume, const vexfs_inode& inode, const vexfs_inode& home) {
  VEXFS_CHECK(load_collection_header(volume, inode.home, home));
  return use_collection(volume, home.collection);
}

std::optional<FileVector> vector_in(Collection& collection, Ino ino, const vexfs_inode& inode) {
  if (!(inode.flags & VEXFS_INODE_VECTOR)) return std::nullopt;
  const auto slot = collection.graph.find(id_of(ino));
  if (!slot) return std::nullopt;
  return FileVector{&collection, *slot};
}

Result<void> mark_file(Mounted& volume, Ino ino, bool has_one) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  inode.flags &= static_cast<__u16>(~VEXFS_INODE_VECTOR);
  if (has_one) inode.flags |= VEXFS_INODE_VECTOR;
  set_ctime(inode, timestamp_now(volume));
  store_inode(volume, ino, inode);
  return {};
}

}  // namespace

Result<std::optional<FileVector>> find_file_vector(Mounted& volume, Ino ino,
                                                   const vexfs_inode& inode) {
  if (!is_regular(inode) || !(inode.flags & VEXFS_INODE_VECTOR)) return std::nullopt;
  VEXFS_TRY(home, find_home(volume, inode));
  if (!home) return std::nullopt;
  VEXFS_TRY(collection, use_home(volume, inode, *home));
  return vector_in(*collection, ino, inode);
}

Result<void> check_vector_stays(Mounted& volume, Ino ino, const vexfs_inode& inode, Ino dir) {
  if (inode.home == dir) return {};
  VEXFS_TRY(found, find_file_vector(volume, ino, inode));
  if (found) return std::unexpected(EXDEV);
  return {};
}

Result<void> set_vector(Mounted& volume, Ino ino, std::span<const std::byte> value, int flags) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  if (!is_regular(inode)) return std::unexpected(EOPNOTSUPP);
  VEXFS_TRY(home, find_home(volume, inode));
  if (!home) return std::unexpected(EOPNOTSUPP);
  if (inode.nlink == 0) return std::unexpected(ENOENT);
  if (inode.nlink > 1) return std::unexpected(EMLINK);
  VEXFS_TRY(collection, use_home(volume, inode, *home));
  const bool has_one = vector_in(*collection, ino, inode).has_value();
  if ((flags & XATTR_CREATE) && has_one) return std::unexpected(EEXIST);
  if ((flags & XATTR_REPLACE) && !has_one) return std::unexpected(ENODATA);
  const vectors::Parameters& parameters = collection->graph.parameters();
  if (value.size() != vectors::row_bytes(parameters)) return std::unexpected(EINVAL);
  auto row = vectors::stored_row(parameters, value);
  if (!row) return std::unexpected(EINVAL);
  VEXFS_CHECK(put_vector(volume, *collection, id_of(ino), std::move(*row),
                         [&] { return mark_file(volume, ino, true); }));
  return {};
}

Result<vectors::Row> get_vector(Mounted& volume, Ino ino) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  VEXFS_TRY(found, find_file_vector(volume, ino, inode));
  if (!found) return std::unexpected(ENODATA);
  return found->collection->graph.slot(found->slot).row;
}

Result<void> remove_vector(Mounted& volume, Ino ino) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  VEXFS_TRY(found, find_file_vector(volume, ino, inode));
  if (!found) return std::unexpected(ENODATA);
  VEXFS_CHECK(delete_vector(volume, *found->collection, id_of(ino),
                            [&] { return mark_file(volume, ino, false); }));
  return {};
}

Result<bool> has_vector(Mounted& volume, Ino ino) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  VEXFS_TRY(found, find_file_vector(volume, ino, inode));
  return found.has_value();
}

Result<void> VectorDeath::find(Mounted& volume, Ino ino, const vexfs_inode& inode) {
  found_.reset();
  if (inode.nlink > 1) return {};
  VEXFS_TRY(found, find_file_vector(volume, ino, inode));
  found_ = found;
  return {};
}

Result<void> VectorDeath::write(Mounted& volume, vexfs_inode& inode) const {
  if (!found_) return {};
  inode.flags &= static_cast<__u16>(~VEXFS_INODE_VECTOR);
  return write_death(volume, *found_->collection, found_->slot);
}

void VectorDeath::emit(Mounted& volume) const {
  if (found_) emit_death(volume, *found_->collection, found_->slot);
}

void VectorDeath::apply() const {
  if (found_) found_->collection->graph.apply(vectors::DeletePlan{found_->slot});
}

}  // namespace vexfs::model

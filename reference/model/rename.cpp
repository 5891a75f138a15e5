// SPDX-License-Identifier: MIT
// Rename and exchange: docs/determinism.md, "Rename".
#include <linux/fs.h>

#include <cerrno>
#include <map>
#include <optional>
#include <string_view>

#include "reference/model/collection_inodes.h"
#include "reference/model/directory.h"
#include "reference/model/event.h"
#include "reference/model/file_vector.h"
#include "reference/model/namespace.h"
#include "reference/model/unit.h"

namespace vexfs::model {
namespace {

class Rename {
 public:
  Rename(Mounted& volume, Ino old_dir, std::string_view old_name, Ino new_dir,
         std::string_view new_name, unsigned flags)
      : volume_(volume),
        old_dir_(old_dir),
        new_dir_(new_dir),
        old_name_(old_name),
        new_name_(new_name),
        flags_(flags) {}

  /// Whether both names are of the same inode, after the checks that come before that.
  Result<bool> names_one_inode() {
    VEXFS_CHECK(load());
    if (!source_) return std::unexpected(ENOENT);
    if ((flags_ & RENAME_NOREPLACE) && target_) return std::unexpected(EEXIST);
    if (is_exchange() && !target_) return std::unexpected(ENOENT);
    return target_ && target_->ino == source_->ino;
  }

  Result<void> run() {
    VEXFS_CHECK(names_one_inode());
    VEXFS_CHECK(check());
    if (target_ && !is_exchange()) {
      vexfs_inode& target = inode(target_->ino);
      VEXFS_CHECK(drop_collection(volume_, target_->ino, target));
      VEXFS_CHECK(death_.find(volume_, target_->ino, target));
      VEXFS_CHECK(death_.write(volume_, target));
    }
    VEXFS_CHECK(change_records());
    move_links();
    stamp();
    for (const auto& [ino, inode] : inodes_) store_inode(volume_, ino, inode);
    emit();
    death_.emit(volume_);
    return {};
  }

  /// After the unit.
  void apply() const { death_.apply(); }

 private:
  bool is_exchange() const { return flags_ & RENAME_EXCHANGE; }
  vexfs_inode& inode(Ino ino) { return inodes_.at(ino); }
  vexfs_inode& source() { return inode(source_->ino); }

  // Each inode once, although the two directories may be one.
  Result<void> load() {
    inodes_.clear();
    for (Ino dir : {old_dir_, new_dir_}) {
      VEXFS_TRY(loaded, load_inode(volume_, dir));
      if (!is_directory(loaded)) return std::unexpected(ENOTDIR);
      inodes_[dir] = loaded;
    }
    VEXFS_TRY(source, find_name(volume_, old_dir_, inode(old_dir_), old_name_));
    VEXFS_TRY(target, find_name(volume_, new_dir_, inode(new_dir_), new_name_));
    source_ = source;
    target_ = target;
    for (const auto& found : {source_, target_}) {
      if (!found) continue;
      VEXFS_TRY(loaded, load_named_inode(volume_, found->ino));
      inodes_[found->ino] = loaded;
    }
    return {};
  }

  Result<void> check() {
    if (inode(new_dir_).nlink == 0) return std::unexpected(ENOENT);
    if (target_ && !is_exchange()) {
      const bool onto_directory = is_directory(inode(target_->ino));
      if (is_directory(source()) && !onto_directory) return std::unexpected(ENOTDIR);
      if (!is_directory(source()) && onto_directory) return std::unexpected(EISDIR);
    }
    if (is_reserved(new_name_)) return std::unexpected(EPERM);
    if (target_ && !is_exchange() && is_directory(inode(target_->ino))) {
      VEXFS_TRY(empty, is_empty_directory(volume_, target_->ino, inode(target_->ino)));
      if (!empty) return std::unexpected(ENOTEMPTY);
    }
    VEXFS_CHECK(check_links());
    return check_vectors();
  }

  // Subdirectories that the old and the new directory have more afterwards.
  int gained_by_old() { return is_exchange() && is_directory(inode(target_->ino)) ? 1 : 0; }
  int lost_by_old() { return is_directory(source()) ? 1 : 0; }
  int gained_by_new() { return lost_by_old(); }
  int lost_by_new() { return target_ && is_directory(inode(target_->ino)) ? 1 : 0; }

  Result<void> check_links() {
    if (old_dir_ == new_dir_) return {};
    const std::uint32_t most = volume_.super.max_links;
    const bool new_grows = gained_by_new() > lost_by_new();
    const bool old_grows = gained_by_old() > lost_by_old();
    if ((new_grows && inode(new_dir_).nlink >= most) ||
        (old_grows && inode(old_dir_).nlink >= most))
      return std::unexpected(EMLINK);
    return {};
  }

  Result<void> check_vectors() {
    VEXFS_CHECK(check_vector_stays(volume_, source_->ino, source(), new_dir_));
    if (!is_exchange()) return {};
    return check_vector_stays(volume_, target_->ino, inode(target_->ino), old_dir_);
  }

  // The destination's record first, then the source's.
  Result<void> change_records() {
    const std::uint8_t type = record_type(source());
    if (target_)
      replace_name(volume_, *target_, source_->ino, type);
    else
      VEXFS_CHECK(insert_name(volume_, new_dir_, inode(new_dir_), new_name_, source_->ino, type));
    if (!is_exchange()) return delete_name(volume_, old_dir_, inode(old_dir_), old_name_);
    replace_name(volume_, *source_, target_->ino, record_type(inode(target_->ino)));
    return {};
  }

  void move_links() {
    inode(old_dir_).nlink += static_cast<__u32>(gained_by_old() - lost_by_old());
    inode(new_dir_).nlink += static_cast<__u32>(gained_by_new() - lost_by_new());
    source().home = new_dir_;
    if (!target_) return;
    vexfs_inode& target = inode(target_->ino);
    if (is_exchange()) {
      target.home = old_dir_;
      return;
    }
    target.nlink = is_directory(target) ? 0 : target.nlink - 1;
    if (target.nlink == 0) set_orphan(volume_, target_->ino);
  }

  void stamp() {
    const Timestamp now = timestamp_now(volume_);
    set_changed(inode(old_dir_), now);
    set_changed(inode(new_dir_), now);
    set_ctime(source(), now);
    if (target_) set_ctime(inode(target_->ino), now);
  }

  void emit() {
    Event event(VEXFS_EV_RENAME, source_->ino, old_dir_);
    event.name(old_name_).new_name(new_name_).new_parent(new_dir_).rename(flags_);
    if (target_) event.other(target_->ino);
    event.emit(volume_, current_unit(volume_));
  }

  Mounted& volume_;
  Ino old_dir_;
  Ino new_dir_;
  std::string_view old_name_;
  std::string_view new_name_;
  unsigned flags_;
  std::optional<FoundName> source_;
  std::optional<FoundName> target_;
  std::map<Ino, vexfs_inode> inodes_;
  VectorDeath death_;
};

}  // namespace

Result<void> rename(Mounted& volume, Ino old_dir, std::string_view old_name, Ino new_dir,
                    std::string_view new_name, unsigned flags) {
  if (flags != 0 && flags != RENAME_NOREPLACE && flags != RENAME_EXCHANGE)
    return std::unexpected(EINVAL);
  if (!volume.takes_changes()) return std::unexpected(EROFS);
  Rename renaming(volume, old_dir, old_name, new_dir, new_name, flags);
  VEXFS_TRY(nothing_to_do, renaming.names_one_inode());
  if (nothing_to_do) return {};
  VEXFS_CHECK(run_unit(volume, [&] { return renaming.run(); }));
  renaming.apply();
  return {};
}

}  // namespace vexfs::model

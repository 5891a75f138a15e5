// SPDX-License-Identifier: MIT
// Reading names: lookup, readdir, readlink.
#include <cerrno>
#include <cstring>

#include <dirent.h>

#include "fuse/core/operations.h"
#include "fuse/core/volume.h"

namespace vexfs::core {
namespace {

/** Positions of `.` and `..`; records follow from kRecords on. */
constexpr uint64_t kDot = 0;
constexpr uint64_t kDotDot = 1;
constexpr uint64_t kRecords = 2;

Expected<Attributes> attributes_at(Engine& engine, InodeNumber ino) {
  const auto inode = engine.inodes.read(ino, InodeSource::kNamed);
  if (!inode) return fail(inode.error());
  return attributes_of(*inode);
}

/** A record's type is believed, unless no inode can have it. */
uint8_t listed_type(uint8_t type) {
  switch (type) {
    case DT_FIFO:
    case DT_CHR:
    case DT_DIR:
    case DT_BLK:
    case DT_REG:
    case DT_LNK:
    case DT_SOCK:
      return type;
    default:
      return DT_UNKNOWN;
  }
}

/** An entry for the visitor. Damaged inodes are listed without attributes, and so are those that
 * the record gives another type: whoever lists attributes shows their type, not the record's. */
DirectoryEntry entry_of(Engine& engine, std::string_view name, InodeNumber ino, uint8_t type,
                        uint64_t next, bool with_attributes) {
  DirectoryEntry entry{
      .name = name, .ino = ino, .type = type, .next_position = next, .attributes = {}};
  if (with_attributes) {
    auto attributes = attributes_at(engine, ino);
    if (attributes && IFTODT(attributes->mode) == type) entry.attributes = *attributes;
  }
  return entry;
}

/** The target that stands in a block of its own. */
Expected<std::string> long_target(Engine& engine, const InodeRef& inode) {
  const auto mapping = engine.tree.map(inode, 0);
  if (!mapping) return fail(mapping.error());
  if (mapping->pblk == 0 || mapping->unwritten) return fail(EUCLEAN);
  const auto block = engine.cache.get(mapping->pblk);
  if (!block) return fail(block.error());
  return std::string(reinterpret_cast<const char*>((*block)->bytes.data()), inode.raw->size);
}

}  // namespace

Expected<Attributes> Volume::lookup(InodeNumber directory, std::string_view name) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  if (auto good = check_name(name); !good) return fail(good.error());
  const auto parent = directory_of(engine, directory);
  if (!parent) return fail(parent.error());
  if (name == ".") return attributes_of(*parent);
  if (name == "..") return attributes_at(engine, parent->raw->home);
  const auto record = find_record(engine, *parent, name);
  if (!record) return fail(record.error());
  return attributes_at(engine, record->ino);
}

Expected<void> Volume::readdir(InodeNumber directory, uint64_t position, bool with_attributes,
                               const DirectoryVisitor& visitor) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  const auto inode = directory_of(engine, directory);
  if (!inode) return fail(inode.error());
  const uint8_t type = type_of(*inode);
  if (position == kDot) {
    if (!visitor(entry_of(engine, ".", directory, type, kDotDot, with_attributes))) return {};
    position = kDotDot;
  }
  if (position == kDotDot) {
    const InodeNumber parent = inode->raw->home;
    if (!visitor(entry_of(engine, "..", parent, type, kRecords, with_attributes))) return {};
    position = kRecords;
  }
  return engine.directories.list(
      *inode, position - kRecords,
      [&](std::string_view name, const FoundRecord& record, uint64_t next) {
        return visitor(entry_of(engine, name, record.ino, listed_type(record.type), kRecords + next,
                                with_attributes));
      });
}

Expected<std::string> Volume::readlink(InodeNumber ino) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  const auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  if (!inode->is_symlink()) return fail(EINVAL);
  std::string target;
  if (inode->raw->size <= VEXFS_INLINE_BYTES) {
    target.assign(reinterpret_cast<const char*>(inode->raw->inline_area), inode->raw->size);
  } else {
    auto found = long_target(engine, *inode);
    if (!found) return found;
    target = std::move(*found);
  }
  if (target.find('\0') != target.npos) return fail(EUCLEAN);
  return target;
}

}  // namespace vexfs::core

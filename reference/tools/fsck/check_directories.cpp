// SPDX-License-Identifier: MIT
// Directory blocks and their records; counts the names of every inode.
#include <sys/stat.h>

#include <algorithm>
#include <unordered_set>

#include "reference/tools/fsck/check_context.h"
#include "reference/tools/inspect/directory.h"
#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

class DirectoryCheck {
 public:
  DirectoryCheck(CheckContext& context, std::uint64_t number)
      : context_(context), number_(number), facts_(context.inodes[number]) {}

  void run() {
    const std::uint64_t end = facts_.inode.size / kBlockSize;
    for (const MappedExtent& extent : facts_.mapping.extents) {
      for (std::uint64_t i = 0; i < extent.len && extent.lblk + i < end; ++i) {
        check_block(extent.lblk + i, extent.pblk + i);
      }
    }
  }

 private:
  std::string path(std::string_view what) const {
    return fmt::format("dir {}{}block {}{}{}", number_, kPathStep, lblk_, kPathStep, what);
  }

  template <typename Expected, typename Actual>
  void record_error(std::string_view rule, const DirRecord& record, std::string_view field,
                    const Expected& expected, const Actual& actual) {
    context_.error(rule,
                   path(fmt::format("record @{} \"{}\"{}{}", record.offset,
                                    escaped_text(record.name), kPathStep, field)),
                   expected, actual);
  }

  void check_block(std::uint64_t lblk, std::uint64_t pblk) {
    lblk_ = lblk;
    const Bytes block = context_.view.block(pblk);
    const auto header = load<vexfs_dir_header>(block);
    if (header.magic != VEXFS_DIR_MAGIC) {
      // Its bytes are something else; records read from them would be noise.
      return context_.error("dir.magic", path("magic"), "VXDB",
                            field_text(FieldKind::kMagic, block.first(4)));
    }
    const auto crc = context_.view.crc(pblk, block, kDirHeaderType.crc_offset);
    if (header.crc != crc) {
      context_.error("dir.crc", path("crc"), fmt::format("{:08x}", crc),
                     fmt::format("{:08x}", header.crc));
    }
    const DirRecords found = read_records(block);
    if (!found.fits) {
      const std::size_t at =
          found.records.empty() ? 8 : found.records.back().offset + found.records.back().length;
      context_.error("dir.records", path(fmt::format("record @{} › length", at)),
                     "records that fill the block exactly",
                     load<vexfs_dir_record>(block, at).length);
    }
    for (const DirRecord& record : found.records) check_record(record);
  }

  void check_record(const DirRecord& record) {
    if (record.ino == 0) return check_unused(record);
    if (!all_zero(record.rest)) {
      record_error("record.zero", record, "end", "zeros after the name", "other bytes");
    }
    check_name(record);
    if (record.ino > context_.super().inodes || !context_.inodes.contains(record.ino)) {
      return record_error("record.ino", record, "ino", "an inode in use", record.ino);
    }
    check_target(record, context_.inodes[record.ino]);
  }

  void check_unused(const DirRecord& record) {
    if (record.offset != sizeof(vexfs_dir_header)) {
      record_error("record.unused", record, "ino", "not 0: only the first may be unused", 0);
    }
    if (record.name_length != 0 || record.type != 0 || !all_zero(record.rest)) {
      record_error("record.unused_zero", record, "name_length, type and name", "zeros",
                   "other bytes");
    }
  }

  void check_name(const DirRecord& record) {
    const std::string_view name = record.name_text();
    if (name.empty() || name == "." || name == ".." || name == VEXFS_DOT_NAME ||
        name.find('/') != name.npos || name.find('\0') != name.npos) {
      record_error("record.name", record, "name", "a name that can be created",
                   escaped_text(record.name));
    }
    if (!names_.insert(std::string(name)).second) {
      record_error("record.twice", record, "name", "a name that stands once in its directory",
                   escaped_text(record.name));
    }
  }

  void check_target(const DirRecord& record, InodeFacts& target) {
    const unsigned type = (target.inode.mode & S_IFMT) >> 12;
    if (record.type != type) {
      record_error("record.type", record, "type", type, static_cast<unsigned>(record.type));
    }
    ++facts_.entries;
    ++target.names;
    target.parent = number_;
    if (S_ISDIR(target.inode.mode)) ++facts_.subdirectories;
  }

  CheckContext& context_;
  std::uint64_t number_;
  InodeFacts& facts_;
  std::uint64_t lblk_ = 0;
  std::unordered_set<std::string> names_;
};

}  // namespace

void check_directories(CheckContext& context) {
  for (std::uint64_t number : context.used_inodes) {
    if (S_ISDIR(context.inodes[number].inode.mode)) DirectoryCheck(context, number).run();
  }
}

}  // namespace vexfs::tools

// SPDX-License-Identifier: MIT
#include "reference/model/directory.h"

#include <cerrno>
#include <string>

#include <dirent.h>

#include "reference/model/directory_block.h"
#include "reference/model/extents.h"

namespace vexfs::model {
namespace {

std::uint64_t blocks_of(const vexfs_inode& inode) { return inode.size / kBlockSize; }

// The block that holds logical block `lblk` of the directory. EUCLEAN if it is not mapped.
Result<BlockNumber> block_at(const Mounted& volume, Ino dir, const vexfs_inode& inode,
                             std::uint64_t lblk) {
  VEXFS_TRY(block, mapped_block(volume, dir, inode, static_cast<std::uint32_t>(lblk)));
  if (!block) return std::unexpected(EUCLEAN);
  return *block;
}

// The type that a listing shows. What a record says is not held against its inode.
std::uint8_t shown_type(std::uint8_t type) {
  const bool exists = type == DT_FIFO || type == DT_CHR || type == DT_DIR || type == DT_BLK ||
                      type == DT_REG || type == DT_LNK || type == DT_SOCK;
  return exists ? type : std::uint8_t{DT_UNKNOWN};
}

struct Gap {
  BlockNumber block = 0;
  std::size_t offset = 0;             // where the new record begins
  std::size_t length = 0;             // of the new record
  std::optional<std::size_t> shrunk;  // the used record in front of it, which shrinks to its need
};

// The first place in the block where a record of `need` bytes fits.
std::optional<Gap> gap_in(BlockNumber block, const std::vector<Record>& records, std::size_t need) {
  for (const Record& record : records) {
    if (record.ino == 0) {
      if (record.length >= need) return Gap{block, record.offset, record.length, {}};
      continue;
    }
    const std::size_t own = need_of(record.name);
    if (record.length - own >= need)
      return Gap{block, record.offset + own, record.length - own, record.offset};
  }
  return std::nullopt;
}

Result<Gap> append_block(Mounted& volume, Ino dir, vexfs_inode& inode) {
  const auto lblk = static_cast<std::uint32_t>(inode.size / kBlockSize);
  VEXFS_TRY(block, map_new_block(volume, dir, inode, lblk));
  create_directory_block(volume, block);
  inode.size += kBlockSize;
  constexpr std::size_t kHeader = sizeof(vexfs_dir_header);
  return Gap{block, kHeader, kBlockSize - kHeader, {}};
}

Result<Gap> find_gap(Mounted& volume, Ino dir, vexfs_inode& inode, std::size_t need) {
  for (std::uint64_t lblk = 0; lblk < blocks_of(inode); ++lblk) {
    VEXFS_TRY(block, block_at(volume, dir, inode, lblk));
    VEXFS_TRY(records, records_of(volume, block));
    if (auto gap = gap_in(block, records, need)) return *gap;
  }
  return append_block(volume, dir, inode);
}

}  // namespace

Result<std::optional<FoundName>> find_name(const Mounted& volume, Ino dir, const vexfs_inode& inode,
                                           std::string_view name) {
  for (std::uint64_t lblk = 0; lblk < blocks_of(inode); ++lblk) {
    VEXFS_TRY(block, block_at(volume, dir, inode, lblk));
    VEXFS_TRY(records, records_of(volume, block));
    for (const Record& record : records)
      if (record.ino != 0 && record.name == name)
        return FoundName{block, record.offset, record.ino, record.type};
  }
  return std::nullopt;
}

Result<void> insert_name(Mounted& volume, Ino dir, vexfs_inode& inode, std::string_view name,
                         Ino ino, std::uint8_t type) {
  VEXFS_TRY(gap, find_gap(volume, dir, inode, need_of(name)));
  if (gap.shrunk) set_record_length(volume, gap.block, *gap.shrunk, gap.offset - *gap.shrunk);
  put_record(volume, gap.block, gap.offset, gap.length, ino, type, name);
  sign_directory_block(volume, gap.block);
  return {};
}

Result<void> delete_name(Mounted& volume, Ino dir, const vexfs_inode& inode,
                         std::string_view name) {
  VEXFS_TRY(found, find_name(volume, dir, inode, name));
  if (!found) return std::unexpected(ENOENT);
  VEXFS_TRY(records, records_of(volume, found->block));
  const Record* previous = nullptr;
  const Record* deleted = &records.front();
  while (deleted->offset != found->offset) previous = deleted++;
  if (previous == nullptr) {
    clear_record(volume, found->block, deleted->offset);
  } else {
    erase_record(volume, found->block, deleted->offset, deleted->length);
    set_record_length(volume, found->block, previous->offset, previous->length + deleted->length);
  }
  sign_directory_block(volume, found->block);
  return {};
}

void replace_name(Mounted& volume, const FoundName& found, Ino ino, std::uint8_t type) {
  set_record_target(volume, found.block, found.offset, ino, type);
  sign_directory_block(volume, found.block);
}

Result<bool> is_empty_directory(const Mounted& volume, Ino dir, const vexfs_inode& inode) {
  for (std::uint64_t lblk = 0; lblk < blocks_of(inode); ++lblk) {
    VEXFS_TRY(block, block_at(volume, dir, inode, lblk));
    VEXFS_TRY(records, records_of(volume, block));
    for (const Record& record : records)
      if (record.ino != 0) return false;
  }
  return true;
}

Result<std::vector<posix::DirEntry>> list_directory(const Mounted& volume, Ino dir,
                                                    const vexfs_inode& inode,
                                                    std::uint64_t position, std::size_t most) {
  std::vector<posix::DirEntry> entries;
  const auto add = [&](std::string_view name, Ino ino, std::uint8_t type, std::uint64_t next) {
    if (entries.size() < most) entries.push_back({std::string(name), ino, type, next});
  };
  if (position == 0) add(".", dir, DT_DIR, 1);
  if (position <= 1) add("..", inode.home, DT_DIR, 2);
  const std::uint64_t from = position < 2 ? 0 : position - 2;
  for (std::uint64_t lblk = from / kBlockSize; lblk < blocks_of(inode) && entries.size() < most;
       ++lblk) {
    VEXFS_TRY(block, block_at(volume, dir, inode, lblk));
    VEXFS_TRY(records, records_of(volume, block));
    for (const Record& record : records) {
      const std::uint64_t start = lblk * kBlockSize + record.offset;
      if (record.ino != 0 && start >= from)
        add(record.name, record.ino, shown_type(record.type), 2 + start + record.length);
    }
  }
  return entries;
}

}  // namespace vexfs::model

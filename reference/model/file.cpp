// SPDX-License-Identifier: MIT
#include "reference/model/file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "reference/contract/limits.h"
#include "reference/model/extents.h"
#include "reference/model/inode.h"
#include "reference/model/unit.h"

namespace vexfs::model {
namespace {

// One written block: `bytes` lie within one block of the file.
Result<void> write_block(Mounted& volume, Ino ino, std::uint64_t offset,
                         std::span<const std::byte> bytes, std::uint32_t kill_setid) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  if (!is_regular(inode)) return std::unexpected(is_directory(inode) ? EISDIR : EINVAL);
  const auto lblk = static_cast<std::uint32_t>(offset / kBlockSize);
  if (inode.flags & VEXFS_INODE_TRUNCATING) return std::unexpected(EUCLEAN);
  VEXFS_TRY(mapping, find_mapping(volume, ino, inode, lblk));
  if (mapping && mapping->unwritten) return std::unexpected(EUCLEAN);
  const bool fresh = !mapping;
  BlockNumber number = fresh ? 0 : mapping->block;
  if (fresh) {
    VEXFS_TRY(block, map_new_block(volume, ino, inode, lblk));
    number = block;
  }
  inode.size = std::max<std::uint64_t>(inode.size, offset + bytes.size());
  inode.mode &= static_cast<__u16>(~(kill_setid & (S_ISUID | S_ISGID)));
  set_changed(inode, timestamp_now(volume));
  store_inode(volume, ino, inode);
  const BlockEdit block = edit_file_block(volume, number);
  if (fresh) std::ranges::fill(block, std::byte{0});
  std::ranges::copy(bytes, block.subspan(offset % kBlockSize).begin());
  note_write(volume, ino, {offset, offset + bytes.size()});
  return {};
}

}  // namespace

BlockEdit edit_file_block(Mounted& volume, BlockNumber number) {
  return volume.options.data == DataMode::kJournal ? volume.store.edit_data(number)
                                                   : volume.store.in_place(number);
}

Result<std::vector<std::byte>> read_file(const Mounted& volume, Ino ino, std::uint64_t offset,
                                         std::uint64_t length) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  if (is_directory(inode)) return std::unexpected(EISDIR);
  if (!is_regular(inode)) return std::unexpected(EINVAL);
  if (offset >= inode.size || length == 0) return std::vector<std::byte>{};
  length = std::min<std::uint64_t>(length, inode.size - offset);
  std::vector<std::byte> bytes(length);  // holes stay zero
  const std::uint64_t end = offset + length;
  VEXFS_TRY(extents, extents_between(volume, ino, inode, offset / kBlockSize,
                                     (end + kBlockSize - 1) / kBlockSize));
  for (const Extent& extent : extents) {
    if (extent.unwritten) continue;
    const std::uint64_t extent_from = std::max(offset, extent.first * std::uint64_t{kBlockSize});
    const std::uint64_t extent_end = std::min(end, extent.after() * kBlockSize);
    for (std::uint64_t at = extent_from; at < extent_end;) {
      const std::size_t within = at % kBlockSize;
      const std::size_t count = std::min<std::uint64_t>(kBlockSize - within, extent_end - at);
      const BlockNumber block = extent.start + (at / kBlockSize - extent.first);
      std::ranges::copy(volume.store.read(block).subspan(within, count),
                        bytes.begin() + static_cast<std::ptrdiff_t>(at - offset));
      at += count;
    }
  }
  return bytes;
}

Result<std::size_t> write_file(Mounted& volume, Ino ino, std::uint64_t offset,
                               std::span<const std::byte> bytes, std::uint32_t kill_setid) {
  if (!volume.takes_changes()) return std::unexpected(EROFS);
  if (bytes.empty()) return 0;
  if (offset >= VEXFS_FILE_SIZE_MAX) return std::unexpected(EFBIG);
  bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), VEXFS_FILE_SIZE_MAX - offset));
  std::size_t written = 0;
  while (written < bytes.size()) {
    const std::uint64_t at = offset + written;
    const auto piece = bytes.subspan(
        written, std::min<std::size_t>(kBlockSize - at % kBlockSize, bytes.size() - written));
    const std::uint32_t kill = written == 0 ? kill_setid : 0;
    const auto done = run_unit(volume, [&] { return write_block(volume, ino, at, piece, kill); });
    if (!done && written == 0) return std::unexpected(done.error());
    if (!done) break;
    written += piece.size();
  }
  return written;
}

Result<std::string> read_symlink(const Mounted& volume, Ino ino) {
  VEXFS_TRY(inode, load_inode(volume, ino));
  if (!is_symlink(inode)) return std::unexpected(EINVAL);
  if (inode.extents == 0 && inode.size > VEXFS_INLINE_BYTES) return std::unexpected(EUCLEAN);
  std::span<const std::byte> text = std::as_bytes(std::span(inode.inline_area));
  if (inode.size > VEXFS_INLINE_BYTES) {
    VEXFS_TRY(block, mapped_block(volume, ino, inode, 0));
    if (!block) return std::unexpected(EUCLEAN);
    text = volume.store.read(*block);
  }
  text = text.first(inode.size);
  if (std::ranges::find(text, std::byte{0}) != text.end()) return std::unexpected(EUCLEAN);
  return std::string(reinterpret_cast<const char*>(text.data()), text.size());
}

}  // namespace vexfs::model

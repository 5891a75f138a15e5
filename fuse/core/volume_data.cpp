// SPDX-License-Identifier: MIT
// Reading and writing the contents of regular files.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "fuse/core/operations.h"
#include "fuse/core/volume.h"

namespace vexfs::core {
namespace {

Expected<void> check_regular(const InodeRef& inode) {
  if (inode.is_directory()) return fail(EISDIR);
  if (!inode.is_regular()) return fail(EINVAL);
  return {};
}

/** Takes bytes, in order, from the caller's buffers. */
class Source {
 public:
  explicit Source(std::span<const iovec> buffers) : buffers_(buffers) {
    for (const iovec& buffer : buffers) left_ += buffer.iov_len;
  }
  size_t left() const { return left_; }
  void limit(size_t bytes) { left_ = std::min(left_, bytes); }

  /** Copies the next bytes without consuming them. */
  void peek(std::byte* into, size_t size) const {
    size_t buffer = buffer_;
    size_t offset = offset_;
    while (size > 0) {
      const size_t count = std::min(size, buffers_[buffer].iov_len - offset);
      std::memcpy(into, static_cast<const std::byte*>(buffers_[buffer].iov_base) + offset, count);
      into += count;
      size -= count;
      ++buffer;
      offset = 0;
    }
  }
  void skip(size_t size) {
    left_ -= size;
    while (size > 0) {
      const size_t count = std::min(size, buffers_[buffer_].iov_len - offset_);
      offset_ += count;
      size -= count;
      if (offset_ == buffers_[buffer_].iov_len) {
        ++buffer_;
        offset_ = 0;
      }
    }
  }

 private:
  std::span<const iovec> buffers_;
  size_t buffer_ = 0;
  size_t offset_ = 0;
  size_t left_ = 0;
};

/** The part of a write that falls into one file block. */
struct Piece {
  uint64_t offset = 0;
  uint32_t size = 0;
  bool kill_setid = false;

  uint64_t lblk() const { return offset / kBlockSize; }
  uint32_t at() const { return static_cast<uint32_t>(offset % kBlockSize); }
  bool whole() const { return size == kBlockSize; }
};

/** Where the piece goes; gathered. */
struct Target {
  uint64_t pblk = 0;
  bool fresh = false;
  /** Under data=journal and unless fresh or whole: the block in the cache. */
  BlockRef cached;
};

Expected<Target> gather_target(Engine& engine, Unit& unit, const InodeRef& inode,
                               const Piece& piece) {
  const auto mapping = engine.tree.map(inode, piece.lblk());
  if (!mapping) return fail(mapping.error());
  if (mapping->unwritten) return fail(EUCLEAN);  // nothing makes such extents in this version
  Target target{mapping->pblk, mapping->pblk == 0, {}};
  if (target.fresh) {
    if (auto block = gather_block(engine, unit, inode, piece.lblk()); !block) {
      return fail(block.error());
    }
    target.pblk = unit.picks.front();
  }
  if (engine.options.data == DataMode::kJournal && !target.fresh && !piece.whole()) {
    auto block = engine.cache.get(target.pblk);
    if (!block) return fail(block.error());
    target.cached = std::move(*block);
  }
  return target;
}

/** The last step of gathering, since it may fail: the block's new bytes are on their way to the
 * device. */
Expected<void> send_home(Engine& engine, const Target& target, const Piece& piece,
                         const Source& source) {
  const auto bytes = engine.stage.scratch();
  if (!piece.whole()) {
    if (target.fresh) {
      std::ranges::fill(bytes, std::byte{0});
    } else if (auto read = engine.device->read(target.pblk * kBlockSize, bytes); !read) {
      return read;
    }
  }
  source.peek(bytes.data() + piece.at(), piece.size);
  engine.stage.add(target.pblk, bytes);
  return {};
}

/** Applying under data=journal: the block's new bytes are logged. */
void log_data(Engine& engine, Unit& unit, const Target& target, const Piece& piece,
              const Source& source) {
  const BlockRef block =
      target.cached ? target.cached.again() : engine.cache.get_unread(target.pblk);
  unit.write_data(block);
  if (target.fresh) block->bytes.fill(std::byte{0});
  source.peek(block->bytes.data() + piece.at(), piece.size);
}

/** Applying: what a written block changes in its inode. */
void apply_piece(Engine& engine, const InodeRef& inode, const Piece& piece) {
  const Time now = engine.time_now();
  const uint64_t end = piece.offset + piece.size;
  inode.raw->size = std::max<uint64_t>(inode.raw->size, end);
  set_mtime(inode, now);
  set_ctime(inode, now);
  if (piece.kill_setid && !engine.faults.planted(Fault::kSetidKept)) {
    inode.raw->mode = static_cast<__le16>(without_setid(inode.raw->mode));
  }
  const auto [range, made] = engine.running.writes.try_emplace(inode.ino, piece.offset, end);
  if (made) return;
  range->second.first = std::min(range->second.first, piece.offset);
  range->second.last = std::max(range->second.last, end);
}

/** One unit: one written block. */
Expected<void> write_piece(Engine& engine, InodeNumber ino, const Piece& piece,
                           const Source& source) {
  Unit unit(engine.cache, engine.running);
  if (auto begun = engine.begin(unit); !begun) return begun;
  const auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  engine.inodes.gather(unit, *inode);
  const auto target = gather_target(engine, unit, *inode, piece);
  if (!target) return fail(target.error());
  const bool journal = engine.options.data == DataMode::kJournal;
  if (!journal) {
    if (auto sent = send_home(engine, *target, piece, source); !sent) return sent;
  }

  engine.allocator.take(unit, engine.state());
  if (target->fresh) {
    const uint64_t block = unit.next_pick();
    engine.tree.insert(unit, *inode, piece.lblk(), block);
  }
  if (journal) log_data(engine, unit, *target, piece, source);
  apply_piece(engine, *inode, piece);
  engine.commit(unit);
  return {};
}

Expected<size_t> write_all(Engine& engine, InodeNumber ino, uint64_t offset, Source& source,
                           bool kill_setid) {
  size_t done = 0;
  while (source.left() > 0) {
    const uint64_t at = offset + done;
    const Piece piece{.offset = at,
                      .size = static_cast<uint32_t>(
                          std::min<uint64_t>(source.left(), kBlockSize - at % kBlockSize)),
                      .kill_setid = kill_setid && done == 0};
    const auto written =
        engine.with_relief([&] { return write_piece(engine, ino, piece, source); });
    if (!written) {
      if (done > 0) return done;
      return fail(written.error());
    }
    source.skip(piece.size);
    done += piece.size;
    engine.close_if_full();
    if (engine.log.broken()) return done;
  }
  return done;
}

/** Copies what one mapping gives to `into`; full blocks go there directly, others by way of a block
 * of their own. */
Expected<size_t> read_run(Engine& engine, const Mapping& mapping, uint64_t offset,
                          std::span<std::byte> into) {
  const uint32_t skip = offset % kBlockSize;
  const uint64_t room = mapping.count * kBlockSize - skip;
  if (into.size() > room) into = into.first(room);
  if (mapping.pblk == 0 || mapping.unwritten) {
    std::ranges::fill(into, std::byte{0});
    return into.size();
  }
  if (engine.data_in_cache) {
    const size_t size = std::min<size_t>(into.size(), kBlockSize - skip);
    if (const BlockRef block = engine.cache.find(mapping.pblk)) {
      std::memcpy(into.data(), block->bytes.data() + skip, size);
      return size;
    }
    into = into.first(size);
  }
  const uint64_t home = mapping.pblk * kBlockSize;
  if (skip == 0 && into.size() >= kBlockSize) {
    into = into.first(into.size() / kBlockSize * kBlockSize);
    if (auto read = engine.device->read(home, into); !read) return fail(read.error());
    return into.size();
  }
  std::vector<std::byte> whole(kBlockSize);
  if (auto read = engine.device->read(home, whole); !read) return fail(read.error());
  into = into.first(std::min<size_t>(into.size(), kBlockSize - skip));
  std::memcpy(into.data(), whole.data() + skip, into.size());
  return into.size();
}

}  // namespace

Expected<size_t> Volume::read(InodeNumber ino, uint64_t offset, std::span<std::byte> into) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  const auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  if (auto regular = check_regular(*inode); !regular) return fail(regular.error());
  if (offset >= inode->raw->size) return 0;
  if (into.size() > inode->raw->size - offset) into = into.first(inode->raw->size - offset);
  size_t done = 0;
  while (done < into.size()) {
    const uint64_t at = offset + done;
    const auto mapping = engine.tree.map(*inode, at / kBlockSize);
    if (!mapping) return fail(mapping.error());
    const auto got = read_run(engine, *mapping, at, into.subspan(done));
    if (!got) return fail(got.error());
    done += *got;
  }
  return done;
}

Expected<size_t> Volume::write(InodeNumber ino, uint64_t offset, std::span<const iovec> from,
                               bool kill_setid) {
  Engine& engine = *engine_;
  Source source(from);
  const Mutation lock(engine);
  if (auto writable = engine.check_writable(); !writable) return fail(writable.error());
  const auto inode = engine.inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  if (auto regular = check_regular(*inode); !regular) return fail(regular.error());
  if (source.left() == 0) return 0;
  if (offset >= VEXFS_FILE_SIZE_MAX) return fail(EFBIG);
  source.limit(VEXFS_FILE_SIZE_MAX - offset);
  // What a failed truncation left must not become visible again.
  if ((inode->raw->flags & VEXFS_INODE_TRUNCATING) != 0) return fail(EUCLEAN);
  auto written = write_all(engine, ino, offset, source, kill_setid);
  engine.stage.flush();
  return written;
}

Expected<size_t> Volume::write(InodeNumber ino, uint64_t offset, std::span<const std::byte> from,
                               bool kill_setid) {
  const iovec buffer{const_cast<std::byte*>(from.data()), from.size()};
  return write(ino, offset, std::span(&buffer, 1), kill_setid);
}

}  // namespace vexfs::core

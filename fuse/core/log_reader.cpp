// SPDX-License-Identifier: MIT
#include "fuse/core/log_reader.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "reference/contract/log.h"

namespace vexfs::core {
namespace {

template <typename Struct>
Struct load(std::span<const std::byte> bytes, size_t at) {
  Struct value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

LogReader::LogReader(BlockDevice& device, const Layout& layout, PlantedFault faults,
                     const Anchor& anchor)
    : device_(device), layout_(layout), faults_(faults), position_(anchor) {}

/** Makes bytes_ hold `count` blocks of the transaction at the position; the first `first` are
 * there. */
Expected<void> LogReader::read_blocks(uint64_t first, uint64_t count) {
  bytes_.resize(count * kBlockSize);
  for (uint64_t done = first; done < count;) {
    const uint64_t index = (position_.tail + done) % layout_.log.blocks;
    const uint64_t run = std::min(count - done, layout_.log.blocks - index);
    const auto into = std::span(bytes_).subspan(done * kBlockSize, run * kBlockSize);
    if (auto read = device_.read((layout_.log.start + index) * kBlockSize, into); !read) {
      return read;
    }
    done += run;
  }
  return {};
}

bool LogReader::header_ok() const {
  const auto header = load<vexfs_tx_header>(bytes_, 0);
  if (header.magic != VEXFS_TX_MAGIC || header.sequence != position_.sequence) return false;
  if (!faults_.planted(Fault::kStaleAccepted) &&
      (header.epoch != position_.epoch || header.prev_crc != position_.prev_crc)) {
    return false;
  }
  const uint64_t least = sizeof(vexfs_tx_header) + sizeof(vexfs_tx_commit);
  const uint64_t room = std::min(layout_.tx_max, layout_.log.blocks - blocks_read_);
  return header.bytes >= least && header.bytes <= room * kBlockSize;
}

bool LogReader::commit_ok() const {
  const auto header = load<vexfs_tx_header>(bytes_, 0);
  const size_t at = header.bytes - sizeof(vexfs_tx_commit);
  const auto commit = load<vexfs_tx_commit>(bytes_, at);
  const size_t covered = faults_.planted(Fault::kCommitCrcSpan) ? 8 : sizeof(vexfs_tx_commit);
  const auto whole = std::span<const std::byte>(bytes_);
  if (faults_.planted(Fault::kTornTailAccepted)) return true;
  return commit.magic == VEXFS_COMMIT_MAGIC && commit.sequence == position_.sequence &&
         commit.crc == layout_.checksum.of_two(header.epoch, whole.first(at),
                                               whole.subspan(at, covered),
                                               offsetof(vexfs_tx_commit, crc));
}

Expected<bool> LogReader::next() {
  if (blocks_read_ >= layout_.log.blocks) return false;
  if (transactions_ > 0 && faults_.planted(Fault::kOneReplayed)) return false;
  bytes_.clear();
  if (auto read = read_blocks(0, 1); !read) return fail(read.error());
  if (!header_ok()) return false;
  const auto header = load<vexfs_tx_header>(bytes_, 0);
  const uint64_t blocks = (header.bytes + kBlockSize - 1) / kBlockSize;
  const bool wraps = position_.tail + blocks > layout_.log.blocks;
  if (wraps && faults_.planted(Fault::kWrapNotFollowed)) return false;
  if (auto read = read_blocks(1, blocks); !read) return fail(read.error());
  if (!commit_ok()) return false;
  position_.prev_crc = load<vexfs_tx_commit>(bytes_, header.bytes - sizeof(vexfs_tx_commit)).crc;
  position_.tail = (position_.tail + blocks) % layout_.log.blocks;
  ++position_.sequence;
  blocks_read_ += blocks;
  ++transactions_;
  return true;
}

Expected<void> LogReader::for_each(
    const std::function<Expected<void>(const BlockImage&)>& apply) const {
  const auto header = load<vexfs_tx_header>(bytes_, 0);
  const size_t end = header.bytes - sizeof(vexfs_tx_commit);
  size_t at = sizeof(vexfs_tx_header);
  for (uint32_t i = 0; i < header.blocks; ++i) {
    if (end - at < sizeof(vexfs_tx_block)) return fail(EUCLEAN);
    const auto record = load<vexfs_tx_block>(bytes_, at);
    at += sizeof record;
    const size_t size = static_cast<size_t>(std::popcount(uint64_t{record.mask})) * VEXFS_UNIT_SIZE;
    if (end - at < size || !layout_.loggable(record.block)) return fail(EUCLEAN);
    const BlockImage image{.block = record.block,
                           .mask = record.mask,
                           .init = (record.flags & VEXFS_TX_BLOCK_INIT) != 0,
                           .units = std::span(bytes_).subspan(at, size)};
    if (auto applied = apply(image); !applied) return applied;
    at += size;
  }
  if (at != end) return fail(EUCLEAN);
  return {};
}

}  // namespace vexfs::core

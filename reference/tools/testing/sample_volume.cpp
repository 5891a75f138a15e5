// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <bit>
#include <cstring>
#include <set>

#include "reference/contract/log.h"
#include "reference/tools/inspect/block_roles.h"
#include "reference/tools/inspect/bytes.h"
#include "reference/tools/inspect/log.h"
#include "reference/tools/testing/volume_builder.h"

namespace vexfs::tools {
namespace {

using U32 = std::uint32_t;
using U64 = std::uint64_t;

void add_sample_events(VolumeBuilder& builder) {
  const U64 root = VEXFS_ROOT_INO;
  const std::string node = event_value<U32>({0100644, 0});
  builder.add_event({VEXFS_EV_CREATE, 2, root, {{VEXFS_TAG_NODE, node}, {VEXFS_TAG_NAME, "file"}}});
  builder.add_event({VEXFS_EV_MKDIR, 3, root, {{VEXFS_TAG_NODE, node}, {VEXFS_TAG_NAME, "dir"}}});
  builder.add_event(
      {VEXFS_EV_SYMLINK, 5, root, {{VEXFS_TAG_NAME, "short"}, {VEXFS_TAG_TARGET, "file"}}});
  builder.add_event({VEXFS_EV_HARDLINK, 4, root, {{VEXFS_TAG_NAME, "hard"}}});
  builder.add_event({VEXFS_EV_DELETE, 20, root, {{VEXFS_TAG_NAME, "gone"}}});
  builder.add_event({VEXFS_EV_RMDIR, 21, root, {{VEXFS_TAG_NAME, "gone dir"}}});
  builder.add_event({VEXFS_EV_RENAME,
                     4,
                     root,
                     {{VEXFS_TAG_NAME, "old"},
                      {VEXFS_TAG_NEW_NAME, "inner"},
                      {VEXFS_TAG_NEW_PARENT, event_value<U64>({3})},
                      {VEXFS_TAG_RENAME, event_value<U32>({0})},
                      {VEXFS_TAG_OTHER, event_value<U64>({22})}}});
  builder.add_event({VEXFS_EV_TRUNCATE, 2, 0, {{VEXFS_TAG_SIZE, event_value<U64>({0, 12288})}}});
  builder.add_event(
      {VEXFS_EV_CHMOD, 2, 0, {{VEXFS_TAG_MODE, event_value<U32>({0100600, 0100644})}}});
  builder.add_event({VEXFS_EV_CHOWN, 2, 0, {{VEXFS_TAG_OWNER, event_value<U32>({0, 0, 1, 1})}}});
  builder.add_event({VEXFS_EV_UTIMENS,
                     2,
                     0,
                     {{VEXFS_TAG_TIMES, event_value<U64>({1, 2}) + event_value<U32>({3, 4})}}});
  // The last has a long name, so that some record starts at the next block boundary.
  for (int i = 0; i < 20; ++i) {
    builder.add_event({VEXFS_EV_DELETE, 20, root, {{VEXFS_TAG_NAME, std::string(200, 'n')}}});
  }
  builder.add_event({VEXFS_EV_WRITE, 2, 0, {{VEXFS_TAG_RANGE, event_value<U64>({0, 12288})}}});
}

// The stream of a transaction whose only content is the metadata in which the images differ.
std::vector<std::byte> make_stream(const VolumeView& before, const std::vector<std::byte>& after,
                                   vexfs_tx_header header) {
  const vexfs_superblock& super = before.super();
  std::vector<std::byte> stream(sizeof header);
  const auto append = [&stream](const void* bytes, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(bytes);
    stream.insert(stream.end(), first, first + size);
  };
  std::set<U64> is_metadata;
  const VolumeView then = VolumeView::open(after).value();
  const BlockRoles roles(then);
  for (U64 number = super.state.start; number < end_of(super.data); ++number) {
    const BlockKind kind = roles.role(number).kind;
    if (kind != BlockKind::kFileData && kind != BlockKind::kUnused) is_metadata.insert(number);
  }
  for (U64 number = super.state.start; number < end_of(super.data); ++number) {
    if (!is_metadata.contains(number)) continue;
    const bool is_new = !before.block_in_use(number);
    static constexpr std::byte kZeros[kBlockSize] = {};
    const std::byte* old = is_new ? kZeros : before.block(number).data();
    const std::byte* now = after.data() + number * kBlockSize;
    vexfs_tx_block record{number, 0, is_new ? VEXFS_TX_BLOCK_INIT : 0U, 0};
    for (unsigned unit = 0; unit < 64; ++unit) {
      if (std::memcmp(old + unit * 64, now + unit * 64, 64) != 0) record.mask |= 1ULL << unit;
    }
    if (record.mask == 0) continue;
    ++header.blocks;
    append(&record, sizeof record);
    for (unsigned unit = 0; unit < 64; ++unit) {
      if ((record.mask >> unit & 1) != 0) append(now + unit * 64, 64);
    }
  }
  header.bytes = stream.size() + sizeof(vexfs_tx_commit);
  std::memcpy(stream.data(), &header, sizeof header);
  const vexfs_tx_commit commit{VEXFS_COMMIT_MAGIC, 0, header.sequence};
  append(&commit, sizeof commit);
  return stream;
}

}  // namespace

Geometry sample_geometry() {
  Geometry geometry;
  geometry.blocks = 1024;
  geometry.inodes = 64;
  geometry.extent_fanout = 4;
  geometry.max_links = 8;
  geometry.uuid = {0xa0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  geometry.label = "sample";
  return geometry;
}

VolumeBuilder sample_builder() {
  VolumeBuilder builder(sample_geometry());
  const U64 root = VEXFS_ROOT_INO;
  builder.add_file(root, "file", 3, 'f');
  const U64 dir = builder.add_directory(root, "dir");
  const U64 inner = builder.add_file(dir, "inner", 1, 'i');
  builder.add_name(root, "hard", inner);
  builder.inode(inner).nlink = 2;
  builder.add_symlink(root, "short", "file");
  builder.add_symlink(root, "long", std::string(200, 'l'));
  builder.add_name(root, "fifo", builder.add_inode(S_IFIFO | 0600, root));
  const U64 device = builder.add_inode(S_IFCHR | 0600, root);
  builder.inode(device).rdev = 1 << 8 | 3;
  builder.add_name(root, "device", device);
  builder.add_tree_file(root, "tree", 6);
  const U64 wide = builder.add_directory(root, "wide");
  builder.add_name(wide, "dropped", Sample::kFifo);
  builder.drop_first_name(wide);
  for (int i = 0; i < 20; ++i) {
    const U64 file = builder.add_inode(S_IFREG | 0644, wide);
    builder.add_name(wide, std::string(240, 'w') + std::to_string(i), file);
  }
  builder.set_units(31);
  add_sample_events(builder);
  return builder;
}

std::vector<std::byte> sample_volume() { return sample_builder().finish(); }

std::vector<std::byte> with_transaction(const std::vector<std::byte>& image,
                                        const std::vector<std::byte>& after) {
  VolumeView view = VolumeView::open(image).value();
  const vexfs_superblock super = view.super();
  vexfs_anchor anchor = *read_anchors(view).active();
  U64 index = anchor.tail;
  U32 prev_crc = anchor.prev_crc;
  U64 sequence = anchor.sequence;
  for (const Transaction& transaction : read_chain(view, anchor)) {
    apply_transaction(view, transaction);
    index = transaction.index + transaction.log_blocks;
    prev_crc = transaction.commit.crc;
    ++sequence;
  }
  const auto now = load<vexfs_state>(after, super.state.start * kBlockSize);
  vexfs_tx_header header{};
  header.magic = VEXFS_TX_MAGIC;
  header.epoch = anchor.epoch;
  header.sequence = sequence;
  header.first_unit = view.state().next_unit;
  header.units = static_cast<U32>(now.next_unit - view.state().next_unit);
  header.prev_crc = prev_crc;
  std::vector<std::byte> stream = make_stream(view, after, header);
  const std::size_t crc_at = stream.size() - sizeof(vexfs_tx_commit) + 4;
  store(MutableBytes(stream), crc_at, view.crc(header.epoch, stream, crc_at));
  std::vector<std::byte> result = image;
  std::memcpy(result.data() + (super.log.start + index) * kBlockSize, stream.data(), stream.size());
  if ((anchor.flags & VEXFS_ANCHOR_CLEAN) == 0) return result;
  // The next anchor, not CLEAN, is durable before the transaction is written.
  anchor.number += 1;
  anchor.flags = 0;
  anchor.crc = view.crc(anchor.number, std::as_bytes(std::span(&anchor, 1)), 4);
  store(MutableBytes(result), (1 + anchor.number % 2) * kBlockSize, anchor);
  return result;
}

std::vector<std::byte> dirty_sample_volume() {
  VolumeBuilder builder = sample_builder();
  const std::vector<std::byte> home = builder.finish();
  const U64 later = builder.add_directory(VEXFS_ROOT_INO, "later");
  builder.add_file(later, "data", 2, 'd');
  builder.set_units(34);
  const std::vector<std::byte> first = builder.finish();
  builder.add_name(Sample::kDirectory, "extra", Sample::kFifo);
  builder.inode(Sample::kFifo).nlink = 2;
  const U64 orphan = builder.add_inode(S_IFREG | 0600, VEXFS_ROOT_INO);
  builder.inode(orphan).nlink = 0;
  builder.set_orphan(orphan);
  builder.set_units(36);
  return with_transaction(with_transaction(home, first), builder.finish());
}

}  // namespace vexfs::tools

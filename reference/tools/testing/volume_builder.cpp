// SPDX-License-Identifier: MIT
#include "reference/tools/testing/volume_builder.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "reference/contract/directory.h"
#include "reference/tools/inspect/bytes.h"
#include "reference/tools/inspect/layout.h"
#include "reference/tools/mkfs/format_volume.h"

namespace vexfs::tools {
namespace {

template <typename T>
void store_sealed(MutableBytes image, std::uint64_t offset, const Uuid& uuid,
                  std::uint64_t location, T structure) {
  structure.crc =
      structure_crc(uuid, location, std::as_bytes(std::span(&structure, 1)), offsetof(T, crc));
  store(image, offset, structure);
}

void seal_block(std::vector<std::byte>& image, const Uuid& uuid, std::uint64_t block) {
  const MutableBytes bytes = MutableBytes(image).subspan(block * kBlockSize, kBlockSize);
  store(bytes, 4, structure_crc(uuid, block, bytes, 4));
}

std::size_t need(const BuiltName& name) { return VEXFS_DIR_NEED(name.name.size()); }

}  // namespace

VolumeBuilder::VolumeBuilder(const Geometry& geometry) : geometry_(geometry) {
  image_ = make_volume(geometry).value();
  super_ = load<vexfs_superblock>(image_);
  inodes_[VEXFS_ROOT_INO] = load<vexfs_inode>(
      image_, super_.inode_table.start * kBlockSize + VEXFS_ROOT_INO * VEXFS_INODE_SIZE);
  directories_[VEXFS_ROOT_INO];
}

void VolumeBuilder::set_bit(const vexfs_region& bitmap, std::uint64_t bit) {
  image_[bitmap.start * kBlockSize + bit / 8] |= std::byte{1} << (bit % 8);
}

std::uint64_t VolumeBuilder::allocate() {
  const Bytes bitmap = Bytes(image_).subspan(super_.block_bitmap.start * kBlockSize, kBlockSize);
  std::uint64_t block = super_.data.start;
  while (bit_is_set(bitmap, block)) ++block;
  set_bit(super_.block_bitmap, block);
  return block;
}

std::uint64_t VolumeBuilder::add_inode(std::uint16_t mode, std::uint64_t home) {
  const std::uint64_t ino = next_inode_++;
  vexfs_inode& made = inodes_[ino];
  made.mode = mode;
  made.nlink = 1;
  made.generation = ino;
  made.home = home;
  set_bit(super_.inode_bitmap, ino);
  return ino;
}

std::uint64_t VolumeBuilder::add_directory(std::uint64_t parent, const std::string& name) {
  const std::uint64_t ino = add_inode(S_IFDIR | 0755, parent);
  inodes_[ino].nlink = 2;
  ++inodes_[parent].nlink;
  directories_[ino];
  add_name(parent, name, ino);
  return ino;
}

std::uint64_t VolumeBuilder::add_file(std::uint64_t parent, const std::string& name,
                                      std::uint64_t blocks, char fill) {
  const std::uint64_t ino = add_inode(S_IFREG | 0644, parent);
  vexfs_extent extent{0, static_cast<__le32>(blocks), allocate()};
  for (std::uint64_t i = 1; i < blocks; ++i) allocate();
  std::memset(image_.data() + extent.pblk * kBlockSize, fill, blocks * kBlockSize);
  vexfs_inode& made = inodes_[ino];
  made.size = blocks * kBlockSize;
  made.blocks = blocks;
  made.extents = 1;
  std::memcpy(made.inline_area, &extent, sizeof extent);
  add_name(parent, name, ino);
  return ino;
}

std::uint64_t VolumeBuilder::add_tree_file(std::uint64_t parent, const std::string& name,
                                           unsigned extents) {
  const std::uint64_t ino = add_inode(S_IFREG | 0644, parent);
  const unsigned per_node = super_.extent_fanout;
  vexfs_inode& made = inodes_[ino];
  made.depth = 1;
  for (unsigned first = 0; first < extents; first += per_node) {
    const unsigned count = std::min(per_node, extents - first);
    const std::uint64_t node_block = allocate();
    std::byte* node_bytes = image_.data() + node_block * kBlockSize;
    const vexfs_extent_node node{.magic = VEXFS_NODE_MAGIC,
                                 .crc = 0,
                                 .entries = static_cast<__le16>(count),
                                 .depth = 0,
                                 .reserved = 0,
                                 .owner = ino,
                                 .reserved2 = 0};
    std::memcpy(node_bytes, &node, sizeof node);
    for (unsigned i = 0; i < count; ++i) {
      const vexfs_extent extent{2 * (first + i), 1, allocate()};
      std::memset(image_.data() + extent.pblk * kBlockSize, 't', kBlockSize);
      std::memcpy(node_bytes + sizeof node + i * sizeof extent, &extent, sizeof extent);
    }
    seal_block(image_, geometry_.uuid, node_block);
    const vexfs_extent_index index{2 * first, 0, node_block};
    std::memcpy(made.inline_area + made.extents * sizeof index, &index, sizeof index);
    ++made.extents;
    made.blocks += 1 + count;
  }
  made.size = (2 * extents - 1) * kBlockSize;
  add_name(parent, name, ino);
  return ino;
}

std::uint64_t VolumeBuilder::add_symlink(std::uint64_t parent, const std::string& name,
                                         const std::string& target) {
  const std::uint64_t ino = add_inode(S_IFLNK | 0777, parent);
  vexfs_inode& made = inodes_[ino];
  made.size = target.size();
  if (target.size() <= VEXFS_INLINE_BYTES) {
    std::memcpy(made.inline_area, target.data(), target.size());
  } else {
    const vexfs_extent extent{0, 1, allocate()};
    std::memcpy(image_.data() + extent.pblk * kBlockSize, target.data(), target.size());
    std::memcpy(made.inline_area, &extent, sizeof extent);
    made.extents = 1;
    made.blocks = 1;
  }
  add_name(parent, name, ino);
  return ino;
}

void VolumeBuilder::add_name(std::uint64_t parent, const std::string& name, std::uint64_t ino) {
  Directory& directory = directories_.at(parent);
  const BuiltName added{name, ino};
  std::size_t used = 0;
  if (!directory.blocks.empty()) {
    for (const BuiltName& there : directory.blocks.back()) used += need(there);
  }
  if (directory.blocks.empty() || used + need(added) > kBlockSize - 8) {
    directory.blocks.emplace_back();
    directory.places.push_back(allocate());
    const vexfs_extent extent{static_cast<__le32>(directory.places.size() - 1), 1,
                              directory.places.back()};
    vexfs_inode& owner = inodes_.at(parent);
    std::memcpy(owner.inline_area + owner.extents * sizeof extent, &extent, sizeof extent);
    ++owner.extents;
    ++owner.blocks;
    owner.size += kBlockSize;
  }
  directory.blocks.back().push_back(added);
}

void VolumeBuilder::drop_first_name(std::uint64_t parent) {
  directories_.at(parent).blocks.at(0).at(0).name.clear();
}

void VolumeBuilder::set_orphan(std::uint64_t ino) { set_bit(super_.orphan_bitmap, ino); }

std::vector<std::byte> VolumeBuilder::finish() const {
  std::vector<std::byte> image = image_;
  vexfs_state state{};
  write_inodes(image);
  write_directories(image);
  write_events(image, state);
  write_state(image, state);
  write_anchors(image);
  return image;
}

void VolumeBuilder::write_inodes(std::vector<std::byte>& image) const {
  for (const auto& [ino, inode] : inodes_) {
    store_sealed(image, super_.inode_table.start * kBlockSize + ino * VEXFS_INODE_SIZE,
                 geometry_.uuid, ino, inode);
  }
}

void VolumeBuilder::write_directories(std::vector<std::byte>& image) const {
  for (const auto& [ino, directory] : directories_) {
    for (std::size_t i = 0; i < directory.blocks.size(); ++i) {
      const std::uint64_t place = directory.places[i];
      const MutableBytes block = MutableBytes(image).subspan(place * kBlockSize, kBlockSize);
      store(block, 0, vexfs_dir_header{VEXFS_DIR_MAGIC, 0});
      std::size_t at = sizeof(vexfs_dir_header);
      for (const BuiltName& name : directory.blocks[i]) {
        const bool is_last = &name == &directory.blocks[i].back();
        const bool is_used = !name.name.empty();
        const auto length = is_last ? kBlockSize - at : is_used ? need(name) : 64;
        const auto type = is_used ? (inodes_.at(name.ino).mode & S_IFMT) >> 12 : 0;
        store(block, at,
              vexfs_dir_record{static_cast<__le32>(is_used ? name.ino : 0),
                               static_cast<__le16>(length), static_cast<__u8>(name.name.size()),
                               static_cast<__u8>(type)});
        std::memcpy(block.data() + at + 8, name.name.data(), name.name.size());
        at += length;
      }
      seal_block(image, geometry_.uuid, place);
    }
  }
}

void VolumeBuilder::write_events(std::vector<std::byte>& image, vexfs_state& state) const {
  const std::uint64_t ring = super_.ring.start * kBlockSize;
  std::uint64_t sequence = 0;
  for (const BuiltEvent& event : events_) {
    std::vector<std::byte> record(sizeof(vexfs_event));
    for (const auto& [tag, value] : event.fields) {
      const std::size_t at = record.size();
      record.resize(at + 4 + ((value.size() + 3) & ~std::size_t{3}));
      store(MutableBytes(record), at, vexfs_event_field{tag, static_cast<__le16>(value.size())});
      std::memcpy(record.data() + at + 4, value.data(), value.size());
    }
    vexfs_event header{};
    header.magic = VEXFS_EVENT_MAGIC;
    header.sequence = header.clock_counter = ++sequence;
    header.type = event.type;
    header.flags = VEXFS_EVF_ATOMIC | VEXFS_EVF_TRANSACTIONAL;
    header.priority = VEXFS_EVENT_PRIORITY_NORMAL;
    header.clock = VEXFS_EVENT_CLOCK_MANUAL;
    header.payload = static_cast<__le16>(record.size() - sizeof header);
    record.resize((record.size() + 63) & ~std::size_t{63});
    header.length = static_cast<__le16>(record.size());
    header.ino = event.ino;
    header.parent = event.parent;
    header.transaction = transaction_;
    header.epoch = 1;
    header.clock_volume = load<std::uint64_t>(std::as_bytes(std::span(geometry_.uuid)));
    header.unit = std::min(sequence, units_);
    store(MutableBytes(record), 0, header);
    store(MutableBytes(record), 4, structure_crc(geometry_.uuid, sequence, record, 4));
    const std::uint64_t left = kBlockSize - state.ring_head % kBlockSize;
    if (left < record.size()) state.ring_head += left;
    std::memcpy(image.data() + ring + state.ring_head, record.data(), record.size());
    state.ring_head += record.size();
  }
  state.next_event = sequence + 1;
}

void VolumeBuilder::write_state(std::vector<std::byte>& image, vexfs_state state) const {
  const auto count_clear = [&](const vexfs_region& bitmap) {
    std::uint64_t clear = 0;
    const Bytes bits = Bytes(image).subspan(bitmap.start * kBlockSize, bitmap.blocks * kBlockSize);
    for (std::uint64_t bit = 0; bit < bits.size() * 8; ++bit) clear += !bit_is_set(bits, bit);
    return clear;
  };
  state.magic = VEXFS_STATE_MAGIC;
  state.free_blocks = count_clear(super_.block_bitmap);
  state.free_inodes = count_clear(super_.inode_bitmap);
  state.inode_cursor = next_inode_;
  state.generation = next_inode_ - 1;
  state.next_unit = units_ + 1;
  store_sealed(image, super_.state.start * kBlockSize, geometry_.uuid, super_.state.start, state);
}

void VolumeBuilder::write_anchors(std::vector<std::byte>& image) const {
  for (std::uint64_t number = 2; number < 4; ++number) {
    vexfs_anchor anchor{};
    anchor.magic = VEXFS_ANCHOR_MAGIC;
    anchor.number = number;
    anchor.epoch = 1;
    anchor.tail = 1;
    anchor.sequence = transaction_ + 1;
    anchor.prev_crc = 0x12345678;
    anchor.flags = number == 3 ? VEXFS_ANCHOR_CLEAN : 0;
    store_sealed(image, (1 + number % 2) * kBlockSize, geometry_.uuid, number, anchor);
  }
}

}  // namespace vexfs::tools

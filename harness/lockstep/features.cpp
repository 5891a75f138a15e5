// SPDX-License-Identifier: MIT
#include "harness/lockstep/features.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include <endian.h>

#include "harness/scenario/door_reply.h"
#include "reference/contract/inode.h"
#include "reference/contract/log.h"
#include "reference/contract/superblock.h"
#include "reference/contract/vector.h"

namespace vexfs::parity {
namespace {

constexpr std::pair<const char*, bool Features::*> kNames[] = {
    {"wide directory", &Features::wide_directory},
    {"deep extents", &Features::deep_extents},
    {"wrapped log", &Features::wrapped_log},
    {"wrapped ring", &Features::wrapped_ring},
    {"unlinked open file", &Features::unlinked_open_file},
    {"crashed", &Features::crashed},
    {"linked vectors", &Features::linked_vectors},
    {"upper level", &Features::upper_level},
    {"duplicate vector", &Features::duplicate_vector},
    {"dead vector", &Features::dead_vector},
    {"search cut short", &Features::search_cut_short},
    {"search resumed", &Features::search_resumed},
    {"file vector", &Features::file_vector},
};

template <class Struct>
Struct load(const Image& volume, std::uint64_t offset) {
  Struct value{};
  if (volume.contains(offset, sizeof value)) {
    volume.read(offset, std::as_writable_bytes(std::span(&value, 1)));
  }
  return value;
}

// What a graph shows whose extents fit its inode. Slots fill one block after the other.
Features features_of_graph(const Image& volume, const vexfs_inode& inode) {
  Features features;
  if (le16toh(inode.depth) != 0) return features;
  vexfs_collection header{};
  std::uint32_t slots_left = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(le16toh(inode.extents), VEXFS_INLINE_EXTENTS);
       ++i) {
    vexfs_extent extent;
    std::memcpy(&extent, inode.inline_area + i * sizeof extent, sizeof extent);
    for (std::uint64_t b = 0; b < le32toh(extent.len); ++b) {
      const std::uint64_t place = (le64toh(extent.pblk) + b) * VEXFS_BLOCK_SIZE;
      if (le32toh(extent.lblk) + b == 0) {
        header = load<vexfs_collection>(volume, place);
        if (le32toh(header.magic) != VEXFS_COLLECTION_MAGIC) return features;
        slots_left = le32toh(header.slots);
        continue;
      }
      const std::uint32_t m = le16toh(header.m);
      const std::uint32_t here = std::min<std::uint32_t>(slots_left, VEXFS_SLOTS_PER_BLOCK(m));
      for (std::uint32_t slot = 0; slot < here; ++slot) {
        const auto record = load<vexfs_slot>(
            volume, place + sizeof(vexfs_graph_block) + slot * VEXFS_SLOT_BYTES(m));
        features.duplicate_vector |= le32toh(record.first) != VEXFS_SLOT_NONE;
      }
      slots_left -= here;
    }
  }
  features.linked_vectors = le32toh(header.linked) != 0;
  features.upper_level = le32toh(header.entry_level) != 0;
  features.dead_vector = le32toh(header.live) < le32toh(header.slots);
  return features;
}

}  // namespace

Features& Features::operator|=(const Features& other) {
  for (const auto& [name, member] : kNames) this->*member |= other.*member;
  return *this;
}

std::vector<std::string> names_of(const Features& features) {
  std::vector<std::string> names;
  for (const auto& [name, member] : kNames) {
    if (features.*member) names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> all_feature_names() {
  std::vector<std::string> names;
  for (const auto& [name, member] : kNames) names.emplace_back(name);
  return names;
}

Features features_of_volume(const Image& volume) {
  Features features;
  const auto super = load<vexfs_superblock>(volume, 0);
  const std::uint64_t table = le64toh(super.inode_table.start) * VEXFS_BLOCK_SIZE;
  for (std::uint64_t ino = 1; ino <= le64toh(super.inodes); ++ino) {
    const auto inode = load<vexfs_inode>(volume, table + ino * VEXFS_INODE_SIZE);
    features.wide_directory |=
        S_ISDIR(le16toh(inode.mode)) && le64toh(inode.size) > VEXFS_BLOCK_SIZE;
    features.deep_extents |= le16toh(inode.depth) >= 2;
    features.file_vector |= (le16toh(inode.flags) & VEXFS_INODE_VECTOR) != 0;
    const std::uint64_t graph = le32toh(inode.collection);
    if (graph == 0 || graph > le64toh(super.inodes)) continue;
    features |=
        features_of_graph(volume, load<vexfs_inode>(volume, table + graph * VEXFS_INODE_SIZE));
  }
  const std::uint64_t log = le64toh(super.log.start) * VEXFS_BLOCK_SIZE;
  const auto first = load<vexfs_tx_header>(volume, log);
  const bool first_is_original =
      le32toh(first.magic) == VEXFS_TX_MAGIC && le64toh(first.sequence) == 1;
  features.wrapped_log = !first_is_original && (first.magic != 0 || first.sequence != 0);
  const auto state = load<vexfs_state>(volume, le64toh(super.state.start) * VEXFS_BLOCK_SIZE);
  features.wrapped_ring = le64toh(state.ring_head) > le64toh(super.ring.blocks) * VEXFS_BLOCK_SIZE;
  return features;
}

Features features_of_step(const Step& step, const Outcome& outcome) {
  Features features;
  features.unlinked_open_file = std::holds_alternative<Fstat>(step.operation) && outcome.stat &&
                                outcome.stat->nlink == 0 && S_ISREG(outcome.stat->mode);
  features.search_cut_short = is_cut_short(outcome);
  features.search_resumed =
      std::holds_alternative<VectorResume>(step.operation) && answer_of(outcome) == 0;
  features.crashed = std::holds_alternative<Crash>(step.operation);
  return features;
}

}  // namespace vexfs::parity

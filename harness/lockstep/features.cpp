// SPDX-License-Identifier: MIT
#include "harness/lockstep/features.h"

#include <sys/stat.h>

#include <span>
#include <utility>

#include <endian.h>

#include "reference/contract/inode.h"
#include "reference/contract/log.h"
#include "reference/contract/superblock.h"

namespace vexfs::parity {
namespace {

constexpr std::pair<const char*, bool Features::*> kNames[] = {
    {"wide directory", &Features::wide_directory},
    {"deep extents", &Features::deep_extents},
    {"wrapped log", &Features::wrapped_log},
    {"wrapped ring", &Features::wrapped_ring},
    {"unlinked open file", &Features::unlinked_open_file},
    {"crashed", &Features::crashed},
};

template <class Struct>
Struct load(const Image& volume, std::uint64_t offset) {
  Struct value{};
  if (volume.contains(offset, sizeof value)) {
    volume.read(offset, std::as_writable_bytes(std::span(&value, 1)));
  }
  return value;
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
  features.crashed = std::holds_alternative<Crash>(step.operation);
  return features;
}

}  // namespace vexfs::parity

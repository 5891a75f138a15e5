// SPDX-License-Identifier: MIT
// Spoils volumes one field at a time and examines each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/malformed/use_volume.h"
#include "harness/malformed/volumes.h"

namespace vexfs::parity {

struct SpoilOptions {
  std::uint64_t seed = 1;
  std::size_t first = 0;
  std::size_t mutations = 10'000;
  std::size_t batch = 250;  // run in one process
};

/// A mutation after which something is wrong with an implementation.
struct Complaint {
  std::string kind;  // "disagreement", "death", "fsck": fsck sees nothing where mounts refuse
  std::string signature;
  std::size_t mutation = 0;  // its number
  std::vector<std::string> lines;
};

struct SpoilReport {
  std::map<std::string, std::uint64_t> outcomes;  // by name; they add up to all mutations
  std::vector<Complaint> complaints;
  std::uint64_t operations = 0;  // compared
};

/// Adds what another report counts.
void add(SpoilReport& to, const SpoilReport& from);

struct SpoiledVolume {
  Image image;
  Laid laid = Laid::kAll;
  std::string path;  // of the spoiled field
  std::string text;  // which volume, which field, its old and new value
};

/// Mutation number `n`: of volume n modulo their count. Half of those of each volume get their
/// checksum made right.
SpoiledVolume spoiled_volume(const std::vector<VolumeToSpoil>& volumes, std::uint64_t seed,
                             std::size_t n);

/// Examines mutation number `n` read-only and writable, and checks it with fsck.
SpoilReport spoil_one(const std::vector<VolumeToSpoil>& volumes, std::uint64_t seed, std::size_t n);

/// All mutations, in child processes: one that crashes or hangs is found and reported.
SpoilReport spoil_all(const std::vector<VolumeToSpoil>& volumes, const SpoilOptions& options);

}  // namespace vexfs::parity

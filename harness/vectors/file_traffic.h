// SPDX-License-Identifier: MIT
// Random operations on files with vectors: names come, go and move between two collections and the
// root, vectors are set, read and removed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fuse/hnsw/parameters.h"
#include "reference/posix/inode_volume.h"

namespace vexfs::parity {

enum class FileVerb : std::uint8_t {
  kMake,
  kUnlink,
  kRename,
  kLink,
  kSetVector,
  kGetVector,
  kRemoveVector,
  kMakeCollection,
  kRemoveCollection,
  kHold,
  kRelease,
  kSetClock,
  kSync,
};

struct FileAction {
  FileVerb verb = FileVerb::kMake;
  posix::Ino directory = 0;
  std::string name;
  posix::Ino other_directory = 0;
  std::string other_name;
  unsigned flags = 0;            // of rename or setxattr
  std::vector<std::byte> bytes;  // of a vector
  posix::Ino held = 0;           // whom to release
  std::int64_t nanoseconds = 0;  // of the clock
};

/// What the volume answers: an errno's name, or what a caller would see.
std::string act(posix::InodeVolume& volume, const FileAction& action);

/// The same seed gives the same actions, given the same answers.
class FileTraffic {
 public:
  /// `directories`: those among which names move; the last becomes a collection now and then.
  /// `parameters`: of the collection that one of them is.
  FileTraffic(std::vector<posix::Ino> directories, const hnsw::Parameters& parameters,
              std::uint64_t seed)
      : directories_(std::move(directories)), parameters_(parameters), random_(seed) {}

  FileAction next();
  /// A file that is held open is released by a later action.
  void saw(const FileAction& action, const std::string& answer);
  /// Nothing is held any more.
  void remounted() { held_.clear(); }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  posix::Ino some_directory();
  std::string some_name();
  std::vector<std::byte> some_row();

  std::vector<posix::Ino> directories_;
  hnsw::Parameters parameters_;
  std::mt19937_64 random_;
  std::vector<posix::Ino> held_;
};

}  // namespace vexfs::parity

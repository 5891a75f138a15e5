// SPDX-License-Identifier: MIT
// One collection twice: on a volume of the reference and on one of the engine, side by side.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "fuse/core/volume.h"
#include "harness/target/core_volume.h"
#include "harness/vectors/door_traffic.h"
#include "harness/vectors/file_traffic.h"
#include "reference/model/volume.h"

namespace vexfs::parity {

/// What the two do not agree on, for a person.
using Agreement = std::expected<void, std::string>;

class Twins {
 public:
  /// Volumes of `blocks` blocks with a directory that becomes a collection with `value`.
  static std::expected<std::unique_ptr<Twins>, std::string> make(std::uint64_t blocks,
                                                                 const std::string& value,
                                                                 const core::MountOptions& options);

  /// Sends the request to both and compares the replies byte for byte.
  std::expected<std::vector<std::byte>, std::string> send(const DoorMessage& message);
  /// Makes a directory in both roots.
  std::expected<posix::Ino, std::string> make_directory(const std::string& name);
  /// Does the action to both and compares the answers.
  std::expected<std::string, std::string> act(const FileAction& action);
  /// The directory whose collection this is.
  posix::Ino directory() const { return directory_; }
  /// Compares `graph`, `vectors` and `info`.
  Agreement compare_files();
  /// Unmounts both, compares every byte of the volumes, and mounts them again.
  Agreement remount();

 private:
  Twins() = default;
  Agreement mount();

  core::MountOptions options_;
  std::vector<std::byte> reference_image_;
  std::vector<std::byte> core_image_;
  std::unique_ptr<model::Volume> reference_;
  std::unique_ptr<core::Volume> core_;
  std::unique_ptr<CoreVolume> core_adapter_;
  posix::Ino directory_ = 0;
  posix::Ino graph_ = 0;  // as the directory names it now
};

}  // namespace vexfs::parity

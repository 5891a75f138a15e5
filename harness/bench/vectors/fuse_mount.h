// SPDX-License-Identifier: MIT
// A volume mounted by vexfs-fuse on this machine, and how long calls to it take.
#pragma once

#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace vexfs::parity {

class FuseMount {
 public:
  /// Mounts the image on the folder, which is made. Needs root and /dev/fuse.
  static std::expected<std::unique_ptr<FuseMount>, std::string> make(
      const std::filesystem::path& image, const std::filesystem::path& folder);
  /// Unmounts and waits for the daemon.
  ~FuseMount();
  FuseMount(const FuseMount&) = delete;
  FuseMount& operator=(const FuseMount&) = delete;

  /// Median time of a call that is nothing but a round trip to the daemon: statfs(2).
  std::expected<double, std::string> round_trip_seconds(std::size_t times) const;
  /// Median time of a request to the root's query door and its reply, which must not be an error.
  std::expected<double, std::string> door_seconds(
      std::span<const std::vector<std::byte>> requests) const;

 private:
  explicit FuseMount(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path folder_;
  pid_t daemon_ = 0;
};

}  // namespace vexfs::parity
